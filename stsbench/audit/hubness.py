"""Whether a few texts are neighbours of very many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.audit.estimate import unit_rows
from stsbench.contracts.data import Float64, Index

NEIGHBOURS = 10
BLOCK = 2**22  # cosines that are held at a time (32 MiB)


@dataclass(frozen=True, slots=True)
class Hubness:
    """How often each text is among the k nearest others, by cosine: `skewness` of that count (0: no hubs; Radovanovic et al. 2010).

    `robin_hood` is the share of places in lists that would have to change hands for all texts to have k, in [0, 1); `antihubs` the
    share of texts in no list, in [0, 1]; `largest` the most lists that a text is in. Source of the last three: Feldbauer et al. 2018.
    """

    k: int
    skewness: float
    robin_hood: float
    antihubs: float
    largest: int


def measure_hubness(vectors: Float64, k: int = NEIGHBOURS) -> Hubness | None:
    """The hubness of vectors float64[u, d], one a text; None unless there are more than k + 1 texts."""
    if len(vectors) <= k + 1:
        return None
    counts = k_occurrence(vectors, k).astype(np.float64)
    deviations = counts - k  # every text gives k places, so k is the mean
    spread = float((deviations**2).mean())
    skewness = float((deviations**3).mean()) / spread**1.5 if spread else 0.0
    return Hubness(k, skewness, float(np.abs(deviations).sum() / 2 / counts.sum()), float((counts == 0).mean()), int(counts.max()))


def k_occurrence(vectors: Float64, k: int) -> Index:
    """In how many lists of the k nearest others, by cosine, each row is, intp[u]."""
    units = unit_rows(vectors)
    counts = np.zeros(len(units), dtype=np.intp)
    step = max(1, BLOCK // len(units))
    for start in range(0, len(units), step):
        cosines = units[start : start + step] @ units.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -np.inf
        nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        counts += np.bincount(nearest.ravel(), minlength=len(units))
    return counts
