"""Pairs of a file that carry weights: read, part of the identity, and weighed in every figure that is kept or compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app
from stsbench.contracts.data import Pairs
from stsbench.host.registry import Registry
from stsbench.stats.correlation import tie_ceiling
from stsbench.stats.metrics.spearman import spearman

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
ROWS = [
    (f"{' '.join(WORDS[:6])} a{row}", f"{' '.join(WORDS[row % 7 : row % 7 + 6])} b{row % 5}", 6 - row % 7 + row * row % 9)
    for row in range(40)
]
WEIGHTS = [1 + row * 7 % 3 for row in range(40)]


def stsbench(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def written(path: str, weights: Sequence[object], times: Sequence[int] = (1,) * 40) -> None:
    lines = [
        f"{left},{right},{gold},{weight}"
        for (left, right, gold), weight, often in zip(ROWS, weights, times, strict=True)
        for _ in range(often)
    ]
    Path(path).write_text("\n".join(["sentence1,sentence2,score,weight", *lines]))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    written("own.csv", WEIGHTS)
    return tmp_path


def figure(benchmark: str, *more: str) -> float:
    (cell,) = json.loads(stsbench("run", "-e", "hashing", "-b", benchmark, "--json", "-q", *more))["cells"]
    return float(cell["spearman"])


def test_a_weight_counts_a_pair_as_often_and_is_part_of_what_the_data_are() -> None:
    written("often.csv", WEIGHTS, WEIGHTS)
    weighed = figure("csv:own.csv,weight=weight", "--results", "kept")
    assert weighed == pytest.approx(figure("csv:often.csv"), abs=1e-6)
    assert weighed != pytest.approx(figure("csv:own.csv", "--results", "kept"), abs=1e-3)
    assert figure("csv:own.csv,weight=weight", "--results", "kept") == pytest.approx(weighed, abs=1e-6)
    digests = {json.loads(path.read_text())["records"][0]["digest"] for path in Path("kept").rglob("hashing-*.json")}
    assert len(digests) == 2


def test_a_board_of_weighed_pairs_is_checked_and_compared(folder: Path, write_board: Callable[..., Path]) -> None:
    writers = ["markdown", "csv", "json", "html"]
    write_board(folder / "board", "hashing", "token-jaccard", benchmarks=["csv:own.csv,weight=weight"], writers=writers)
    stsbench("run", "--board", "board", "-q")
    assert "recomputing statistics" in stsbench("leaderboard", "check", "board")
    assert "0 findings" in stsbench("leaderboard", "verify", "board", "-q")
    assert "all agree with what was kept" in stsbench("run", "--board", "board", "--fresh", "-q")
    compared = json.loads(stsbench("compare", "--results", "board", "-b", "csv:own.csv,weight=weight", "--resamples", "499", "--json"))
    (value,) = (standing["value"] for standing in compared["standings"] if standing["system"].startswith("hashing"))
    assert value == pytest.approx(figure("csv:own.csv,weight=weight"), abs=1e-6)
    kept = next((folder / "board" / "results").rglob("hashing-????????.json"))
    kept.write_text(re.sub(r'"spearman": -?0\.\d', '"spearman": 0.1', kept.read_text()))
    assert "results:" in stsbench("leaderboard", "check", "board", code=1)


@pytest.mark.parametrize("weight", ["0", "-1", "", "nan", "x"])
def test_a_weight_that_is_no_number_above_0_is_refused_by_its_row(weight: str) -> None:
    written("own.csv", [*WEIGHTS[:3], weight, *WEIGHTS[4:]])
    said = stsbench("run", "-e", "hashing", "-b", "csv:own.csv,weight=weight", code=4)
    assert "row 4 of own.csv" in said
    assert "has a weight that is no finite number above 0; correct the column that weight= names" in said


@pytest.mark.parametrize(("weight", "row"), [("1e-10", "row 4"), ("1e12", "rows 1, 2, 3 and 37 more")])
def test_weights_of_which_sums_keep_no_digit_are_refused(weight: str, row: str) -> None:
    written("own.csv", [*WEIGHTS[:3], weight, *WEIGHTS[4:]])
    said = stsbench("run", "-e", "hashing", "-b", "csv:own.csv,weight=weight", code=4)
    assert "has a weight of which figures keep no digit" in said or "have a weight of which figures keep no digit" in said
    with pytest.raises(ValueError, match="not below a billionth of the largest"):
        Pairs(("a", "b"), ("c", "d"), np.array([1.0, 2.0]), weights=np.array([1.0, float(weight)]))
    with pytest.raises(ValueError, match="from 1e-9 to 1e30"):  # of which Kendall was 0, and Spearman's resamples too
        Pairs(("a", "b"), ("c", "d"), np.array([1.0, 2.0]), weights=np.array([1.0, 2.0]) * 1e100)
    written("own.csv", [*WEIGHTS[:3], "1e7", *WEIGHTS[4:]])
    stsbench("compare", "hashing", "hashing,dim=64", "-b", "csv:own.csv,weight=weight", "--metric", "kendall", "--resamples", "199")


def test_a_weight_is_of_pairs_with_a_score() -> None:
    said = stsbench("run", "-e", "hashing", "-b", "csv:own.csv,weight=weight,negative=score", code=2)
    assert "triplets all count the same: leave out weight=, or negative=" in said
    assert "has no column 'wieght'" in stsbench("run", "-e", "hashing", "-b", "csv:own.csv,weight=wieght", code=4)


def test_ties_leave_to_weighed_pairs_what_scores_in_their_order_reach() -> None:
    gold, weights = np.array([0.0, 0, 1, 1, 1, 2, 3, 3]), np.array([1.5, 2, 0.5, 3, 1, 4, 0.25, 2])
    assert tie_ceiling(gold, weights) == pytest.approx(spearman(gold, np.arange(8.0), weights), abs=1e-12)
    assert tie_ceiling(gold, np.ones(8)) == pytest.approx(tie_ceiling(gold), abs=1e-12)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("left=a,right=b,score=g", "private-fee4c296-eb0a"),
        ("left=a,right=b,score=g,group=k", "private-fee4c296-461c"),
        ("left=a,right=b,score=g,group=k,by=group", "private-fee4c296-3862"),
        ("left=a,right=b,score=g,map=1:0+2:1+3:2", "private-fee4c296-dc3f"),
    ],
)
def test_a_file_keeps_the_name_that_it_had_before_pairs_had_weights_or_were_triplets(tmp_path: Path, options: str, name: str) -> None:
    (tmp_path / "own.csv").write_text("a,b,g,k\none,two,1,x\nthree,four,2,y\nfive,six,3,x\n")
    assert Registry.installed().resolve("benchmark", f"csv:{tmp_path}/own.csv,{options}").build().card.name == name
    weighed = Registry.installed().resolve("benchmark", f"csv:{tmp_path}/own.csv,{options},weight=g").build().card.name
    assert weighed != name
