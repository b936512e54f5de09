"""One figure for several benchmarks: beside the macro mean, the Fisher-z mean and Borda counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.stats.orders import midranks


def fisher_mean(correlations: Sequence[float]) -> float:
    """The correlation whose Fisher z is the mean of theirs; 1 or -1 among them gives that. Raises ValueError for none."""
    if not correlations:
        raise ValueError("there is no correlation to average")
    whole = {value for value in correlations if abs(value) >= 1}
    if len(whole) > 1:
        raise ValueError("correlations of 1 and of -1 have no mean on the z scale")
    return whole.pop() if whole else math.tanh(math.fsum(map(math.atanh, correlations)) / len(correlations))


def borda(figures: Float64) -> Float64:
    """Borda counts of systems, float64[s], from figures float64[s, k] without gaps: for each benchmark s minus the average rank.

    mteb's definition. A count depends on which other systems are in the table, so it is never the only order of one.
    """
    counts: Float64 = np.sum([len(figures) - midranks(-column) for column in figures.T], axis=0)
    return counts


def borda_ranks(counts: Float64) -> list[int]:
    """Ranks by Borda count, the highest first; equal counts share the smallest rank."""
    ordered = sorted(counts.tolist(), reverse=True)
    return [ordered.index(value) + 1 for value in counts.tolist()]
