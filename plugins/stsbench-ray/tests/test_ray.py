from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stsbench_ray.executor import Cluster

from stsbench.plugin import OptionError

STORED = """
import numpy as np
from stsbench.plugin import Component, Embeddings, Fingerprint, hookimpl
class Stored:
    views, token_views, fingerprint = ("sentence",), (), Fingerprint.of(weights="stored")
    def encode(self, texts, *, views, prompt=""):
        return Embeddings({"sentence": np.array([[len(text), text.count("e")] for text in texts], dtype=np.float32)})
def stored(): return Stored()
@hookimpl
def stsbench_encoders(): return [Component("stored", stored)]
"""
SCRIPT = """
import os
from pathlib import Path
from stsbench_ray.executor import Cluster
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
workers.send(there.worker, b"end")
while not (lost := [reply.lost for reply in workers.receive(1.0) if reply.lost]):
    pass
folder = workers.folder
workers.close()
log = lost[0].rpartition("`tail -n 50 ")[2].rstrip("`")
print("its end" in Path(log).read_text(), Path(folder, "session_latest", "sockets").exists())
"""


BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {name!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ray", "executor 'ray' needs Ray, which cannot be imported here (No module named 'ray'); run pip install 'stsbench[ray]'"),
        ("stsbench_ray", "there is no executor 'ray': install it with pip install 'stsbench[ray]'"),
    ],
)
def test_without_ray_or_the_plugin_the_line_that_installs_them_is_told(tmp_path: Path, name: str, said: str) -> None:
    """Of a run that would send texts to workers; without `--executor ray` neither is missed."""
    (tmp_path / "sitecustomize.py").write_text(BLOCKED.format(name=name), encoding="utf-8")
    (tmp_path / "stsbench_stored-1.0.dist-info").mkdir()
    (tmp_path / "stsbench_stored-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-stored\nVersion: 1.0\n")
    (tmp_path / "stsbench_stored-1.0.dist-info" / "entry_points.txt").write_text("[stsbench]\nstored = stsbench_stored\n")
    (tmp_path / "stsbench_stored.py").write_text(STORED, encoding="utf-8")
    paths = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    line = [sys.executable, "-P", "-m", "stsbench", "run", "stored", "-b", "mini", "-q", "--cache-dir", str(tmp_path / "cache")]
    ended = [
        subprocess.run([*line, *more], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths})
        for more in (["--executor", "ray"], [])
    ]
    assert [done.returncode for done in ended] == [2, 0], ended
    assert f"error: {said}" in ended[0].stderr
    assert len(ended[0].stderr.splitlines()) == 1


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
        "import os, sys\nclass Reversing:\n    def __call__(self, message):\n        if message == b'end':\n"
        "            print('its end', file=sys.stderr, flush=True)\n            os._exit(1)\n        return message[::-1]\n",
        encoding="utf-8",
    )
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    checkout = tmp_path / "checkout"  # where the driver runs: what lies there is not what is installed where workers run
    checkout.mkdir()
    (checkout / "reversing.py").write_text("raise ImportError('of another state')\n", encoding="utf-8")
    line = f"ip link set lo up && PYTHONPATH={tmp_path}:$PYTHONPATH {sys.executable} {tmp_path / 'script.py'}"
    done = subprocess.run([*alone, "sh", "-c", line], cwd=checkout, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.split() == ["cba", "0", "True", "False"], done.stderr[-2000:]
