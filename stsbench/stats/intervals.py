"""Confidence intervals of correlations, also with something else held fixed, and of differences of two dependent ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.contracts.defaults import LEVEL
from stsbench.stats.metrics import SPEARMAN, figure


class Interval(NamedTuple):
    """Lower and upper limit."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the limits of its interval, or None in all three and the `reason`; without limits where only these are not known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def percentile(draws: Float64, level: float = LEVEL) -> Interval:
    """Percentile bootstrap interval of draws float64[b]: the order statistics at (b + 1) (1 -+ level) / 2."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], method="weibull")
    return Interval(float(low), float(high))


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval of that level: 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def wilson(share: float, n: float, level: float = LEVEL) -> Interval:
    """Wilson's interval of a share of n (1927), which holds where all or none are right, too; n may be no whole number."""
    square = normal_quantile(level) ** 2
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = math.sqrt(square * (share * (1 - share) / n + square / (4 * n * n))) / (1 + square / n)
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def fisher_z(figure: float, error: float, level: float = LEVEL, bounds: tuple[float, float] = (-1, 1)) -> Interval:
    """Interval of a figure from its standard error, on Fisher's z scale: inside its bounds and asymmetric, as it should be.

    For a figure in [0, 1] that is the logit scale, but for a factor.
    """
    middle, half = (bounds[0] + bounds[1]) / 2, (bounds[1] - bounds[0]) / 2
    rho = (figure - middle) / half
    if abs(rho) >= 1:
        return Interval(figure, figure)
    reach = normal_quantile(level) * (error / half) / (1 - rho**2)
    return Interval(*(middle + half * math.tanh(math.atanh(rho) + side * reach) for side in (-1, 1)))


def bonett_wright(rho: float, n: int, level: float = LEVEL) -> Interval:
    """Spearman's interval where only rho and n are known (Bonett and Wright 2000): variance (1 + rho^2 / 2) / (n - 3) on the z scale.

    Raises ValueError below 4 pairs.
    """
    if n < 4:
        raise ValueError(f"an interval from rho and n needs at least 4 pairs, not {n}")
    return fisher_z(rho, (1 - rho**2) * math.sqrt((1 + rho**2 / 2) / (n - 3)), level)


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


def zou(first: tuple[float, Interval], second: tuple[float, Interval], between: float) -> Interval:
    """Interval of the difference of two correlations with one variable from the interval of each (Zou 2007).

    `between` is the correlation of the two other variables; the level is that of the given intervals.
    """
    (r1, (low1, high1)), (r2, (low2, high2)) = first, second
    c = 0.0 if max(abs(r1), abs(r2)) >= 1 else _overlap(r1, r2, between)  # limits of 1 do not vary, and so not with others
    down = math.sqrt(max(0.0, (r1 - low1) ** 2 + (high2 - r2) ** 2 - 2 * c * (r1 - low1) * (high2 - r2)))
    up = math.sqrt(max(0.0, (high1 - r1) ** 2 + (r2 - low2) ** 2 - 2 * c * (high1 - r1) * (r2 - low2)))
    return Interval(r1 - r2 - down, r1 - r2 + up)


def _overlap(r1: float, r2: float, between: float) -> float:
    """The correlation of the two correlations."""
    top = (between - r1 * r2 / 2) * (1 - r1**2 - r2**2 - between**2) + between**3
    return top / ((1 - r1**2) * (1 - r2**2))
