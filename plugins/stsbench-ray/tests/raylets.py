"""A process that starts raylets: each line that it reads is one as JSON, and is answered when the raylet is there."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

PORT = 6379
STORE = 80 * 2**20  # bytes of a raylet's object store, about the least that Ray takes
HEALTH = {
    "initial_delay_ms": 0,
    "period_ms": 500,
    "timeout_ms": 2000,
    "failure_threshold": 3,
}  # who is gone is missed sooner than after 13 s, who waits for a processor is not


def main(folder: str) -> None:
    os.environ["RAY_TMPDIR"] = folder  # the cluster's address is noted there, not where this user's own clusters note theirs
    Path(folder, "ray").mkdir()  # which Ray takes for granted
    cluster = Cluster()
    for line in sys.stdin:
        wanted = json.loads(line)
        if version := wanted.pop("version", None):
            ray.__version__ = version  # what a cluster says of itself
        if wanted.pop("head", False):
            config = {f"health_check_{name}": much for name, much in HEALTH.items()} | wanted.pop("config", {})
            wanted |= {"include_dashboard": False, "gcs_server_port": PORT, "_system_config": config, "temp_dir": folder}
        surroundings = wanted.pop("environment", {})  # of the raylet itself
        os.environ.update(surroundings)
        cluster.add_node(wait=False, object_store_memory=STORE, **wanted)
        for name in surroundings:
            del os.environ[name]
        sys.stdout.write("there\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
