"""Every figure of a record, whatever its metric, is that of its scores; and what a board is told of figures is of its own metric."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import stsbench
from stsbench.api.boards import check_board, run_board
from stsbench.api.session import Session
from stsbench.api.verifying import verify_board
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.events import CellFinished, Warned
from stsbench.contracts.identity import Figured
from stsbench.errors import StoreError
from stsbench.evidence.folder import BoardFolder
from stsbench.leaderboard.known import record_stamp
from stsbench.runner.request import Setup
from stsbench.stores.documents import DIAGRAMS, STATISTICS
from stsbench.stores.records import load, parse, scores_path
from stsbench.stores.results import ResultsFolder
from stsbench.stores.scores import dump_scores

Write = Callable[..., Path]
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.opened(cache=False)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory, write_board: Write, session: Session) -> Path:
    """A board of mini's pairs as a binary benchmark: positive above a gold of 4."""
    folder, pairs = tmp_path_factory.mktemp("binary"), Mini().load()[0].pairs
    rows = [f"{left}\t{right}\t{int(gold > 4)}" for left, right, gold in zip(pairs.left, pairs.right, pairs.gold, strict=True)]
    (folder / "above.tsv").write_text("left\tright\tscore\n" + "\n".join(rows) + "\n")
    reference = f"tsv:{folder / 'above.tsv'},task=binary,public=true,name=above"
    write_board(folder / "board", {"encoder": "hashing,dim=64", "similarities": ["cosine"]}, benchmarks=[reference])
    run_board(BoardFolder(folder / "board"), session)
    return folder / "board"


@pytest.fixture
def copy(binary: Path, tmp_path: Path) -> Path:
    for path in binary.rglob("*"):
        place = tmp_path / path.relative_to(binary)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            place.write_bytes(path.read_bytes())
    return tmp_path


def forge(folder: Path, change: Edit) -> None:
    """Change every record, and write the scores anew with the stamps of the records as they are then."""
    (path,) = (folder / "results").rglob("*.json")
    before = load(path)
    scores = ResultsFolder(folder).scores(before)
    document = json.loads(path.read_text())
    for record in document["records"]:
        change(record)
    path.write_text(json.dumps(document, sort_keys=True, indent=2) + "\n")
    after = parse(path.read_bytes(), str(path))
    scores_path(folder, after).write_bytes(dump_scores(after, scores))


def claiming(name: str) -> Edit:
    def change(record: dict[str, Any]) -> None:
        record["figures"][name] = 0.987654

    return change


FORGERIES: list[tuple[Edit, str]] = [
    *((claiming(name), "0.987654") for name in ("average_precision", "roc_auc", "spearman", "pearson", "kendall")),
    (lambda record: record.update(positives=record["positives"] + 1), "of its pairs are positive"),
    (lambda record: record["figures"].pop("roc_auc"), "the record says none"),
]
forgeries = pytest.mark.parametrize(("change", "told"), FORGERIES)


@forgeries
def test_check_verify_and_run_find_it(copy: Path, session: Session, change: Edit, told: str) -> None:
    (path,) = (copy / "results").rglob("*.json")
    before = load(path).records
    forge(copy, change)
    found = [line for line in check_board(BoardFolder(copy), session) if line.startswith("results:")]
    assert len(found) == 2, "of the part, and of the whole"
    assert all(told in line for line in found)
    verified = verify_board(BoardFolder(copy), session)
    assert any(told in str(finding) for finding in verified.findings)
    said: list[Any] = []
    run_board(BoardFolder(copy), Session(session.registry, Setup(listen=said.append)), accept=True)
    assert sum(isinstance(one, CellFinished) for one in said) == 1, "it is not repeated"
    assert any("other figures than the kept scores give" in one.message for one in said if isinstance(one, Warned))
    assert load(path).records == before


def test_merge_names_an_average_precision_that_is_not_of_the_scores(copy: Path, session: Session) -> None:
    forge(copy, claiming("average_precision"))
    report, _ = run_board(BoardFolder(copy), session, fresh=True)
    assert any("average precision was 0.987654, is 0." in str(one) for one in report.disagreements)


def test_records_go_by_the_metric_of_their_benchmark(copy: Path) -> None:
    (path,) = (copy / "results").rglob("*.json")
    document = json.loads(path.read_text())
    document["records"][0]["main"] = "kendall"
    path.write_text(json.dumps(document))
    with pytest.raises(StoreError, match="records go by kendall, and their benchmark by average_precision"):
        load(path)


def test_statistics_are_of_one_metric_even_where_figures_of_two_are_equal(copy: Path) -> None:
    (path,) = (copy / "results").rglob("*.json")
    record = load(path).records[0].model_copy(update={"figures": {"average_precision": 1.0, "kendall": 1.0}})
    assert record_stamp([record]) == record_stamp([record], "average_precision") != record_stamp([record], "kendall")


@pytest.mark.parametrize(
    ("kind", "key"), [(STATISTICS, "average_precision"), (DIAGRAMS, "average_precision"), (STATISTICS, "spearman"), (DIAGRAMS, "spearman")]
)
def test_figures_of_groups_lie_within_the_bounds_of_their_metric(kind: Any, key: str) -> None:
    main: dict[str, Any] = {} if key == "spearman" else {"main": key}
    low = -1 if key == "spearman" else 0
    kind.parse(document(kind, {key: 0.5, **main}), "it")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({key: 1.5, **main}, rf"{key} should be from {low} to 1"),
        ({key: low - 0.5, **main}, rf"{key} should be from {low} to 1"),
        ({key: 0.5, "spearmann": 0.5, **main}, "there is no field and no metric 'spearmann'"),
        ({"kendall": 0.5, **main}, rf"it goes by {key}, and has no such figure"),
        (main, rf"it goes by {key}, and has no such figure"),
    ]
    for values, told in wrong:
        with pytest.raises(StoreError, match=rf"field systems\.0\.groups\..*{told}; delete it"):
            kind.parse(document(kind, values), "it")


def document(kind: Any, figures: dict[str, Any]) -> bytes:
    system = {"encoder": "a/b", "fingerprint": "f", "view": "sentence", "transforms": [], "similarity": "a/c", "record": "r"}
    if kind is DIAGRAMS:
        value: dict[str, Any] = {"systems": [system | {"densities": [], "groups": [{"benchmark": "b", "group": "g", "n": 9, **figures}]}]}
    else:
        limits = {"low": 0.1, "high": 0.2}
        more = {"cells": {}, "average": limits, "best_rank": 1, "worst_rank": 1, "letters": "a", "chance_of_best": 0.5, "alike": 0}
        standing = system | more | {"groups": {"b@plain": {"g": {"n": 9, **figures}}}}
        value = {"mode": "bootstrap", "level": 0.95, "resamples": 99, "seed": 0, "generator": [], "ceilings": {}, "systems": [standing]}
    return json.dumps({"schema_version": 1, **value}).encode()


def test_what_is_computed_is_not_checked_against_a_list_of_metrics() -> None:
    assert Figured(figures={"new": 7.0}, main="new").figure == 7.0
    assert stsbench.__all__
