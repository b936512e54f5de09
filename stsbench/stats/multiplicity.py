"""Many hypotheses at once: Holm, Benjamini-Hochberg, and the step-down maximum of studentised bootstrap differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.paired import NOTHING, difference_errors


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
    first, second = np.triu_indices(systems, k=1)
    return first.astype(np.intp), second.astype(np.intp)


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
