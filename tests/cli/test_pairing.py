"""`stsbench pairs`: pairs to have rated, drawn from texts alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

WORDS = ["order", "parcel", "refund", "invoice", "password", "delivery"]
TEXTS = [
    f"{question} my {word} {when}" for word in WORDS for question in ("where is", "how do I get") for when in ("today", "again", "now")
]


def invoke(*words: str) -> Any:
    return CliRunner().invoke(app, ["pairs", *words])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join([*TEXTS, "", TEXTS[0], TEXTS[1].upper() + "!"]), encoding="utf-8")
    return path


def test_pairs_are_of_different_texts_and_stand_for_all_of_them(texts: Path) -> None:
    result = invoke(str(texts), "-e", "hashing", "-s", "cosine", "-s", "dot", "-n", "60", "-q")
    assert result.exit_code == 0
    rows = rows_of(result.stdout)
    assert len(rows) == 60
    assert {text for row in rows for text in (row["left"], row["right"])} <= set(TEXTS)
    assert all(row["left"] != row["right"] for row in rows)
    assert sum(float(row["stands_for"]) for row in rows) == pytest.approx(36 * 35 / 2, abs=0.01)
    assert [sum(row["stratum"] == str(one) for row in rows) for one in range(1, 7)] == [10] * 6
    assert "60 pairs of 630, which are all of 36 different texts" in result.stderr
    assert "each stratum counts the same" in result.stderr
    told = json.loads(invoke(str(texts), "-e", "hashing", "-s", "cosine", "-s", "dot", "-n", "60", "-q", "--json").stdout)
    assert told["drawn"] == 60
    assert [{name: str(value) for name, value in row.items() if name != "stands_for"} for row in told["pairs"]] == [
        {name: value for name, value in row.items() if name != "stands_for"} for row in rows
    ]
    assert [row["stands_for"] for row in told["pairs"]] == [float(row["stands_for"]) for row in rows]


def test_pairs_that_are_all_of_them_are_no_sample(texts: Path) -> None:
    result = invoke(str(texts), "-e", "hashing", "-n", "1000", "-q")
    assert {row["stands_for"] for row in rows_of(result.stdout)} == {"1"}
    assert result.stderr == ("630 pairs, which are all of 36 different texts, so that a figure of them is one of all pairs as they are\n")


def test_the_most_alike_pairs_are_more_alike_than_the_least(texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    done = invoke(str(texts), "-e", "hashing", "-n", "60", "-o", str(out))
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, f"written: {out}")
    rows = rows_of(out.read_text(encoding="utf-8"))
    scored = CliRunner().invoke(app, ["score", f"csv:{out}", "-e", "hashing", "-q"])
    scores = [float(row[1]) for row in csv.reader(scored.stdout.splitlines()[1:])]
    means = [sum(score for score, row in zip(scores, rows, strict=True) if row["stratum"] == one) / 10 for one in "123456"]
    assert means == sorted(means, reverse=True)
    assert means[0] > means[-1] + 0.3


def test_the_same_seed_draws_the_same_pairs_with_or_without_a_cache(texts: Path) -> None:
    first, again, other = (
        invoke(str(texts), "-e", "hashing", "-n", "30", "-q", *more).stdout for more in ([], ["--no-cache"], ["--seed", "1"])
    )
    assert first == again != other


@pytest.mark.parametrize(("name", "write"), [
    ("texts.csv", lambda rows: "id,question\n" + "".join(f"{place},{text}\n" for place, text in enumerate(rows))),
    ("texts.jsonl", lambda rows: "".join(json.dumps({"question": text}) + "\n" for text in rows)),
])  # fmt: skip
def test_texts_may_be_a_column_of_a_table(name: str, write: Any, tmp_path: Path, texts: Path) -> None:
    (tmp_path / name).write_text(write(TEXTS), encoding="utf-8")
    expected = invoke(str(texts), "-e", "hashing", "-n", "20", "-q").stdout
    assert invoke(str(tmp_path / name), "-e", "hashing", "-n", "20", "-q").stdout == expected
    assert invoke(str(tmp_path / name), "-e", "hashing", "-n", "20", "-q", "--column", "question").stdout == expected


def test_what_makes_no_pairs_is_refused_in_a_sentence(texts: Path, tmp_path: Path) -> None:
    (tmp_path / "few.txt").write_text("a\nb\nA.\n")
    (tmp_path / "table.csv").write_text("id,words\n1,heliotrope canary\n")
    (tmp_path / "empty.txt").write_text("\n\n")
    for words, said in [
        (["few.txt"], "10 to 50,000 different texts, and here are 2"),
        (["table.csv"], "name it with --column"),
        (["empty.txt"], "holds no text"),
        (["absent.txt"], "does not exist"),
        (["texts.txt", "--column", "text"], "a column is of a table"),
        (["texts.txt", "-e", "token-jaccard"], "pairs are found by vectors"),
        (["texts.txt", "-o", str(texts)], "holds no drawn pairs"),
    ]:
        result = invoke(str(tmp_path / words[0]), *words[1:], *([] if "-e" in words else ["-e", "hashing"]))
        assert result.exit_code != 0
        assert said in " ".join(result.stderr.split()), result.stderr
        assert "canary" not in result.output
        assert str(tmp_path) not in result.output
    assert texts.read_text().startswith(TEXTS[0])


def test_a_pair_scorer_takes_no_part_and_that_is_said(texts: Path) -> None:
    result = invoke(str(texts), "-e", "hashing", "-e", "token-jaccard", "-n", "20", "-q")
    assert result.exit_code == 0
    assert "token-jaccard takes no part in finding pairs" in " ".join(result.stderr.split())
    assert result.stdout == invoke(str(texts), "-e", "hashing", "-n", "20", "-q").stdout
