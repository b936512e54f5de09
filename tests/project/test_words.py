"""The words of the code: a name says what it names, one class name is one thing, and no line is too long."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VAGUE = {"one", "own", "found", "told"}  # names of a value; on one line of a comprehension it is plain what they stand for
LONGEST = 140  # characters of a line
NO_CODE = {".venv", "build", "__pycache__"}


def room(path: Path) -> str:
    """The folder that a file belongs to: `stsbench/api`, `stsbench/builtin/page`, `plugins`, `tests/cli`."""
    parts = path.relative_to(ROOT).parts[:-1]
    if parts[0] == "plugins":
        return "plugins/tests" if "tests" in parts else "plugins"
    return "/".join(parts[: 3 if parts[1:2] == ("builtin",) and parts[0] == "stsbench" else 2])


ROOMS: dict[str, list[Path]] = defaultdict(list)
for folder in ("stsbench", "plugins", "benchmarks", "tests"):
    for file in sorted((ROOT / folder).rglob("*.py")):
        if not NO_CODE & set(file.relative_to(ROOT).parts):
            ROOMS[room(file)].append(file)

# What is not clean yet. Nothing is added here; take out what is.
UNCLEAN = {
    "tests/api",
    "tests/audit",
    "tests/builtin",
    "tests/cli",
    "tests/evidence",
    "tests/project",
    "tests/runner",
    "tests/stats",
}


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def vague(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Variables and arguments with a vague name, but those of a comprehension or lambda on one line."""
    short = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda) and node.lineno == node.end_lineno
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=word) | ast.Name(id=word, ctx=ast.Store()) if word in VAGUE and id(node) not in short:
                yield node.lineno, word


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def core() -> dict[Path, ast.Module]:
    """What is no test, parsed: too much to be held by every process that has collected these tests."""
    return {file: tree_of(file) for name, files in ROOMS.items() if "tests" not in name for file in files}


def faults(files: list[Path]) -> list[str]:
    """The vague names and the long lines of some files."""
    names = [f"{where(file, line)}: {word}" for file in files for line, word in vague(tree_of(file))]
    lines = [(file, number, line) for file in files for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)]
    return names + [f"{where(file, number)}: {len(line)} characters" for file, number, line in lines if len(line) > LONGEST]


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_names_say_what_they_name_and_lines_are_short(name: str) -> None:
    if name in UNCLEAN:
        assert faults(ROOMS[name]), "it is clean: take it from the list"
    else:
        assert not faults(ROOMS[name])


def test_one_class_name_is_one_thing(core: dict[Path, ast.Module]) -> None:
    classes = defaultdict(list)
    for file, tree in core.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name].append(where(file, node.lineno))
    assert {name: places for name, places in classes.items() if len(places) > 1} == {}


def test_all_of_a_benchmark_has_a_name(core: dict[Path, ast.Module]) -> None:
    """A lone star stands for all splits, benchmarks or the like: `WHOLE`, but in patterns and where Markdown is escaped."""
    patterns = {
        id(given)
        for tree in core.values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("glob", "rglob", "replace")
        for given in call.args
    }
    stars = {
        file.relative_to(ROOT).as_posix()
        for file, tree in core.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value == "*" and id(node) not in patterns
    }
    assert stars == {"stsbench/contracts/identity.py"}
