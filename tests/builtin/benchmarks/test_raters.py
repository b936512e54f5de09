"""Several raters in one file: gold is their mean, who said nothing counts for nothing, and what is wrong is told by row."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import stsbench
from stsbench.builtin.benchmarks.files import CsvBenchmark, JsonBenchmark
from stsbench.builtin.benchmarks.given import pairs
from stsbench.cli.app import app
from stsbench.contracts.data import Pairs
from stsbench.errors import DataError, OptionError
from stsbench.host.locate import locate
from stsbench.host.registry import Registry

HEADER = "left,right,ann,bob,cy\n"
ROWS = "one,two,5,4,\nthree,four,1,,0\nfive,six,,3,\nseven,eight,2,2,5\n"
GOLD = [4.5, 0.5, 3.0, 3.0]


def read(tmp_path: Path, text: str, score: tuple[str, ...] = ("ann", "bob", "cy")) -> Pairs:
    path = tmp_path / "ratings.csv"
    path.write_text(text, encoding="utf-8")
    return CsvBenchmark(locate(str(path), file=True)[0], score=score).load()[0].pairs


def test_gold_is_the_mean_of_those_who_rated(tmp_path: Path) -> None:
    loaded = read(tmp_path, HEADER + ROWS)
    assert loaded.gold.tolist() == GOLD
    assert loaded.ratings is not None
    assert loaded.ratings.shape == (4, 3)
    assert np.isnan(loaded.ratings).sum() == 4
    taken = loaded.take([3, 0])
    assert taken.ratings is not None
    assert taken.ratings[0].tolist() == [2, 2, 5]
    alone = read(tmp_path, HEADER + "one,two,5,4,1\n", ("ann",))
    assert alone.ratings is None
    assert alone.gold.tolist() == [5]


def test_means_of_decimals_tie_where_they_are_equal(tmp_path: Path) -> None:
    rows = "a,b,0.1,0.2,\nc,d,0.15,0.15,\ne,f,0.3,0.1,0.2\ng,h,0.2,0.2,0.2\ni,j,0.2,0.1,0.3\n"
    gold = read(tmp_path, HEADER + rows).gold
    assert gold[0] == gold[1]
    assert gold[2] == gold[3] == gold[4]
    assert gold.tolist() == pytest.approx([0.15, 0.15, 0.2, 0.2, 0.2], abs=1e-15)


def test_the_pairs_are_those_of_a_file_that_holds_the_means(tmp_path: Path) -> None:
    means = "left,right,score\n" + "".join(f"{row.rsplit(',', 3)[0]},{gold}\n" for row, gold in zip(ROWS.splitlines(), GOLD, strict=True))
    assert read(tmp_path, HEADER + ROWS).digest == read(tmp_path, means, ()).digest


def test_decimal_commas_and_labels_are_read_in_each_column(tmp_path: Path) -> None:
    assert read(tmp_path, "left;right;ann;bob\na;b;1,5;2\nc;d;;0,5\n", ("ann", "bob")).gold.tolist() == [1.75, 0.5]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("one,two,,,\n" + ROWS, "row 1 of .* has no rating by anybody; leave such rows out"),
        ("one,two,good,4,\n" + ROWS, "row 1 of .* has a gold score that is not a number"),
        (ROWS + "one,two,1,4,inf\n", "row 5 of .* has a gold score that is missing or not finite"),
    ],
)
def test_what_is_wrong_is_told_by_row(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(tmp_path, HEADER + rows)


def test_a_column_that_is_not_there_or_named_twice_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no column .bobby. .* did you mean bob\? name it with score="):
        read(tmp_path, HEADER + ROWS, ("ann", "bobby"))
    with pytest.raises(OptionError, match="names a column twice"):
        read(tmp_path, HEADER + ROWS, ("ann", "ann"))
    with pytest.raises(OptionError, match="task=binary does not take"):
        JsonBenchmark(locate(str(tmp_path / "ratings.csv"), file=True)[0], score=("ann", "bob"), task="binary")


@pytest.mark.parametrize("named", ["ann+", "+ann", "ann++bob", "+"])
def test_an_empty_name_beside_a_plus_is_told_before_the_file_is_read(tmp_path: Path, named: str) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + ROWS)
    with pytest.raises(OptionError, match=r"option 'score' has nothing before or after a \+; give a value on both sides"):
        Registry.installed().resolve("benchmark", f"csv:{tmp_path}/ratings.csv,score={named}")


def test_data_frames_and_lists_take_several_too() -> None:
    given = pairs({"left": ["a", "b"], "right": ["c", "d"], "ann": [1, None], "bob": [2.0, 4.0]}, score=["ann", "bob"])
    report = stsbench.evaluate("hashing", "cosine", [given])
    assert not report.failed
    assert given.made.part.pairs.gold.tolist() == [1.5, 4.0]


def test_the_audit_says_how_they_agree(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 6, 80)
    rated = np.clip(truth[:, None] + generator.integers(-1, 2, (80, 3)), 0, 5)
    rows = [f"text {row},other {row},{','.join(map(str, ratings))}" for row, ratings in enumerate(rated)]
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    command = ["audit", "benchmark", f"csv:{path},score=ann+bob+cy"]
    found = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)["benchmarks"][0]["agreement"]
    assert (found["raters"], found["ratings"], found["pairs"]) == (3, 240, 80)
    assert found["alpha"]["low"] < found["alpha"]["value"] < found["alpha"]["high"] < 1
    said = CliRunner().invoke(app, command).stdout
    assert f"Krippendorff's alpha {found['alpha']['value']:.3f} (" in said
    assert "rater 3: 80 ratings" in said
    assert "ann" not in said.replace("cannot", "")
    assert "gold is the mean of 3 raters, 3 a pair" in said


@pytest.mark.parametrize("rows", ["a,b,1,,\nc,d,2,,\ne,f,,3,\ng,h,,4,\n", "a,b,3,3,\nc,d,3,3,\ne,f,3,3,\n"])
def test_no_correlation_is_told_without_a_reason_that_may_be_untrue(tmp_path: Path, rows: str) -> None:
    """Raters who share no pair, or one who rated nothing, vary with nobody and yet are not constant."""
    path = tmp_path / "ratings.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    said = CliRunner().invoke(app, ["audit", "benchmark", f"csv:{path},score=ann+bob+cy"]).stdout
    assert "rater 3: 0 ratings, cannot be correlated with the mean of the others" in said
    assert said.count("cannot be correlated with the mean of the others") == 3
    assert "vary with" not in said
