"""Joining a cluster, or starting one of one's own; what its machines have, and whether it is still there."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import ray
from ray.exceptions import AuthenticationError, RayError
from ray.job_config import JobConfig

from stsbench.plugin import OptionError, Plain, PluginError
from stsbench_ray.wanted import Wanted

QUIET: Final[Mapping[str, Any]] = {"log_to_driver": False, "logging_level": "CRITICAL"}
ANSWERS: Final = 5.0  # seconds in which a head that is there does
KEPT: Final = "what was finished is kept, run again to go on"


class _Installed(JobConfig):
    """A job whose workers import what is installed where they run.

    Ray puts the folder of the script that joins, and the current one, before all else on their path: there, another state of stsbench or of
    a plugin may lie, as in a checkout.
    """

    @property
    def _py_driver_sys_path(self) -> list[str]:
        return []

    @_py_driver_sys_path.setter
    def _py_driver_sys_path(self, folders: list[str]) -> None:
        """Take none."""


def join(cluster: Wanted, folder: str) -> None:
    """Be a driver of the cluster; one of one's own has its files in `folder`. Raises OptionError where there is none to join."""
    if not cluster.host:
        ray.init(address="local", _temp_dir=folder, include_dashboard=False, job_config=_Installed(), **QUIET)
        return
    if reason := unanswered(cluster.host):
        raise OptionError(
            f"no Ray cluster answers at {cluster.host} ({reason}); start one with `ray start --head`, of Ray {ray.__version__}, "
            "or write ray alone for one of this machine"
        )
    try:
        ray.init(address=cluster.host, job_config=_Installed(), **QUIET)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        raise OptionError(_refusal(cluster.host, error)) from error


def unanswered(host: str) -> str:
    """Why nothing answers there; empty where something does."""
    name, _, port = host.rpartition(":")
    try:
        socket.create_connection((name, int(port)), ANSWERS).close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _refusal(host: str, error: BaseException) -> str:
    """In one sentence, why a cluster that answers cannot be joined."""
    causes = list(_causes(error))
    if any(isinstance(cause, AuthenticationError) or AuthenticationError.__name__ in str(cause) for cause in causes):
        return f"the cluster at {host} asks for its token; set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN as on its head"
    text = " ".join(str(causes[-1]).split())
    if there := re.search(r"started with: Ray: (\S+) Python: (\S+)", text):
        mine, same = (
            f"Ray {ray.__version__} and Python {sys.version.split()[0]}",
            f"both have to be the same: run pip install ray=={there[1]}",
        )
        return f"the cluster at {host} runs Ray {there[1]} and Python {there[2]}, here are {mine}; {same}"
    return f"the cluster at {host} cannot be joined from here ({type(error).__name__}: {text[:200]}); run this on one of its machines"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def alive() -> list[dict[str, Any]]:
    """The machines that are there, by name. Raises PluginError where this process's own is not."""
    known: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    nodes = sorted((node for node in known if node["Alive"]), key=lambda node: (node["NodeName"], node["NodeID"]))
    if ray.get_runtime_context().get_node_id() not in {node["NodeID"] for node in nodes}:
        raise PluginError(f"the raylet of this machine has ended, and with it every worker of the run; {KEPT}")
    return nodes


def room(cluster: Wanted, resources: Mapping[str, float]) -> int:
    """How many workers a machine takes."""
    return min(int(resources.get(name, 0.0) // much) for name, much in cluster.takes.items())


def require_room(cluster: Wanted) -> None:
    """Raises OptionError where no machine takes a worker."""
    nodes = alive()
    if any(room(cluster, node["Resources"]) for node in nodes):
        return
    there = "; ".join(f"{node['NodeName']} has {has(node['Resources'], cluster)}" for node in nodes[:8])
    wanted = ", ".join(f"{name}={much}" for name, much in cluster.needs.items() if name != "workers")
    raise OptionError(f"no machine has room for a worker of {wanted} ({there}); let it take less, with options of the executor")


def has(resources: Mapping[str, float], cluster: Wanted) -> str:
    """What a machine has of what can be asked for."""
    facts = [f"{resources.get(name, 0):g} {name}" for name in dict.fromkeys(("CPU", "GPU", *cluster.takes)) if name != "memory"]
    return ", ".join([*facts, f"{resources.get('memory', 0) / 1e6:.0f} MB"])


def state(cluster: Wanted) -> dict[str, Plain]:
    """What there is to start workers on, machine by machine; one's own cluster is not started for that. Raises OptionError."""
    facts: dict[str, Plain] = {"Ray": ray.__version__}
    if not cluster.host:
        return {**facts, "cluster": "one of this machine's own is started for each run"}
    join(cluster, "")
    try:
        for node in alive():
            name = node["NodeName"] if node["NodeName"] not in facts else f"{node['NodeName']} {node['NodeID'][:8]}"
            count = room(cluster, node["Resources"])
            facts[name] = f"{has(node['Resources'], cluster)}: room for {count} {'worker' if count == 1 else 'workers'}"
    finally:
        leave()
    return facts


def leave() -> None:
    """Be no driver any more; what the cluster runs for this process ends."""
    with suppress(RayError, RuntimeError):
        ray.shutdown()
