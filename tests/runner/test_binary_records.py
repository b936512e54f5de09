"""Binary benchmarks are measured by average precision, and never under the name of a Spearman correlation."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

import stsbench
from stsbench.contracts.boards.board import BoardSpec
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.errors import StoreError
from stsbench.leaderboard.build import build
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder


def part(subset: str, n: int, seed: int) -> Part:
    generator = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(12)]
    left, right = (tuple(" ".join(generator.choice(words, 5)) for _ in range(n)) for _ in range(2))
    gold = (generator.random(n) < 0.4).astype(float)
    gold[:2] = (0, 1)[:n]
    return Part("test", subset, Pairs(left, right, gold), Source("wheel"))


PARTS = part("s1", 40, 1), part("s2", 90, 2)


def binary(name: str, aggregation: str, parts: tuple[Part, ...]) -> Component[Any]:
    def build() -> Any:
        """A binary benchmark double."""
        return SimpleNamespace(card=BenchmarkCard(name, aggregation=aggregation, task="binary"), load=lambda: parts)  # type: ignore[arg-type]

    return Component(name, build)


@pytest.fixture
def registry(registry_of: Any) -> Any:
    made = [binary(how, how, PARTS) for how in ("mean", "wmean", "all")]
    return registry_of(("doubles", "1", {"benchmarks": [*made, binary("single", "mean", (part("default", 1, 3),))]}))


def run(registry: Any, folder: Path, *names: str) -> Any:
    return stsbench.evaluate(["hashing"], ["cosine"], names, results=folder, cache=False, registry=registry)


@pytest.mark.parametrize("how", ["mean", "wmean", "all"])
def test_scikit_learn_agrees_part_by_part_and_over_all(registry: Any, tmp_path: Path, how: str) -> None:
    run(registry, tmp_path, how)
    (file,) = load_all(tmp_path)
    assert file.benchmark.task == "binary"
    scores = ResultsFolder(tmp_path).scores(file)
    own = {}
    for record in file.records:
        if record.is_whole:
            whole = record
            continue
        gold = next(one.pairs.gold for one in PARTS if one.subset == record.subset)
        own[record.subset] = average_precision_score(gold, scores[record.cell]), roc_auc_score(gold, scores[record.cell])
        assert record.figure == pytest.approx(own[record.subset][0], abs=1e-6)
        assert record.figures["roc_auc"] == pytest.approx(own[record.subset][1], abs=1e-6)
        assert record.positives == int(gold.sum())
    weights = {"mean": (1, 1), "wmean": (40, 90)}.get(how)
    wanted = np.average(list(own.values()), axis=0, weights=weights) if weights else pooled(file, scores)
    assert (whole.figures["average_precision"], whole.figures["roc_auc"]) == pytest.approx(tuple(wanted), abs=1e-6)


def pooled(file: Any, scores: Any) -> tuple[float, float]:
    parts = [record for record in file.records if not record.is_whole]
    together = np.concatenate([scores[record.cell].astype(float) * 10.0**record.exponent for record in parts])
    gold = np.concatenate([next(one.pairs.gold for one in PARTS if one.subset == record.subset) for record in parts])
    return average_precision_score(gold, together), roc_auc_score(gold, together)


def test_cells_say_their_kind(registry: Any, tmp_path: Path) -> None:
    cells = run(registry, tmp_path, "mean", "mini", "single").cells()
    by_name = {(cell["benchmark"], cell["split"], cell["subset"]): cell for cell in cells}
    graded, whole, single = by_name["mini", "test", "default"], by_name["mean", "*", "*"], by_name["single", "test", "default"]
    assert (graded["task"], graded["average_precision"], graded["roc_auc"]) == ("graded", None, None)
    assert whole["task"] == "binary"
    assert 0 < whole["average_precision"] < 1
    assert (single["status"], single["average_precision"], single["reason"]) == ("undefined", None, "one pair only")


def test_records_of_graded_benchmarks_hold_nothing_of_it(registry: Any, tmp_path: Path) -> None:
    run(registry, tmp_path, "mini")
    (path,) = (tmp_path / "results").glob("*/*.json")
    document = json.loads(path.read_text())
    assert "task" not in document["benchmark"]
    assert not any({"positives", "main", "average_precision"} & {*record, *record["figures"]} for record in document["records"])


def board_of(folder: Path, *benchmarks: str, **values: Any) -> Any:
    spec = {"name": "b", "title": "B", "benchmarks": benchmarks, "protocol": "plain", "system": [{"encoder": "hashing"}], **values}
    return build(BoardSpec.model_validate(spec), load_all(folder))


def test_a_board_of_binary_benchmarks_ranks_by_average_precision(registry: Any, tmp_path: Path) -> None:
    report = stsbench.evaluate(["hashing"], ["cosine", "dot"], ["mean", "all"], results=tmp_path, cache=False, registry=registry)
    board = board_of(tmp_path, "mean", "all")
    assert board.metrics[0].model_dump() == {"name": "average_precision", "title": "average precision"}
    wholes = {(one.benchmark.name, one.record.similarity): one.record for one in report.headlines()}
    for row in board.rows:
        figures = [wholes[name, row.similarity].figures["average_precision"] for name in ("mean", "all")]
        assert [cell.figure for cell in row.cells] == pytest.approx(figures, abs=1e-6)
        assert row.average == pytest.approx(np.mean(figures), abs=1e-6)
        assert {*row.cells[0].figures} == {"average_precision", "roc_auc", "spearman", "pearson", "kendall"}
    assert [row.rank for row in board.rows] == [1, None], "another similarity is a variant, which has no rank"
    assert board.rows[0].average > board.rows[1].average


def test_figures_of_different_metrics_are_never_averaged(registry: Any, tmp_path: Path) -> None:
    run(registry, tmp_path, "mean", "mini")
    told = r"benchmarks of several main metrics, whose figures are never averaged \(mean by average precision, mini by Spearman\)"
    with pytest.raises(StoreError, match=told):
        board_of(tmp_path, "mean", "mini")
    with pytest.raises(
        StoreError, match="not all of its benchmarks are measured by it; all of them are measured by spearman, pearson, kendall"
    ):
        board_of(tmp_path, "mean", "mini", main="average_precision")
    board = board_of(tmp_path, "mean", "mini", main="kendall")
    kendall = [next(one.figures["kendall"] for one in file.records if one.is_whole) for file in load_all(tmp_path)]
    assert sorted(cell.figure for cell in board.rows[0].cells) == sorted(kendall)
    assert board.rows[0].average == pytest.approx(np.mean(kendall))
    assert [one.name for one in board.metrics] == ["kendall", "spearman", "pearson"]
