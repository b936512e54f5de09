"""Many hypotheses at once: Holm, Benjamini-Hochberg, and the step-down maximum of studentised bootstrap differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.influence import difference_errors


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


def max_t(estimates: Float64, draws: Float64, pairs: tuple[Index, Index], errors: Float64) -> Float64:
    """Adjusted two-sided p of differences between systems, float64[m], by Romano and Wolf's step-down (2005, 2016).

    `estimates` float64[s] and their joint bootstrap `draws` float64[b, s]; `pairs` names the first and second system of each
    hypothesis. A difference is divided by its standard error, of `errors` float64[m], and a drawn one by the spread of the draws,
    as if they had been `rescaled`. It uses how differences depend on each other, and so rejects more than Holm at the same error
    rate. Differences that are the same in every draw (systems with identical ranks) have p = 1.
    """
    first, second = pairs
    differences = estimates[first] - estimates[second]
    spread, count = difference_errors(np.atleast_2d(np.cov(draws, rowvar=False)), pairs), len(draws)
    varying = (spread > 1e-12) & (errors > 0)
    safe = np.where(varying, spread, 1.0)
    observed = np.where(varying, np.abs(differences) / np.where(varying, errors, 1.0), 0.0)
    order = np.argsort(-observed, kind="stable")
    exceeding = np.zeros(len(order), dtype=np.int64)
    for rows in _slices(count, len(order)):
        centred = draws[rows] - estimates
        chance = np.abs(centred[:, first[order]] - centred[:, second[order]]) / safe[order]
        chance *= varying[order]
        largest = np.maximum.accumulate(chance[:, ::-1], axis=1)[:, ::-1]  # over this hypothesis and all with smaller statistics
        exceeding += (largest >= observed[order]).sum(axis=0)
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate((exceeding + 1) / (count + 1))
    return np.where(varying, adjusted, 1.0)


def _slices(rows: int, width: int) -> list[slice]:
    step = max(1, 2_000_000 // max(1, width))  # about 16 MB at a time
    return [slice(start, start + step) for start in range(0, rows, step)]
