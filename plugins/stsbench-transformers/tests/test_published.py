"""A published number, on the real data."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Location


@pytest.mark.mirror
@pytest.mark.slow
def test_minilm_on_the_sts_benchmark(minilm: Location) -> None:
    if not (mirror := os.environ.get("STSBENCH_MIRROR")):
        pytest.skip("needs the real benchmarks: set STSBENCH_MIRROR")
    with gzip.open(Path(mirror) / "mteb/stsbenchmark-sts/test.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    encoder = Bert(minilm)
    left, right = (
        encoder.encode([row[side] for row in rows], views=("mean@6",)).vectors["mean@6"].astype(float)
        for side in ("sentence1", "sentence2")
    )
    left, right = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (left, right))
    scores = np.round(1 - ((left - right) ** 2).sum(axis=1) / 2, 10)
    assert spearmanr([row["score"] for row in rows], scores).statistic == pytest.approx(0.820325, abs=2e-5)
