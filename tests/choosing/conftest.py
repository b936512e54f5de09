"""A job without a model: candidates whose scores are numbers of a generator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.choosing import ask
from stsbench.choosing.folder import JobFolder, scores_file, unrated
from stsbench.choosing.job import Candidate, ChoosingJob

PAIRS = 60
CANDIDATES = ("good", "fair", "poor")
GOLD = np.random.default_rng(7).integers(0, 6, PAIRS).astype(float)


def candidate(name: str) -> Candidate:
    return Candidate(
        encoder=f"some/{name}", fingerprint="0" * 64, view="sentence", transforms=(), similarity="stsbench/cosine", model=name, typed=name
    )


def begun(path: Path, identity: str = "0123456789ab") -> JobFolder:
    """A job of 60 pairs, whose gold the first candidate knows best."""
    pool = unrated([f"canary left {row}" for row in range(PAIRS)], [f"canary right {row * 7 % PAIRS}" for row in range(PAIRS)])
    noise = np.random.default_rng(8).normal(size=(PAIRS, len(CANDIDATES)))
    scores = GOLD[:, None] + noise * np.array([0.5, 2.0, 9.0])
    candidates = tuple(map(candidate, CANDIDATES))
    job = ChoosingJob(id=identity, seed=0, pool=pool.digest, pairs=PAIRS, goal=40, candidates=candidates, scores=scores_file(scores))
    JobFolder(path).begin(job, pool, scores)
    return JobFolder(path)


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    return begun(tmp_path / "job")


Answer = Callable[..., Path]


@pytest.fixture
def answer(job: JobFolder, tmp_path: Path) -> Answer:
    """Write the file that the page of the last round would save: `answer("anna", {3: 4.0})` says 4 of item 3, and gold of the others."""
    ask(job.path, 20)

    def write(rater: str, values: Mapping[int, Any] = {}, name: str = "", **changed: Any) -> Path:
        asked = JobFolder(job.path).rounds[-1]
        labels = [{"item": item, "value": values.get(place, GOLD[one.row])} for place, (item, one) in enumerate(asked.names().items(), 1)]
        document = {
            "form": "stsbench labels", "version": 1, "job": asked.job, "round": asked.number, "rater": rater, "labels": labels, **changed,
        }  # fmt: skip
        path = tmp_path / (name or f"{rater}.json")
        path.write_text(json.dumps(document))
        return path

    return write
