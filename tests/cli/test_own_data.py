"""Boards and results on a file of one's own, as a person uses them."""

from __future__ import annotations

import json
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


def test_a_plan_of_a_board_says_what_its_next_run_computes(folder: Path) -> None:
    with (folder / "board" / "board.toml").open("a") as board:
        board.write('[[selected]]\nlabel = "best"\ndevelopment = ["mini"]\n')
    before = json.loads(stsbench("plan", "--board", "board", "--json"))
    assert (before["cells"], before["known"], before["development"]["cells"]) == (2, 0, 2)
    assert "to choose on development splits:" in stsbench("plan", "--board", "board")
    stsbench("run", "--board", "board", "-q")
    after = json.loads(stsbench("plan", "--board", "board", "--json"))
    assert (after["cells"], after["known"], after["development"]["known"]) == (0, 2, 2)
    assert json.loads(stsbench("plan", "--board", "board", "--fresh", "--json"))["cells"] == 2
