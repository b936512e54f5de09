"""Evidence is of the systems and not of the machine: a processor of fewer instruction sets computes the same boards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKED = "from numpy._core._multiarray_umath import __cpu_features__ as can; print(can['AVX2'], can['AVX512F'])"


@pytest.mark.campaign
def test_mini_computed_anew_is_the_same_without_avx512(tmp_path: Path) -> None:
    if shutil.which("cc") is None or " cpuid_fault" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("needs a C compiler, and a processor that lets a process hide what it can")
    library = tmp_path / "hold_avx2.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, ROOT / "benchmarks" / "hold_avx2.c"], check=True)
    held = {**os.environ, "LD_PRELOAD": str(library)}
    said = subprocess.run([sys.executable, "-c", ASKED], env=held, check=True, capture_output=True, text=True)
    if said.stdout != "True False\n":
        assert said.stdout.startswith("False"), "hides AVX-512 from whoever asks"
        pytest.skip("needs a processor with AVX2")
    committed, board = ROOT / "leaderboards" / "mini", tmp_path / "mini"
    shutil.copytree(committed, board)
    command = [sys.executable, "-m", "stsbench", "run", "--board", str(board), "--fresh", "--cache-dir", str(tmp_path / "cache")]
    ran = subprocess.run(command, env=held, capture_output=True, text=True)
    assert (ran.returncode, "were computed anew, and all agree" in ran.stderr) == (0, True), ran.stderr
    for path in (path for path in committed.rglob("*") if path.is_file()):
        assert (board / path.relative_to(committed)).read_bytes() == path.read_bytes(), path
