"""Tests of the difference between two systems on the same pairs, valid for Spearman's correlation."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.intervals import Interval, bonett_wright, normal_quantile, zou
from stsbench.stats.orders import midranks
from stsbench.stats.resampling import CHUNK
from stsbench.stats.spearman import spearman_under

NOTHING = 1e-12  # a difference of two correlations below this is a rounding error


class Difference(NamedTuple):
    """One system's figure less another's, its influence-function standard error, and its bootstrap draws, float64[b], `rescaled`."""

    value: float
    error: float
    draws: Float64


def difference_errors(covariance: Float64, pairs: tuple[Index, Index]) -> Float64:
    """Standard errors, float64[m], of the differences of pairs of systems with this covariance, float64[s, s]."""
    first, second = pairs
    variances = np.diag(covariance)
    squares: Float64 = np.maximum(variances[first] + variances[second] - 2 * covariance[first, second], 0.0)
    return np.sqrt(squares)


def rescaled(draws: Float64, value: float, error: float) -> Float64:
    """Bootstrap draws of a difference, float64[b], spread about the estimate as its influence-function standard error says.

    Two systems that are wrong on the same pairs differ by little to first order, and what is left is of second order in the number
    of pairs. A resample of few pairs doubles some and drops others, which makes that part too large: at 100 pairs the draws spread
    too far by up to a seventh, the influence function's error by half of that. The shape of the draws is kept, and so the
    interval's two sides stay unequal. Measured in benchmarks/README.md. Where there is no error to first order, draws stay as they are.

    A draw of zero stays zero: such a resample does not tell the systems apart, in whichever direction the data do. Systems that
    differ in few pairs have many of them. Draws that are all equal, or a single one, are returned as they are.
    """
    draws = np.where(np.abs(draws) <= NOTHING, 0.0, draws)
    if len(draws) < 2 or error <= NOTHING or (spread := float(draws.std(ddof=1))) <= NOTHING:
        return draws
    return np.where(draws == 0.0, 0.0, value + (draws - value) * (error / spread))


def bootstrap_p(draws: Float64) -> float:
    """Two-sided p of a difference from its bootstrap draws float64[b]: twice the smaller share of draws on the far side of zero.

    The level at which the percentile interval begins to hold zero; never 0, since the data themselves count as one draw.
    """
    smaller = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return min(1.0, 2 * (smaller + 1) / (len(draws) + 1))


def influence_test(difference: float, error: float, level: float = 0.95) -> tuple[Interval, float]:
    """Interval and two-sided p of a difference from its influence-function standard error; p = 1 for equal figures."""
    reach = normal_quantile(level) * error
    interval = Interval(difference - reach, difference + reach)
    if abs(difference) <= NOTHING:
        return interval, 1.0
    return interval, math.erfc(abs(difference) / error / math.sqrt(2)) if error else 0.0


def zou_test(first: float, second: float, between: float, n: int, level: float = 0.95) -> tuple[Interval, float]:
    """Zou's interval with Bonett and Wright's limits, and the p at which it begins to hold zero."""
    from scipy.optimize import brentq

    def interval(at: float) -> Interval:
        return zou((first, bonett_wright(first, n, at)), (second, bonett_wright(second, n, at)), between)

    def edge(p: float) -> float:
        low, high = interval(1 - p)
        return low if first > second else -high

    smallest, largest = 1e-12, 1 - 1e-12
    if edge(largest) <= 0:  # figures that differ by a rounding error
        return interval(level), 1.0
    return interval(level), smallest if edge(smallest) > 0 else float(brentq(edge, smallest, largest, xtol=1e-12))


def rank_permutation(gold: Float64, first: Float64, second: Float64, *, resamples: int, generator: np.random.Generator) -> float:
    """Two-sided p of the difference when the ranks that two systems give a pair are swapped at random (after Deutsch et al. 2021).

    Swapped ranks are ranked again. They are resamples of the 2n pooled ranks in which a pair is taken from one system and not
    from the other, so that no sort is needed. Raises ValueError where gold or scores are constant.
    """
    n = len(gold)
    pooled = np.concatenate([midranks(first), midranks(second)])
    under = spearman_under(np.concatenate([gold, gold]), pooled[:, None])

    def difference(swapped: Float64) -> Float64:
        taken = np.concatenate([1 - swapped, swapped]).astype(np.float32)
        first_figures, second_figures = (under(counts)[:, 0] for counts in (taken, 1 - taken))
        return first_figures - second_figures

    observed = abs(difference(np.zeros((n, 1)))[0])
    extreme = 0
    for start in range(0, resamples, CHUNK):
        swapped = generator.integers(0, 2, size=(n, min(CHUNK, resamples - start))).astype(np.float64)
        extreme += int((np.abs(difference(swapped)) >= observed - 1e-12).sum())
    return (extreme + 1) / (resamples + 1)
