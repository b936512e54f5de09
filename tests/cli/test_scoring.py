"""`stsbench score`: every system's scores of pairs that nobody rated; no text, and no part of it, leaves."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

CANARY = "heliotrope canary 9917"
PAIRS = f"left,right\nhow do I reset it,where can I reset it\n{CANARY},goodbye\nhello,hello\n"


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS, encoding="utf-8")
    return f"csv:{path}"


def invoke(*words: str) -> Any:
    return CliRunner().invoke(app, ["score", *words])


def test_a_row_a_pair_and_a_column_a_system_without_a_score_in_the_file(pairs: str) -> None:
    result = invoke(pairs, "-e", "hashing", "-s", "cosine", "-s", "dot", "-q")
    header, *rows = csv.reader(result.stdout.splitlines())
    assert header == ["row", "hashing · cosine", "hashing · dot"]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert float(rows[2][1]) == pytest.approx(1, abs=1e-9)
    assert result.exit_code == 0


def test_scores_are_those_of_the_same_pairs_with_gold(pairs: str, tmp_path: Path) -> None:
    rated = tmp_path / "rated.csv"
    header, *rows = PAIRS.splitlines()
    rated.write_text("\n".join([f"{header},score", *(f"{row},{score}" for score, row in enumerate(rows))]), encoding="utf-8")
    both = [
        json.loads(invoke(one, "-e", "hashing", "-t", "none", "-t", "centre", "-q", "--json").stdout) for one in (pairs, f"csv:{rated}")
    ]
    assert both[0] == both[1]
    assert both[0]["systems"] == ["hashing · cosine", "hashing · centre · cosine"]


def test_no_text_is_printed_or_written(pairs: str, tmp_path: Path) -> None:
    for words in (["--json"], ["-o", str(tmp_path / "scores.csv")]):
        result = invoke(pairs, "-e", "hashing", *words)
        assert result.exit_code == 0
        assert "canary" not in result.stdout + result.stderr
    assert "canary" not in (tmp_path / "scores.csv").read_text()
    assert (tmp_path / "scores.csv").read_text() == invoke(pairs, "-e", "hashing", "-q").stdout


def test_a_file_that_holds_no_scores_is_not_written_over(pairs: str, tmp_path: Path) -> None:
    """Such as the pairs themselves; scores of before are replaced."""
    result = invoke(pairs, "-e", "hashing", "-q", "-o", str(tmp_path / "pairs.csv"))
    assert (result.exit_code, (tmp_path / "pairs.csv").read_text(encoding="utf-8")) == (2, PAIRS)
    assert "give another name" in result.stderr
    for similarity in ("cosine", "dot"):
        done = invoke(pairs, "-e", "hashing", "-s", similarity, "-q", "-o", str(tmp_path / "scores.csv"))
        assert (done.exit_code, done.stdout) == (0, f"written: {tmp_path / 'scores.csv'}\n")
    assert (tmp_path / "scores.csv").read_text(encoding="utf-8").startswith("row,hashing · dot\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mini"], "pairs without scores are those of a file, as in csv:pairs.csv, and mini is none"),
        (["csv:none.csv"], "does not exist; check the path after the colon"),
        (["PAIRS,left=lft"], "has no column 'lft'"),
        (["PAIRS", "-s", "cosin"], "did you mean cosine"),
    ],
)
def test_what_cannot_be_scored_is_told_in_a_sentence(pairs: str, words: list[str], said: str) -> None:
    result = invoke(*(word.replace("PAIRS", pairs) for word in words), "-e", "hashing")
    assert result.exit_code in (2, 4)
    assert said in result.stderr
    assert result.stdout == ""
