"""Boards and results on a file of one's own, as a person uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

BOARD = """
name = "own"
title = "Own"
protocol = "plain"
benchmarks = ["csv:own.csv"]

[[system]]
encoder = "hashing"

[[system]]
encoder = "token-jaccard"
"""


def stsbench(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    rows = [f"{' '.join(words[:6])} a{row},{' '.join(words[row % 7 : row % 7 + 6])} b{row},{6 - row % 7}" for row in range(40)]
    Path("own.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    Path("board").mkdir()
    Path("board/board.toml").write_text(BOARD)
    return tmp_path


def test_a_board_says_where_its_files_are(folder: Path) -> None:
    stsbench("run", "--board", "board", "-q")
    assert (folder / "board" / "statistics.json").exists()
    assert stsbench("compare", "--results", "board", "--resamples", "199").startswith("On private-")
