"""Help in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from stsbench.cli.app import app


def commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, *path, name)


@pytest.mark.parametrize("path", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_no_type_of_python_is_in_a_help(path: tuple[str, ...]) -> None:
    found = CliRunner().invoke(app, [*path, "--help"])
    assert found.exit_code == 0
    assert "list[" not in found.output
    assert "range>" not in found.output
    for line in found.output.splitlines():
        assert not re.search(r"-\S+ <(str|int|float)>|\{[a-z]", line), line


def test_every_command_prints_json_where_it_is_asked_to() -> None:
    def lacking(command: Any, *path: str) -> Iterator[str]:
        inner = getattr(command, "commands", {})
        if not inner and not any("--json" in parameter.opts for parameter in command.params):
            yield " ".join(path)
        for name, one in inner.items():
            yield from lacking(one, *path, name)

    assert list(lacking(typer.main.get_command(app))) == []


@pytest.mark.parametrize(
    "arguments",
    [["run", "--results", ""], ["run", "--mirror", ""], ["compare", "--results", ""], ["leaderboard", "build", ""], ["encode", "-o", ""]],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 2
    assert "it is empty; name a file or folder" in found.output
    assert not list(tmp_path.iterdir())
