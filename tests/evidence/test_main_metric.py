"""Boards that go by another metric than Spearman, from running them to their page."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from stsbench.api.boards import build_board, check_board, run_board
from stsbench.api.compare import compare
from stsbench.api.compare.methods import Setting
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.kinds import CORRELATIONS
from stsbench.errors import StoreError, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.stats.metrics import METRICS
from tests.conftest import known

SYSTEMS = ({"encoder": "hashing", "similarities": ["cosine", "dot"]}, "hashing,dim=64")


def table(folder: Path, name: str, limit: float) -> str:
    """A benchmark of mini's pairs in a file: positive above a limit of the gold."""
    pairs = Mini().load()[0].pairs
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("left", "right", "score"))
        rows.writerows((*texts, int(gold > limit)) for *texts, gold in zip(pairs.left, pairs.right, pairs.gold, strict=True))
    return f"csv:{folder / name}.csv,task=binary,public=true,name={name}"


@pytest.fixture
def board(tmp_path: Path, write_board: Callable[..., Path]) -> Callable[..., BoardFolder]:
    """The board of these keys beside mini's, with all its files, written anew."""

    def write(**more: Any) -> BoardFolder:
        return BoardFolder(write_board(tmp_path, *SYSTEMS, writers=["markdown", "csv", "json", "latex", "html"], **more))

    return write


def test_a_board_of_two_binary_benchmarks(tmp_path: Path, board: Callable[..., BoardFolder]) -> None:
    folder = board(benchmarks=[table(tmp_path, "high", 4), table(tmp_path, "low", 1)])
    report, built = run_board(folder, Session.opened(cache=False))
    assert report.exit_code == 0
    golds = {"high": Mini().load()[0].pairs.gold > 4, "low": Mini().load()[0].pairs.gold > 1}
    for row in built.rows:
        for column, cell in zip(built.columns, row.cells, strict=True):
            (file,) = (
                one for one in folder.results.files if one.benchmark.name == column.name and one.encoder.fingerprint == row.fingerprint
            )
            kept = {cell: own for cell, own in folder.results.scores(file).items() if cell.variant == row.system.variant}
            for scores in kept.values():
                assert cell.figure == pytest.approx(average_precision_score(golds[column.name], scores), abs=1e-6)
            assert column.ceiling is None
            assert not row.primary or known(cell.low) < known(cell.figure) < known(cell.high)
        assert row.average == pytest.approx(np.mean([cell.figure for cell in row.cells]), abs=1e-6)
    assert sorted(row.rank or 0 for row in built.rows if row.primary) == [1, 2], "another similarity is a variant, which has no rank"
    assert all(row.best_rank for row in built.rows if row.primary)
    assert check_board(folder, Session.opened()) == []
    readme, page = ((tmp_path / name).read_text() for name in ("README.md", "index.html"))
    assert "Average precision x 100 by human judgement, higher is better" in readme
    assert "Average precision × 100" in page
    assert "Spearman × 100" not in page
    assert "Average precision x 100" in (tmp_path / "board.tex").read_text()
    first = next(csv.DictReader((tmp_path / "board.csv").read_text().splitlines()))
    assert {"average_precision", "roc_auc", "spearman", "pearson", "kendall"} <= {*first}
    cell = json.loads((tmp_path / "board.json").read_text())["rows"][0]["cells"][0]
    assert float(first["average_precision"]) == cell["average_precision"] == round(built.rows[0].cells[0].figure or 0, 6)


def test_kendall_is_a_line_of_the_board(tmp_path: Path, board: Callable[..., BoardFolder]) -> None:
    folder = board(main="kendall")
    _, built = run_board(folder, Session.opened(cache=False))
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    for row in built.rows:
        (cell,) = row.cells
        assert row.average == cell.figure == cell.figures["kendall"] != cell.figures["spearman"]
        if row.primary:
            assert known(cell.low) < known(cell.figure) < known(cell.high)
            assert all("kendall" in vars(portion)["figures"] for portion in cell.portions)
    averages = [known(row.average) for row in built.rows]
    assert averages == sorted(averages, reverse=True)
    assert all("kendall" in group for one in statistics["systems"] for groups in one["groups"].values() for group in groups.values())
    assert check_board(folder, Session.opened()) == []
    assert "Kendall correlation x 100 with human judgement" in (tmp_path / "README.md").read_text()
    page = (tmp_path / "index.html").read_text()
    assert "Kendall × 100" in page
    assert "Spearman × 100" not in page
    other = build_board(board(), Session.opened())
    assert all(row.cells[0].low is None for row in other.rows), "the statistics are of another metric"


@pytest.mark.parametrize(
    ("main", "error", "told"),
    [
        ("average_precision", StoreError, "all of them are measured by spearman, pearson, kendall"),
        ("kendal", UsageError, "main: there is no metric kendal"),
    ],
)
def test_a_metric_that_a_benchmark_is_not_measured_by_is_refused(
    tmp_path: Path, board: Callable[..., BoardFolder], main: str, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        run_board(board(main=main), Session.opened(cache=False))
    assert not (tmp_path / "results").exists(), "it is said before anything is computed"


def test_a_metric_that_no_record_holds_is_computed_where_it_is_asked_for(tmp_path: Path, board: Callable[..., BoardFolder]) -> None:
    folder = board()
    run_board(folder, Session.opened(cache=False))
    gold = Mini().load()[0].pairs.gold
    expected = {
        file.encoder.fingerprint: METRICS["gamma"].compute(gold, scores)
        for file in folder.results.files
        for scores in folder.results.scores(file).values()
    }
    found = compare([], tmp_path, Session.opened(), Setting(metric="gamma", resamples=199))
    assert sorted(standing.value for standing in found.standings) == pytest.approx(sorted(expected.values()))
    assert all(standing.low < standing.value < standing.high for standing in found.standings)
    assert "Goodman and Kruskal's gamma" in found.sentence()
    assert all({*record.figures} == {*CORRELATIONS} for file in folder.results.files for record in file.records)
    gamma = board(main="gamma")
    with pytest.raises(StoreError, match="all of them are measured by spearman, pearson, kendall"):
        build_board(gamma, Session.opened())
