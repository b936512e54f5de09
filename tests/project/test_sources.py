"""Rules that every file of the project keeps."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "stsbench").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_stay_small(path: Path) -> None:
    assert path.read_text().count("\n") <= 300


def test_nothing_unpickles_or_runs_remote_code() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.partition(".")[0] for alias in node.names} | {(getattr(node, "module", None) or "").partition(".")[0]}
                assert not names & {"pickle", "dill", "cloudpickle", "shelve", "marshal"}, path
            if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
                assert not (isinstance(node.value, ast.Constant) and node.value.value is True), path


def test_no_path_of_a_machine_in_a_tracked_file() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in (".parquet", ".png"):
            found = re.search(r"(?<![\w.])/(home|root|Users|work)/\w+", path.read_text(encoding="utf-8", errors="ignore"))
            assert found is None or name == "tests/project/test_sources.py", f"{name}: {found and found[0]}"


def test_the_version_is_one_everywhere() -> None:
    import tomllib

    from stsbench import __version__

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__


def test_only_contracts_compare_with_the_mark_of_a_whole_benchmark() -> None:
    """`is_whole` says it. What was not planned has the mark as encoder or benchmark, and a difference as benchmark: that is another."""
    for path in SOURCES:
        if "contracts" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                marks = {own.value for side in sides for own in ast.walk(side) if isinstance(own, ast.Constant)} & {"*"}
                other = {side.attr for side in sides if isinstance(side, ast.Attribute)} & {"encoder", "benchmark"}
                assert not marks or other, f"{path}:{node.lineno}"
