from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from stsbench_ray.executor import Cluster

from stsbench.plugin import OptionError

SCRIPT = """
import os
from pathlib import Path
from stsbench_ray.executor import Cluster
from stsbench_ray.workers import Actors
import reversing

workers = Cluster(most=1, threads=1).open(reversing.Reversing)
heard = []
while not heard:
    heard += workers.receive(1.0)
(there,) = heard
workers.send(there.worker, b"abc")
answers = []
while not answers:
    answers += workers.receive(1.0)
print(answers[0].answer.decode(), os.environ.get("RAY_USAGE_STATS_ENABLED"))
folder = workers.folder
workers.close()
print(Path(folder).exists())
"""


def test_nothing_of_ray_is_imported_before_it_is_opened() -> None:
    code = (
        "import sys; from stsbench.host.registry import Registry; r = Registry.installed(); "
        "print(r.resolve('executor', 'ray:10.0.0.7:6379,threads=2').build().needs, 'ray' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "{'workers': 'what the cluster has room for', 'threads': 2} False\n"


def test_options_below_zero_are_refused() -> None:
    with pytest.raises(OptionError, match="numbers of at least 0"):
        Cluster(threads=-1)


@pytest.mark.slow
def test_a_cluster_of_ones_own_answers_and_goes(tmp_path: Path) -> None:
    """In a network of its own, so that nothing of it can be reached from elsewhere, whatever Ray does."""
    alone = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    (tmp_path / "reversing.py").write_text(
        "class Reversing:\n    def __call__(self, message):\n        return message[::-1]\n", encoding="utf-8"
    )
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    line = f"ip link set lo up && PYTHONPATH={tmp_path} {sys.executable} {tmp_path / 'script.py'}"
    done = subprocess.run([*alone, "sh", "-c", line], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.split() == ["cba", "0", "False"], done.stderr[-2000:]
