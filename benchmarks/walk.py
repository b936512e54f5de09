"""How far a board walks through the core: calls from one top-level package of stsbench into another, and parses of record files.

python benchmarks/walk.py [--board DIR] [--source CHECKOUT] [--edges USE_CASE] [--json]

A call crosses where the nearest function of the core beneath it on the stack is another package's, whatever stands between; generated
methods and the bodies of modules and classes are no calls. All threads are counted. `--source` measures another checkout by this script.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType

Function = tuple[str, str]  # its module and its name there
USE_CASES = ("check_board", "run_board, warm", "run_board, fresh")


def package_of(module: str) -> str | None:
    """The top-level package of the core that a module belongs to; None for what is not of the core."""
    return module.split(".")[1] if module.startswith("stsbench.") else None


class Walk:
    """What one use case did; it is the profile function that counts it."""

    def __init__(self) -> None:
        self.crossings: Counter[tuple[Function, Function]] = Counter()
        self.modules: set[str] = set()
        self.parses: Counter[str] = Counter()  # by the name of the record file
        self._functions: dict[CodeType, Function | None] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code.co_name.startswith("model_validate") and getattr(frame.f_locals.get("cls"), "__name__", "") == "RecordFile":
            self.parses[_file_of(frame)] += 1
        callee = self._function(frame)
        if callee is None or (code.co_flags & inspect.CO_GENERATOR and code.co_code[frame.f_lasti + 1]):  # a generator that goes on
            return
        self.modules.add(callee[0])
        beneath, caller = frame.f_back, None
        while beneath is not None and (caller := self._function(beneath)) is None:
            beneath = beneath.f_back
        if caller is not None and package_of(caller[0]) != package_of(callee[0]):
            self.crossings[caller, callee] += 1

    def _function(self, frame: FrameType) -> Function | None:
        code = frame.f_code
        if code not in self._functions:
            module = frame.f_globals.get("__name__", "")
            written = code.co_flags & inspect.CO_OPTIMIZED and code.co_filename.endswith(".py")
            self._functions[code] = (module, code.co_qualname) if written and package_of(module) else None
        return self._functions[code]

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Count what is called in all threads meanwhile."""
        threading.setprofile(self)
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def figures(self) -> dict[str, int]:
        return {
            "calls": self.crossings.total(),
            "edges": len(self.crossings),
            "modules": len(self.modules),
            "packages": len({package_of(module) for module in self.modules}),
            "parses": self.parses.total(),
            "files": len(self.parses),
            "most of one": max(self.parses.values(), default=0),
        }


def _file_of(frame: FrameType) -> str:
    """The record file that is being parsed, of which the nearest caller knows the path."""
    beneath: FrameType | None = frame
    while beneath is not None:
        for value in beneath.f_locals.values():
            if isinstance(value, Path) and value.suffix == ".json":
                return f"{value.parent.name}/{value.name}"
        beneath = beneath.f_back
    return "?"


def use_cases(cache: Path) -> dict[str, Callable[[Path], object]]:
    """What is measured, by name, each of a board's folder, as the checkout that is imported calls it."""
    from stsbench.api.boards import check_board, run_board
    from stsbench.api.session import Session

    opened: Callable[[Path], object] = Path
    with suppress(ImportError):  # before folders were opened, their paths were handed in
        opened = import_module("stsbench.evidence.folder").BoardFolder

    def called(function: Callable[..., object], path: Path, **options: object) -> object:
        folder = opened(path)
        if "session" in inspect.signature(function).parameters:
            return function(folder, Session.opened(cache=cache), **options)
        if function is run_board:  # before sessions were handed in
            options["cache"] = cache
        return function(folder, **options)

    return {
        "check_board": lambda folder: called(check_board, folder),
        "run_board, warm": lambda folder: called(run_board, folder, fresh=False, accept=True),
        "run_board, fresh": lambda folder: called(run_board, folder, fresh=True, accept=True),
    }


def walks(board: Path) -> dict[str, Walk]:
    """The walk of each use case through a copy of `board` that is complete, in a process that has loaded what it takes."""
    followed: dict[str, Walk] = {}
    with tempfile.TemporaryDirectory() as scratch:
        complete = Path(shutil.copytree(board, Path(scratch, "complete", board.name)))
        cases = use_cases(Path(scratch, "cache"))
        for name in reversed(USE_CASES):
            cases[name](complete)
        for name in USE_CASES:
            folder = Path(shutil.copytree(complete, Path(scratch, name, board.name)))
            followed[name] = Walk()
            with followed[name].followed():
                cases[name](folder)
    return followed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", type=Path, help="the board's folder; by default that of mini")
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[1], help="the checkout whose code is measured")
    parser.add_argument("--edges", choices=USE_CASES, help="list the calls of one of them, most frequent first")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    places = [str(given.source.resolve()), *map(str, sorted(given.source.resolve().glob("plugins/*/src")))]
    if os.environ.get("PYTHONPATH", "").split(os.pathsep) != places:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
        sys.exit(subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode)
    followed = walks(given.board or given.source / "leaderboards" / "mini")
    if given.json:
        print(json.dumps({name: walk.figures() for name, walk in followed.items()}))
    elif given.edges:
        for (caller, callee), count in followed[given.edges].crossings.most_common():
            print(f"{count:8,}  {'.'.join(caller)} -> {'.'.join(callee)}")
    else:
        rows = {name: walk.figures() for name, walk in followed.items()}
        print(" " * 18 + "".join(f"{column:>13}" for column in rows[USE_CASES[0]]))
        for name, row in rows.items():
            print(f"{name:18}" + "".join(f"{value:13,}" for value in row.values()))


if __name__ == "__main__":
    main()
