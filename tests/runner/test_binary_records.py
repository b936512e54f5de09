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
from stsbench.contracts.board import BoardSpec
from stsbench.contracts.component import Component
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.errors import StoreError
from stsbench.leaderboard.build import build
from stsbench.stores.records import load_all
from stsbench.stores.scores import read_scores


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
    scores = read_scores(tmp_path, file)
    own = {}
    for record in file.records:
        if record.is_whole:
            whole = record
            continue
        gold = next(one.pairs.gold for one in PARTS if one.subset == record.subset)
        own[record.subset] = average_precision_score(gold, scores[record.cell]), roc_auc_score(gold, scores[record.cell])
        assert record.figure == pytest.approx(own[record.subset][0], abs=1e-6)
        assert record.detection.roc_auc == pytest.approx(own[record.subset][1], abs=1e-6)
        assert record.detection.positives == int(gold.sum())
    weights = {"mean": (1, 1), "wmean": (40, 90)}.get(how)
    wanted = np.average(list(own.values()), axis=0, weights=weights) if weights else pooled(file, scores)
    assert (whole.detection.average_precision, whole.detection.roc_auc) == pytest.approx(tuple(wanted), abs=1e-6)


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
    assert not any("detection" in record for record in document["records"])


def test_a_board_refuses_to_average_it_with_spearman(registry: Any, tmp_path: Path) -> None:
    run(registry, tmp_path, "mean")
    spec = BoardSpec.model_validate(
        {"name": "b", "title": "B", "benchmarks": ["mean"], "protocol": "plain", "system": [{"encoder": "hashing"}]}
    )
    with pytest.raises(StoreError, match="ranks by Spearman, and mean is measured by average precision, which is never averaged with it"):
        build(spec, load_all(tmp_path))
