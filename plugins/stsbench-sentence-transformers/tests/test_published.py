"""A published number, on the real data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from stsbench_sentence_transformers.encoder import SentenceEncoder

from stsbench.plugin import Location


@pytest.mark.slow
def test_minilm_on_the_sts_benchmark(minilm: Location, rows_of: Callable[[str], list[dict[str, Any]]]) -> None:
    rows = rows_of("mteb/stsbenchmark-sts/test")
    encoder = SentenceEncoder(minilm)
    left, right = (
        encoder.encode([row[side] for row in rows], views=("sentence",)).vectors["sentence"].astype(float)
        for side in ("sentence1", "sentence2")
    )
    left, right = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (left, right))
    scores = np.round(1 - ((left - right) ** 2).sum(axis=1) / 2, 10)
    assert spearmanr([row["score"] for row in rows], scores).statistic == pytest.approx(0.820325, abs=2e-5)
