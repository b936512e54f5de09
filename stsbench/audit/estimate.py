"""Rank correlations with their intervals, also with something else held fixed."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.stats.intervals import Estimate, bonett_wright
from stsbench.stats.metrics import SPEARMAN, figure


def spearman(first: Float64, second: Float64) -> Estimate:
    """Spearman with Bonett and Wright's interval; undefined below 5 values and where one of them is constant."""
    return _estimate(figure(SPEARMAN, first, second) if len(first) > 4 else None, len(first))


def partial_spearman(left: Float64, right: Float64, given: Float64) -> Estimate:
    """Spearman of two with a third held fixed: the partial correlation of their midranks, with the interval of n - 1 values."""
    pairs = combinations((left, right, given), 2)
    between, first, second = (figure(SPEARMAN, *both) if len(left) > 5 else None for both in pairs)
    if between is None or first is None or second is None:
        return _estimate(None, len(left))
    left_over = math.sqrt(max(0.0, (1 - first**2) * (1 - second**2)))
    if left_over < 1e-7:  # a correlation of 1 misses it by some 1e-16
        return Estimate(reason="one of them follows from what is held fixed")
    return _estimate(max(-1.0, min(1.0, (between - first * second) / left_over)), len(left) - 1)


def _estimate(value: float | None, n: int) -> Estimate:
    if value is None:
        return Estimate(reason="too few values, or constant ones")
    if abs(value) >= 1.0:
        return Estimate(value, value, value)
    low, high = bonett_wright(value, n)
    return Estimate(value, max(-1.0, low), min(1.0, high))


def unit_rows(vectors: Float64) -> Float64:
    """Rows divided by their norms, float64[n, d]; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0.0, 1.0, norms)
