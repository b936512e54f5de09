"""Boards that go by another figure than Spearman, from `run --board` to the page; each figure against scipy's or a count by hand."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau

from stsbench.api.boards import check_board, run_board
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.boards.board import Leaderboard
from stsbench.evidence.folder import BoardFolder
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder

WORDS = ["red", "green", "blue", "house", "cat", "dog", "tree", "runs", "sits", "walks", "big", "small"]


SYSTEMS = ({"encoder": "hashing,dim=64", "similarities": ["cosine", "dot"]}, "length-gap")
WRITERS = ["markdown", "csv", "json", "latex", "html"]


def ran(folder: Path) -> Leaderboard:
    """The board, run and checked."""
    session = Session.opened(cache=False)
    _, board = run_board(BoardFolder(folder), session)
    assert check_board(BoardFolder(folder), session) == []
    return board


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "board.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def scores(folder: Path, benchmark: str) -> dict[tuple[str, str], np.ndarray]:
    """Kept scores on all pairs of a benchmark by the fingerprint and similarity of the system."""
    return {
        (file.encoder.fingerprint, cell.similarity): np.asarray(values, dtype=np.float64)
        for file in load_all(folder)
        if file.benchmark.name == benchmark
        for cell, values in ResultsFolder(folder).scores(file).items()
    }


def test_a_board_of_kendall_says_so_from_its_records_to_its_page(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = write_board(tmp_path / "kendall", *SYSTEMS, main="kendall", writers=WRITERS)
    board = ran(folder)
    (part,) = Mini().load()
    kept = scores(folder, "mini")
    for line in lines(folder):
        found = kept.get((line["fingerprint"], line["similarity"]))
        if found is not None:
            assert float(line["kendall"]) == pytest.approx(kendalltau(part.pairs.gold, found).statistic, abs=1e-6)
            assert float(line["low"]) < float(line["kendall"]) < float(line["high"])
    averages = [row.average or 0.0 for row in board.rows]
    assert averages == sorted(averages, reverse=True)
    page = (folder / "index.html").read_text()
    assert "Kendall correlation × 100 with human judgement" in page
    assert "Kendall × 100, mean over benchmarks" in page
    assert "| ---: | --- | --- | --- | --- | ---: | ---: | --- |" in (folder / "README.md").read_text()


def test_a_board_of_binary_benchmarks_goes_by_average_precision(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    chance, told = random.Random(1), []
    for name in ("one", "two"):
        rows = ["a\tb\tscore"]
        for place in range(40):
            words, alike = chance.sample(WORDS, 4), chance.random() < 0.4
            other = [*words[:3], chance.choice(WORDS)] if alike else chance.sample(WORDS, chance.randint(2, 6))
            rows.append(f"{' '.join(words)} {place}\t{' '.join(other)} {place}\t{int(alike)}")
        (tmp_path / f"{name}.tsv").write_text("\n".join(rows) + "\n")
        told.append(f"tsv:{tmp_path}/{name}.tsv,left=a,right=b,score=score,task=binary,public=true")
    folder = write_board(tmp_path / "binary", *SYSTEMS, benchmarks=told, writers=WRITERS, title="A small board")
    board = ran(folder)
    assert [column.ceiling for column in board.columns] == [None, None]
    tables = {name: (tmp_path / f"{name}.tsv").read_text().splitlines()[1:] for name in ("one", "two")}
    gold = {name: np.array([row.endswith("1") for row in rows]) for name, rows in tables.items()}
    kept = {name: scores(folder, name) for name in gold}
    compared = 0
    for line in lines(folder):
        found = kept[line["benchmark"]].get((line["fingerprint"], line["similarity"]))
        if found is not None:
            positive = gold[line["benchmark"]]
            precision = np.mean([positive[found >= threshold].mean() for threshold in found[positive]])
            assert float(line["average_precision"]) == pytest.approx(precision, abs=1e-6)
            compared += 1
    assert compared == 4, "scores of the primary similarity and of the pair scorer are kept, on two benchmarks"
    page = (folder / "index.html").read_text()
    assert "Average precision × 100 by human judgement" in page
    assert "Average precision × 100, mean over benchmarks" in page
    assert (folder / "board.tex").read_text().startswith("% A small board: Average precision x 100,")
