"""Paraphrase and duplicate-question sets: their definitions, and reading them from a mirror in the layouts that the hub has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from stsbench.builtin.benchmarks import benchmarks
from stsbench.builtin.benchmarks.definitions import binary_tasks, tasks
from stsbench.contracts.component import Component, Location
from stsbench.contracts.protocols import Benchmark
from stsbench.errors import DataError

COMPONENTS = cast("dict[str, Component[Benchmark]]", {component.name: component for component in benchmarks()})  # no suite is built here
TWITTER = "mteb/twittersemeval2015-pairclassification"


def put(mirror: Path, name: str, rows: list[dict[str, Any]]) -> str:
    path = mirror / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return str(mirror)


def test_each_task_is_defined_whole() -> None:
    assert len(binary_tasks()) == 13
    assert not {task.name for task in binary_tasks()} & {task.name for task in tasks()}
    for task in binary_tasks():
        assert re.fullmatch(r"[0-9a-f]{40}", task.revision), task.name
        assert set(task.eval_splits) <= set(task.expected), task.name
        assert all(0 < (own.positives or 0) < own.pairs and own.unique_pairs <= own.pairs for own in task.expected.values()), task.name
        card = COMPONENTS[task.name].build().card
        assert (card.task, card.name, card.protocol) == ("binary", task.name, "mteb")
        assert "average precision" in COMPONENTS[task.name].help
    assert {COMPONENTS[task.name].build().card.task for task in tasks()} == {"graded"}


def test_rows_in_lists_of_one_row_and_rows_of_their_own_are_the_same_pairs(tmp_path: Path) -> None:
    rows = [("a", "b", 1), ("c", "d", 0), ("e", "f", 1)]
    one = {name: [row[place] for row in rows] for place, name in enumerate(("sent1", "sent2", "labels"))}
    nested = put(tmp_path / "nested", f"{TWITTER}/test.jsonl", [one])
    flat = put(tmp_path / "flat", f"{TWITTER}/test.jsonl", [{"sent1": a, "sent2": b, "labels": y} for a, b, y in rows])
    (first,), (second,) = (COMPONENTS["TwitterSemEval2015"].build(mirror=mirror).load() for mirror in (nested, flat))
    assert first.pairs.digest == second.pairs.digest
    assert (first.pairs.left, first.pairs.right, first.pairs.gold.tolist()) == (("a", "c", "e"), ("b", "d", "f"), [1, 0, 1])


def test_counts_that_differ_are_said(tmp_path: Path) -> None:
    mirror = put(tmp_path, f"{TWITTER}/test.jsonl", [{"sent1": "a", "sent2": "b", "labels": 1}, {"sent1": "c", "sent2": "d", "labels": 0}])
    (part,) = COMPONENTS["TwitterSemEval2015"].build(mirror=mirror).load()
    assert part.source.differs is not None
    assert "2 pairs, expected 16,777" in part.source.differs
    assert "1 positive pairs, expected 3,790" in part.source.differs
    assert "characters" not in part.source.differs  # not known of these tasks


def test_subsets_are_folders(tmp_path: Path) -> None:
    for subset in ("de", "en"):
        mirror = put(tmp_path, f"mteb/PawsXPairClassification/{subset}/test.jsonl", [{"sentence1": subset, "sentence2": "b", "labels": 1}])
    parts = COMPONENTS["PawsXPairClassification"].build("test", subset=("de", "en"), mirror=mirror).load()
    assert [(part.subset, part.pairs.left) for part in parts] == [("de", ("de",)), ("en", ("en",))]


def test_labels_are_0_and_1(tmp_path: Path) -> None:
    mirror = put(tmp_path, f"{TWITTER}/test.jsonl", [{"sent1": "a", "sent2": "b", "labels": 1}, {"sent1": "c", "sent2": "d", "labels": 2}])
    with pytest.raises(DataError, match=r"row 2 of TwitterSemEval2015 \(test\) from the mirror has a label that is neither 0 nor 1"):
        COMPONENTS["TwitterSemEval2015"].build(mirror=mirror).load()


def test_files_hold_binary_pairs_where_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("left,right,score\na,b,1\nc,d,0\n")
    location = Location("a file", path=path, digest="0123456789abcdef" * 2)
    benchmark = COMPONENTS["csv"].build(location, task="binary")
    assert benchmark.card.task == "binary"
    assert benchmark.load()[0].pairs.gold.tolist() == [1, 0]
    assert COMPONENTS["csv"].build(location).card.task == "graded"
    path.write_text("left,right,score\na,b,1\nc,d,0.5\n")
    with pytest.raises(DataError, match="row 2 of private-01234567 has a label that is neither 0 nor 1"):
        benchmark.load()
