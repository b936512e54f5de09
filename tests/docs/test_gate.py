"""The gate of the recipe lets a better candidate in and stops one that is measurably worse, and its workflow does what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

PAGE = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("current", "candidate", "points", "code", "says"),
    [
        ("hashing", "wordllama", "1", 0, "met (better, +10.96"),
        ("wordllama", "hashing", "1", 1, "not met (worse, -10.96"),
        ("wordllama", "hashing", "11", 6, "cannot tell (worse, -10.96"),
        ("hashing", "hashing,dim=4096", "0.5", 6, "cannot tell (-0.28"),
        ("hashing", "hashing,dim=4096", "2", 0, "met (equivalent, -0.28"),
    ],
)
def test_the_gate_stops_what_is_worse(
    current: str, candidate: str, points: str, code: int, says: str, stsbench: Callable[..., CompletedProcess[str]]
) -> None:
    (command,) = re.findall(r"^\$ stsbench (compare .*)$", PAGE, re.M)
    asked = command.replace("wordllama", "CANDIDATE").replace("hashing", current).replace("CANDIDATE", candidate)
    done = stsbench(*shlex.split(asked.replace("--fail-if-worse 1", f"--fail-if-worse {points}")))
    assert done.returncode == code, done.stderr
    assert says in (done.stdout if code == 0 else done.stderr)


@pytest.mark.parametrize(("code", "ends", "warned"), [(0, 0, False), (1, 1, False), (6, 0, True), (4, 4, False)])
def test_the_workflow_ends_by_the_exit_code(code: int, ends: int, warned: bool, tmp_path: Path) -> None:
    (workflow,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    (step,) = [one for one in yaml.safe_load(workflow)["jobs"]["gate"]["steps"] if "compare" in one.get("run", "")]
    double = tmp_path / "stsbench"
    double.write_text(f"#!{sys.executable}\nraise SystemExit({code})\n")
    double.chmod(0o755)
    environment = {**os.environ, **step["env"], "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "::warning::" in done.stdout) == (ends, warned)
