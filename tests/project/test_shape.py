"""The shape of the code: how much a function is told, who opens a session, and what a use case may lean on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
API = ROOT / "stsbench" / "api"
CODE = [*(ROOT / "stsbench").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py"), *(ROOT / "benchmarks").rglob("*.py")]
MOST = 8  # parameters
LONG = {
    "stsbench/api/evaluate.py: evaluate": "the way in from Python, which opens the session itself",
}  # functions that are told more, and why


DOOR = {"report.py": {"compare"}, "training.py": {"compare"}}  # no use cases: what a run or a trainer is handed, which calls one


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def told(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many values a caller may give it."""
    given = [*function.args.posonlyargs, *function.args.args]
    return len(given) + len(function.args.kwonlyargs) - (bool(given) and given[0].arg in ("self", "cls"))


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether its parameters are those of a command line."""
    decorators = [one.func if isinstance(one, ast.Call) else one for one in function.decorator_list]
    return any(isinstance(one, ast.Name) and one.id in ("guarded", "session_from") for one in decorators)


def test_no_function_is_told_more_than_eight_values() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {function.name}"
        for path in CODE
        for function in functions(path)
        if told(function) > MOST and not is_command(function)
    }
    assert found == set(LONG), "shorten what is new here, and take what is short now from the list"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", sorted(API.rglob("*.py")), ids=lambda path: path.relative_to(API).as_posix())
def test_a_use_case_leans_on_no_other(path: Path) -> None:
    room = path.relative_to(API).parts[0]
    allowed = {"session", "report", *DOOR.get(room, ()), *([room] if path.parent != API else [])}
    named = {name.split(".")[2] for name in imports(path) if name.startswith("stsbench.api.")}
    assert named <= allowed, "what two use cases share is none: it belongs to the session, to evidence or below"


FULL = {"stsbench/api": "a module a use case"}  # rooms of more modules, and why


def test_no_room_is_so_full_that_its_groups_are_hidden() -> None:
    rooms = {path.parent for path in (ROOT / "stsbench").rglob("*.py")}
    full = {room.relative_to(ROOT).as_posix() for room in rooms if len(list(room.glob("*.py"))) > 24}
    assert full == set(FULL), "make a room of what belongs together, and take what has become smaller from the list"


def test_the_map_for_contributors_has_every_room() -> None:
    places = (ROOT / "docs" / "develop.md").read_text(encoding="utf-8").partition("## Where things are")[2].partition("\n## ")[0]
    rooms = {path.parent.name for path in (ROOT / "stsbench").glob("*/__init__.py")}
    inner = {path.parent.name for room in ("contracts", "stats", "cli") for path in (ROOT / "stsbench" / room).glob("*/__init__.py")}
    assert not {room for room in rooms | inner if f"`{room}`" not in places}


def test_the_command_line_opens_sessions_in_one_place() -> None:
    users = [path.name for path in (ROOT / "stsbench" / "cli").rglob("*.py") if "Session.opened(" in path.read_text(encoding="utf-8")]
    assert users == ["opening.py"]


def test_a_job_is_encoded_by_those_who_let_it_go() -> None:
    """Whoever needs an encoded job has it from a session, as a context."""
    users = {path.name for path in CODE if "encoded_job(" in path.read_text(encoding="utf-8")}
    assert users == {"run.py", "session.py"}


def test_a_heavy_library_is_imported_by_the_tests_that_use_it(imported_to_collect: set[str]) -> None:
    """Inside of them, that is: each process that shares the tests collects all, and would hold it."""
    assert imported_to_collect == set()
