"""Tests of the difference between two systems on the same pairs, valid for Spearman; and p of many of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.contracts.defaults import LEVEL
from stsbench.stats.intervals import Interval, bonett_wright, normal_quantile, zou
from stsbench.stats.metrics.spearman import spearman_under
from stsbench.stats.orders import midranks
from stsbench.stats.resampling import CHUNK

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


def influence_test(difference: float, error: float, level: float = LEVEL) -> tuple[Interval, float]:
    """Interval and two-sided p of a difference from its influence-function standard error; p = 1 for equal figures."""
    reach = normal_quantile(level) * error
    interval = Interval(difference - reach, difference + reach)
    if abs(difference) <= NOTHING:
        return interval, 1.0
    return interval, math.erfc(abs(difference) / error / math.sqrt(2)) if error else 0.0


def zou_test(first: float, second: float, between: float, n: int, level: float = LEVEL) -> tuple[Interval, float]:
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


def holm(p: Sequence[float]) -> Float64:
    """Holm's adjusted p (1979), float64[m]: controls the chance of any false rejection under every dependence."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    steps = np.minimum(1, np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)))
    adjusted = np.empty(len(values))
    adjusted[order] = steps
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> Float64:
    """Adjusted p that control the expected share of false rejections (1995): for exploring a grid, not for claims."""
    from scipy import stats

    adjusted: Float64 = stats.false_discovery_control(np.asarray(p, dtype=np.float64), method="bh")
    return adjusted


def pairs_of(systems: int) -> tuple[Index, Index]:
    """Rows of the first and second system of every pair of systems."""
    return np.triu_indices(systems, k=1)


def max_t(estimates: Float64, draws: Float64, pairs: tuple[Index, Index], errors: Float64, alone: Float64 | None = None) -> Float64:
    """Adjusted two-sided p of differences between systems, float64[m], by Romano and Wolf's step-down (2005, 2016).

    `estimates` float64[s] and their joint bootstrap `draws` float64[b, s]; `pairs` names the first and second system of each
    hypothesis. A drawn difference is divided by the spread of the draws, and an observed one is as large as `alone` says, the p of each
    difference by itself from the same draws: that share of its own draws reaches it, so that no adjusted p is below the one by itself.
    Without, it is the difference divided by its standard error, of `errors` float64[m]. The step-down uses how differences depend on
    each other, and so rejects more than Holm at the same error rate. A difference that is the same in every draw has p = 1 if it is 0
    (systems with identical ranks), and else the least p.
    """
    first, second = pairs
    differences = estimates[first] - estimates[second]
    spread, count = difference_errors(np.atleast_2d(np.cov(draws, rowvar=False)), pairs), len(draws)
    varying, there = spread > NOTHING, np.abs(differences) > NOTHING
    safe = np.where(varying, spread, 1.0)
    if alone is None:
        observed = np.abs(differences) / np.where(errors > NOTHING, errors, safe)
    else:
        observed = _reached(estimates, draws, pairs, alone) / safe
    observed = np.where(varying, observed, np.where(there, np.inf, 0.0))
    order = np.argsort(-observed, kind="stable")
    exceeding = np.zeros(len(order), dtype=np.int64)
    step = max(1, 2_000_000 // max(1, len(order)))  # about 16 MB at a time
    for start in range(0, count, step):
        centred = draws[start : start + step] - estimates
        chance = np.abs(centred[:, first[order]] - centred[:, second[order]]) / safe[order]
        chance *= varying[order]
        largest = np.maximum.accumulate(chance[:, ::-1], axis=1)[:, ::-1]  # over this hypothesis and all with smaller statistics
        exceeding += (largest >= observed[order]).sum(axis=0)
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate((exceeding + 1) / (count + 1))
    adjusted = adjusted if alone is None else np.maximum(adjusted, alone)
    return np.where(there, adjusted, 1.0)


def _reached(estimates: Float64, draws: Float64, pairs: tuple[Index, Index], alone: Float64) -> Float64:
    """For each difference what a share `alone` of its draws, and the data themselves, are away from the estimate or further, float64[m]."""
    reached = np.empty(len(alone))
    for place, (first, second, p) in enumerate(zip(*pairs, alone.tolist(), strict=True)):
        gaps = np.abs((draws[:, first] - draws[:, second]) - (estimates[first] - estimates[second]))
        beyond = min(round(p * (len(gaps) + 1)) - 1, len(gaps))
        reached[place] = np.partition(gaps, len(gaps) - beyond)[len(gaps) - beyond] if beyond > 0 else np.inf
    return reached
