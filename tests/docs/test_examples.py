"""Every example board runs from its board.toml to its page, and goes by the figure that it names."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from stsbench.api.boards import check_board, run_board
from stsbench.api.session import Session
from stsbench.evidence.folder import BoardFolder
from stsbench.stats.metrics import METRICS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*/board.toml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.parent.name))
def test_an_example_runs_to_its_page(example: Path, tmp_path: Path) -> None:
    shutil.copy(example, tmp_path)
    folder, session = BoardFolder(tmp_path), Session.opened(cache=False)
    metric = METRICS[folder.spec.main or "spearman"]
    report, board = run_board(folder, session)
    assert report.exit_code == 0
    assert check_board(folder, session) == []
    averages = [row.average or 0.0 for row in board.rows]
    assert averages == sorted(averages, reverse=True)
    compared = 0
    for file in folder.results.files:
        (part,) = session.benchmark(file.benchmark.ref).parts
        for cell, scores in folder.results.scores(file).items():
            (row,) = (row for row in board.rows if (row.fingerprint, row.system.variant) == (file.encoder.fingerprint, cell.variant))
            assert row.average == pytest.approx(metric.compute(part.pairs.gold, np.asarray(scores, dtype=np.float64)), abs=1e-6)
            assert (row.low or 1) < (row.average or 0) < (row.high or 0)
            compared += 1
    assert compared == 2
    assert f"{metric.title} × 100, mean over benchmarks" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f"{metric.title} correlation x 100" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_there_are_examples() -> None:
    assert EXAMPLES
