"""`--show-private`: owners see their own texts and groups on their terminal, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

CANARY = "heliotrope canary"
SHARED = ["-b", "csv:own.csv,group=kind", "--resamples", "199", "-q"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    rows = [
        f"{CANARY} {' '.join(words[:6])} a{row},{' '.join(words[row % 7 : row % 7 + 6])} b{row},{6 - row % 7},secret{'ab'[row % 2]}"
        for row in range(40)
    ]
    again = rows[0].replace(",6,", ",2,")
    Path("own.csv").write_text("\n".join(["sentence1,sentence2,score,kind", *rows, again]))
    return tmp_path


def invoke(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "400"})


def test_a_comparison_says_that_it_hides_and_shows_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke("compare", "hashing", "token-jaccard", *SHARED)
    assert result.exit_code == 0
    assert "canary" not in result.output
    assert "secret" not in result.output
    assert "is private, so no text, gold or group of it is shown; --show-private shows them here" in " ".join(result.stdout.split())
    monkeypatch.setattr("stsbench.cli.line.guard._on_terminal", lambda: True)
    result = invoke("compare", "hashing", "token-jaccard", *SHARED, "--show-private")
    assert result.exit_code == 0
    assert CANARY in result.stdout
    assert "By group" in result.stdout
    assert "secreta" in result.stdout
    assert "--show-private shows them" not in result.stdout


def test_an_audit_says_that_it_hides_and_shows_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke("audit", "benchmark", "csv:own.csv,group=kind", "--texts")
    assert "canary" not in result.output
    assert "is private, so no text of these pairs is shown" in " ".join(result.stdout.split())
    monkeypatch.setattr("stsbench.cli.line.guard._on_terminal", lambda: True)
    assert CANARY in invoke("audit", "benchmark", "csv:own.csv,group=kind", "--show-private").stdout


@pytest.mark.parametrize("words", [["compare", "hashing", "token-jaccard", *SHARED], ["audit", "benchmark", "csv:own.csv"]])
def test_nothing_is_shown_in_a_file_or_a_document(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(*words, "--show-private")
    assert result.exit_code == 2
    assert "on a terminal alone" in result.stderr
    assert "canary" not in result.output
    monkeypatch.setattr("stsbench.cli.line.guard._on_terminal", lambda: True)
    assert "leave out --json" in invoke(*words, "--show-private", "--json").stderr


def test_a_public_file_has_nothing_to_hide() -> None:
    result = invoke("compare", "hashing", "token-jaccard", "-b", "csv:own.csv,group=kind,public=true", "--resamples", "199", "-q")
    assert "secreta" in result.stdout
    assert "--show-private" not in result.stdout
