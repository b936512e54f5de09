"""Help in words."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize("path", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_a_help_fits_a_narrow_terminal(path: tuple[str, ...]) -> None:
    """At 80 columns no line is longer, and no placeholder is nested in brackets of its own."""
    told = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).output
    assert [line for line in told.splitlines() if len(line) > 80] == []
    assert "[[" not in told.partition("\n\n")[0]


def test_every_command_prints_json_where_it_is_asked_to() -> None:
    def lacking(command: Any, *path: str) -> Iterator[str]:
        inner = getattr(command, "commands", {})
        if not inner and not any("--json" in parameter.opts for parameter in command.params):
            yield " ".join(path)
        for name, one in inner.items():
            yield from lacking(one, *path, name)

    assert list(lacking(typer.main.get_command(app))) == []


def test_an_export_is_one_document_where_json_is_asked_for() -> None:
    folder = Path(__file__).parents[2] / "leaderboards" / "mini"
    told = json.loads(CliRunner().invoke(app, ["export", str(folder), "--to", "csv", "--json"]).stdout)
    assert told == {"files": {file.name: file.read_bytes().decode() for file in folder.glob("*.csv")}}


@pytest.mark.parametrize("target", ["nowhere", "link"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--results", "link"], ["run", "--board", "link/board"], ["compare", "--results", "link"], ["report", "link"],
        ["report", "link", "-o", "link"], ["leaderboard", "check", "link"], ["choose", "status", "link"],
        ["cache", "info", "--cache-dir", "link"],
        ["decide", "-o", "link/decision.json"], ["results", "merge", "link", "link"], ["export", "link", "--to", "csv"],
        ["matrix", "-f", "link"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_link_that_leads_nowhere_is_named(arguments: list[str], target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or in a circle; nothing is made at its end, and nothing takes its place."""
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to(target)
    found = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert (found.exit_code, "link is a link to what is not there; make that, or name another file or folder" in found.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir() if path.is_symlink()] == ["link"]
    assert len(list(tmp_path.iterdir())) == 1


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
