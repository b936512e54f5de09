"""What moved between two states of a board; significance against a bootstrap computed here, by hand."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.api.boards import run_board
from stsbench.api.differences import board_difference
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.cli.app import app
from stsbench.cli.printing.moved import markdown
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import measure
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, load_all, record_path, scores_path
from stsbench.stores.results import ResultsFolder

GOLD = Mini().load()[0].pairs.gold


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    hashing = {"encoder": "hashing", "similarities": ["cosine", "dot"]}
    folder = write_board(tmp_path_factory.mktemp("base"), hashing, "tfidf", title="A small | board")
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


@pytest.fixture
def head(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "head"))


NOISE = np.random.default_rng(3).random(len(GOLD))


def move(folder: Path, label: str, weight: float, towards: np.ndarray = GOLD / 5) -> tuple[np.ndarray, np.ndarray]:
    """Another figure for a system; its scores before and after."""
    (file,) = (file for file in load_all(folder) if file.encoder.label == label)
    ((cell, scores),) = ResultsFolder(folder).scores(file).items()
    after, exponent = rankable((1 - weight) * scores.astype(np.float64) + weight * towards)
    found = measure(GOLD, after)
    records = tuple(
        record.model_copy(update={"figures": found.figures, "exponent": exponent if record.cell == cell else None})
        if record.variant == cell.variant
        else record
        for record in file.records
    )
    moved = file.model_copy(update={"records": records})
    record_path(folder, moved).write_bytes(dump(moved))
    write_scores(scores_path(folder, moved), Evidence(moved, {cell: after}))
    return scores.astype(np.float64), after.astype(np.float64)


def test_too_few_resamples_for_an_interval_are_refused(base: Path, head: Path) -> None:
    with pytest.raises(UsageError, match=r"38 resamples make no interval of 95 %; take at least 39"):
        board_difference(BoardFolder(base), BoardFolder(head), Session.opened(), resamples=38)


def test_the_same_board_has_not_moved(base: Path, head: Path) -> None:
    found = board_difference(BoardFolder(base), BoardFolder(head), Session.opened())
    assert (found.moved, found.added, found.removed, found.systems) == ((), (), (), 3)
    assert "Nothing moved: 3 systems have the same figures as before." in markdown(found)


@pytest.mark.parametrize(("weight", "significant"), [(0.3, True), (0.03, False)])
def test_a_move_has_the_interval_of_a_paired_bootstrap(base: Path, head: Path, weight: float, significant: bool) -> None:
    old, new = move(head, "tfidf", weight, GOLD / 5 if significant else NOISE)
    (found,) = board_difference(BoardFolder(base), BoardFolder(head), Session.opened()).moved
    assert (found.system, found.benchmark) == ("tfidf · pair", "mini")
    assert found.new == pytest.approx(spearmanr(GOLD, new).statistic, abs=1e-5)
    assert found.old == pytest.approx(spearmanr(GOLD, old).statistic, abs=1e-5)
    generator = np.random.default_rng(1)
    draws = []
    for _ in range(1000):
        rows = generator.integers(0, len(GOLD), len(GOLD))
        draws.append(spearmanr(GOLD[rows], new[rows]).statistic - spearmanr(GOLD[rows], old[rows]).statistic)
    low, high = np.quantile(draws, [0.025, 0.975])
    width = high - low
    assert found.low == pytest.approx(low, abs=0.15 * width)
    assert found.high == pytest.approx(high, abs=0.15 * width)
    assert found.significant is significant is not (low <= 0 <= high)


def test_systems_come_and_go_and_what_cannot_be_known_is_said(base: Path, head: Path) -> None:
    toml = (head / "board.toml").read_text()
    (head / "board.toml").write_text(toml.replace('encoder = "tfidf"', 'encoder = "bm25"'))
    run_board(BoardFolder(head), Session.opened(cache=False))
    (file,) = (file for file in load_all(head) if file.encoder.label == "hashing")
    records = tuple(
        record.model_copy(update={"figures": {**record.figures, "spearman": 0.5}}) if record.similarity == "stsbench/dot" else record
        for record in file.records
    )
    record_path(head, file).write_bytes(dump(file.model_copy(update={"records": records})))
    found = board_difference(BoardFolder(base), BoardFolder(head), Session.opened())
    assert [line.system for line in found.added] == ["bm25 · pair"]
    assert [line.system for line in found.removed] == ["tfidf · pair"]
    (moved,) = found.moved
    assert (moved.system, moved.new, moved.significant) == ("hashing · dot", 0.5, None)
    assert "are not kept" in (moved.unknown or "")
    text = markdown(found)
    assert "### A small \\| board" in text
    assert "| hashing · dot | mini |" in text
    assert "unknown" in text
    assert "| Added | Rank | Average | Interval |" in text
    assert re.search(r"^\| bm25 · pair \| \d \| (-?\d+\.\d\d) \| -?\d+\.\d\d to -?\d+\.\d\d \|$", text, re.M), (
        "limits of a figure have no plus"
    )


def test_states_of_two_main_figures_are_not_compared(base: Path, head: Path) -> None:
    toml = (head / "board.toml").read_text()
    (head / "board.toml").write_text(toml.replace('protocol = "plain"', 'protocol = "plain"\nmain = "kendall"'))
    with pytest.raises(UsageError, match="the board went by Spearman and goes by Kendall"):
        board_difference(BoardFolder(base), BoardFolder(head), Session.opened())
    assert board_difference(BoardFolder(head), BoardFolder(head), Session.opened()).figure == "Kendall"


def test_a_figure_that_its_scores_do_not_give_has_no_interval(base: Path, head: Path) -> None:
    (file,) = (file for file in load_all(head) if file.encoder.label == "tfidf")
    records = tuple(
        record.model_copy(update={"figures": {**record.figures, "spearman": 0.5}}) if record.is_whole else record for record in file.records
    )
    record_path(head, file).write_bytes(dump(file.model_copy(update={"records": records})))
    (moved,) = board_difference(BoardFolder(base), BoardFolder(head), Session.opened()).moved
    assert (moved.new, moved.low, moved.high, moved.significant) == (0.5, None, None, None)
    assert "the kept scores of tfidf · pair on mini give 0." in (moved.unknown or "")
    assert "its record says 0.500000" in (moved.unknown or "")


def test_the_command_prints_markdown_and_json(base: Path, head: Path) -> None:
    from typer.testing import CliRunner

    move(head, "tfidf", 0.3)
    done = CliRunner().invoke(app, ["leaderboard", "diff", str(base), str(head), "--json"])
    assert done.exit_code == 0, done.output
    (moved,) = json.loads(done.stdout)["moved"]
    assert moved["significant"] is True
    done = CliRunner().invoke(app, ["leaderboard", "diff", str(base), str(head)])
    assert "| **yes** |" in done.stdout
