"""Files that change while a run goes on: nothing is kept under the name of what they were."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import stsbench

GOLD = [3.0, 1.0, 2.0, 5.0, 4.0, 0.0]
FIRST, SECOND = [0.1, 0.2, 0.3, 0.9, 0.5, 0.4], [0.9, 0.8, 0.1, 0.2, 0.3, 0.4]
ROWS = [(f"left {row}", f"right {row}", gold) for row, gold in enumerate(GOLD)]


class Meddling:
    """An encoder that writes to a file when it is asked."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self.data = path, data

    def encode(self, texts: Sequence[str]) -> Any:
        self.path.write_bytes(self.data)
        return np.random.default_rng(0).normal(size=(len(texts), 4))


def scored(values: Sequence[float]) -> bytes:
    return ("score\n" + "".join(f"{value}\n" for value in values)).encode()


def figure(report: stsbench.Report) -> float | None:
    """That of the scores."""
    frame = report.to_frame()
    (value,) = frame[frame["view"] == "pair"]["spearman"]
    return None if pd.isna(value) else float(value)


def test_scores_that_are_written_anew_during_a_run_are_not_kept_as_those_of_before(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(scored(FIRST))
    data = stsbench.pairs(ROWS, name="own")
    options: dict[str, Any] = {"results": tmp_path / "results", "cache": tmp_path / "cache"}
    report = stsbench.evaluate([Meddling(path, scored(SECOND))], ["cosine", f"scores:{path}"], [data], **options)
    assert figure(report) is None
    assert any("changed between the plan of the run and their use; run it again" in str(failure) for failure in report.failures())
    for values in (FIRST, SECOND):
        path.write_bytes(scored(values))
        again = stsbench.evaluate(["hashing"], ["cosine", f"scores:{path}"], [data], **options)
        assert figure(again) == pytest.approx(spearmanr(GOLD, values).statistic, abs=1e-9)


def test_vectors_that_are_written_anew_during_a_run_are_not_kept_as_those_of_before(tmp_path: Path) -> None:
    texts = [side for row in ROWS for side in row[:2]]
    (tmp_path / "made.txt").write_text("\n".join(texts))
    vectors = {}
    for seed in (1, 2):
        np.save(tmp_path / f"{seed}.npy", np.random.default_rng(seed).normal(size=(len(texts), 4)).astype(np.float32))
        vectors[seed] = (tmp_path / f"{seed}.npy").read_bytes()
    (path := tmp_path / "made.npy").write_bytes(vectors[1])
    meddling = Meddling(path, vectors[2])
    report = stsbench.evaluate([meddling, f"vectors:{path}"], "cosine", [ROWS], results=tmp_path / "results")
    assert [bool(failure) for failure in report.failures()] == [True]
    assert not list((tmp_path / "results" / "scores").rglob("*.parquet"))
