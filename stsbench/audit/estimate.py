"""A figure with its interval, or the reason why there is none; and rank correlations with something else held fixed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.stats.intervals import bonett_wright
from stsbench.stats.orders import midranks


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the limits of its 95 % interval, or None in all three and the `reason`."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def pearson(one: Float64, other: Float64) -> float | None:
    """Pearson correlation of float64[n] and float64[n]; None where one of them is constant."""
    left, right = one - one.mean(), other - other.mean()
    scale = math.sqrt(float(left @ left)) * math.sqrt(float(right @ right))
    if scale == 0.0 or (one == one[0]).all() or (other == other[0]).all():
        return None
    return max(-1.0, min(1.0, float(left @ right) / scale))


def spearman(one: Float64, other: Float64) -> Estimate:
    """Spearman with Bonett and Wright's interval; undefined below 5 values and where one of them is constant."""
    return _estimate(pearson(midranks(one), midranks(other)) if len(one) > 4 else None, len(one))


def partial_spearman(one: Float64, other: Float64, given: Float64) -> Estimate:
    """Spearman of two with a third held fixed: the partial correlation of their midranks, with the interval of n - 1 values."""
    if len(one) < 6:
        return _estimate(None, len(one))
    ranks = [midranks(values) for values in (one, other, given)]
    between, first, second = pearson(ranks[0], ranks[1]), pearson(ranks[0], ranks[2]), pearson(ranks[1], ranks[2])
    if between is None or first is None or second is None:
        return _estimate(None, len(one))
    left_over = math.sqrt(max(0.0, (1 - first**2) * (1 - second**2)))
    if left_over < 1e-12:
        return Estimate(reason="one of them follows from what is held fixed")
    return _estimate(max(-1.0, min(1.0, (between - first * second) / left_over)), len(one) - 1)


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
    rows: Float64 = vectors / np.where(norms == 0.0, 1.0, norms)
    return rows
