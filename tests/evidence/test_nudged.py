"""Scores that were nudged by less than the tolerance so that ties break towards gold, and honest reruns on other machines."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stsbench.api.boards import check_board, run_board
from stsbench.api.contributing import merge_results
from stsbench.api.session import Session
from stsbench.api.verifying import verify_board
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.data import Float64
from stsbench.contracts.records import Record, RecordFile
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import load_spec
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import measure
from stsbench.stats.metrics.spearman import spearman
from stsbench.stores.agreement import judge
from stsbench.stores.drift import Basis
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, load_all, record_path, scores_path
from stsbench.stores.results import ResultsFolder

PAIRS = Mini().load()[0].pairs
GOLD = PAIRS.gold
Nudge = Callable[[Float64], Float64]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    three = ["cosine", "euclidean", "angular"]
    hashing = {"encoder": "hashing", "similarities": three, "evidence": three}
    folder = write_board(tmp_path_factory.mktemp("boards") / "small", hashing, "length-gap", "char-jaccard", "tfidf")
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


def kept(folder: Path) -> dict[str, tuple[RecordFile, Record, Float64]]:
    """Of every system the file, the record of its one part, and its scores."""
    return {
        f"{file.encoder.label} {record.similarity or ''}".strip(): (
            file,
            record,
            ResultsFolder(folder).scores(file)[record.cell].astype(np.float64),
        )
        for file in load_all(folder)
        for record in file.records
        if not record.is_whole
    }


def towards_gold(scores: Float64, chosen: Callable[[np.ndarray], np.ndarray] = lambda sizes: sizes > 1, share: float = 1.9e-5) -> Float64:
    """Every tie of a chosen size broken in the order of gold, within the tolerance."""
    _, ties, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    order = (GOLD - GOLD.min()) / np.ptp(GOLD)
    return np.where(chosen(sizes[ties]), scores + share * np.ptp(scores) * order, scores)


def forge(folder: Path, name: str, nudge: Nudge) -> float:
    """Evidence with nudged scores, and records that fit them; the figure that it has now."""
    file, own, scores = kept(folder)[name]
    stored, exponent = rankable(nudge(scores))
    found = measure(GOLD, stored)
    figures = {"figures": found.figures}
    records = tuple(
        one
        if one.variant != own.variant
        else one.model_copy(update=figures | ({} if one.is_whole else {"exponent": exponent + (own.exponent or 0)}))
        for one in file.records
    )
    forged = file.model_copy(update={"records": records})
    others = ResultsFolder(folder).scores(file)
    record_path(folder, forged).write_bytes(dump(forged))
    write_scores(scores_path(folder, forged), Evidence(forged, {**others, own.cell: stored}))
    return found.figures["spearman"]


def test_ties_broken_towards_gold_are_found_by_every_check_that_computes_scores(board: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "small"))
    before = kept(folder)["length-gap"][1].figures["spearman"]
    after = forge(folder, "length-gap", towards_gold)
    assert before is not None
    assert after > before + 0.2
    for full in (False, True):
        (finding,) = verify_board(BoardFolder(folder), Session.opened(cache=False), full=full, seed=3).findings
        assert finding.encoder == "length-gap"
        assert "score alike, and" in finding.what
    report, _ = run_board(BoardFolder(folder), Session.opened(cache=False), fresh=True)
    assert {(one.encoder, one.cell[0]) for one in report.disagreements} == {("length-gap", "test"), ("length-gap", "*")}
    for contribution, into in ((folder, board), (board, folder)):
        given = tmp_path / f"from {contribution.parent.name}"
        for name in ("results", "scores"):
            shutil.copytree(contribution / name, given / name)
        kept_there = Path(shutil.copytree(into, tmp_path / f"into {contribution.parent.name}"))
        conflicts = merge_results(ResultsFolder(given), ResultsFolder(kept_there), tolerance=load_spec(board).tolerance).conflicts
        assert {one.encoder for one in conflicts} == {"length-gap"}


@pytest.mark.parametrize("name", ["length-gap", "char-jaccard", "hashing stsbench/euclidean"])
def test_a_single_tie_of_three_is_found_where_all_pairs_are_taken(board: Path, tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "small"))

    def nudge(scores: Float64) -> Float64:
        values, sizes = np.unique(scores, return_counts=True)
        nudged = scores.copy()
        nudged[np.flatnonzero(scores == values[sizes > 2][0])[0]] += 1e-6 * np.ptp(scores)
        return nudged

    forge(folder, name, nudge)
    (finding,) = verify_board(BoardFolder(folder), Session.opened(cache=False), full=True).findings
    assert "score alike, and" in finding.what


def test_many_ties_of_two_that_all_break_towards_gold_are_no_chance(board: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "small"))
    before = kept(folder)["char-jaccard"][1].figures["spearman"]
    after = forge(folder, "char-jaccard", lambda scores: towards_gold(scores, lambda sizes: sizes == 2, 9e-7))
    assert after > before + 5e-4
    (finding,) = verify_board(BoardFolder(folder), Session.opened(cache=False), full=True).findings
    assert f"figure of {after:.6f}, computed anew {before:.6f}" in finding.what
    report, _ = run_board(BoardFolder(folder), Session.opened(cache=False), fresh=True)
    assert {one.encoder for one in report.disagreements} == {"char-jaccard"}


def test_pairs_of_equal_texts_tie_though_they_are_two(board: Path) -> None:
    scores = kept(board)["hashing stsbench/cosine"][2]
    repeated = np.array([5, 9])
    keys = np.arange(len(PAIRS))
    keys[repeated] = -1
    pairs = PAIRS.take([5 if row == 9 else row for row in range(len(PAIRS))])
    scores[9] = scores[5]
    basis = Basis.of(pairs, scores, spearman)
    assert (basis.ties[repeated] >= 0).all()


def test_an_honest_rerun_agrees_on_any_machine(board: Path) -> None:
    """Noise of up to 1e-6 of the range on every score; equal texts and equal sums stay equal, as they do on every processor."""
    random = np.random.default_rng(11)
    for name, (_, record, scores) in kept(board).items():
        basis = Basis.of(PAIRS, scores, spearman)
        _, ties, sizes = np.unique(scores, return_inverse=True, return_counts=True)
        for _ in range(40):
            noise = random.uniform(-1e-6, 1e-6, len(scores)) * np.ptp(scores)
            other, exponent = rankable(np.where(sizes[ties] > 2, scores, scores + noise))
            found = measure(GOLD, other)
            old = record.model_copy(update={"figures": found.figures, "exponent": exponent})
            new = record.model_copy(update={"exponent": 0})
            assert judge(old, new, 2e-5, other, scores, basis).what is None, name
            assert judge(new, old, 2e-5, scores, other).what is None, name  # as `results merge` compares


def test_a_board_as_it_was_computed_agrees(board: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "small"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    report, _ = run_board(BoardFolder(folder), Session.opened(cache=False), fresh=True)
    assert report.disagreements == ()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    found = verify_board(BoardFolder(folder), Session.opened(cache=False), full=True)
    assert (found.findings, found.pairs, found.sample) == ((), 6 * len(PAIRS), None)
    assert check_board(BoardFolder(folder), Session.opened()) == []
