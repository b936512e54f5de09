"""Every import contract is broken by a planted violation, so none of them is idle."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copytree(ROOT / "stsbench", folder / "stsbench", ignore=shutil.ignore_patterns("__pycache__"))
    for source in (ROOT / "plugins").glob("*/src/*"):
        if source.is_dir() and (source / "__init__.py").exists():
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def lint(folder: Path) -> str:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("stsbench/stats/correlation.py", "from stsbench.cli.printing import table", "Dependencies point down"),
        ("stsbench/contracts/ref.py", "import stsbench.host.registry", "Dependencies point down"),
        ("stsbench/builtin/floor.py", "import stsbench.runner.plan", "Dependencies point down"),
        ("stsbench/newcomer.py", "VALUE = 1", "Dependencies point down"),
        ("stsbench/runner/score.py", "import torch", "The core imports no torch"),
        ("stsbench/api/doctor.py", "import sentence_transformers", "The core imports no torch"),
        ("stsbench/api/doctor.py", "import datasets", "datasets is imported in one place"),
        ("stsbench_wordllama/encoder.py", "import stsbench.host.registry", "Plugins import stsbench.plugin"),
        ("stsbench_example/__init__.py", "from stsbench.contracts.data import Tokens", "Plugins import stsbench.plugin"),
        ("stsbench/api/doctor.py", "import stsbench_wordllama", "The core does not know its plugins"),
        ("stsbench/stats/correlation.py", "import stsbench.stores.merge\nimport stsbench.runner.score", "No cycles"),
        ("stsbench_transformers/pytorch/pooling.py", "import stsbench_transformers.pytorch.backbone", "nor of a plugin"),
        ("stsbench_linear/factors.py", "import stsbench_linear.encoder", "nor of a plugin"),
        (
            "stsbench_transformers/batching/probing.py",
            "import stsbench_transformers.backends",
            "Dependencies point down in stsbench-transformers",
        ),
        (
            "stsbench_sentence_transformers/reading/kinds.py",
            "import stsbench_sentence_transformers.running.loading",
            "in stsbench-sentence-transformers",
        ),
        ("stsbench_transformers/views.py", "import stsbench_sentence_transformers.reading.kinds", "does not know who builds on it"),
    ],
)
def test_a_planted_violation_breaks_the_contract(copy: Path, module: str, line: str, contract: str) -> None:
    path = copy / module
    before = path.read_text() if path.exists() else None
    path.write_text(f"{line}\n{before or ''}".replace("from __future__ import annotations\n", ""))
    try:
        report = lint(copy)
    finally:
        path.unlink() if before is None else path.write_text(before)
    broken = [row for row in report.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), report


def test_the_contracts_hold(copy: Path) -> None:
    report = lint(copy)
    assert "0 broken" in report, report
