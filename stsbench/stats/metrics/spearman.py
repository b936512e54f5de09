"""Spearman's correlation, of weighted pairs and of resamples, exactly and without sorting again; and its influence function.

A resample is a vector w of counts. With values sorted once, the midrank of a pair in the resample comes of a cumulative sum over
tie groups: doubled and centred it is the whole number R = 2C - G - N, with G the group's count, C the counts up to and with the
group, and N their total. Then rho* = sum w R_x R_y / sqrt(sum w R_x^2 sum w R_y^2), where sum w R_x^2 = (N^3 - sum G^3) / 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.stats.orders import BLOCK, Order, cumulated, midranks
from stsbench.stats.weights import ROUNDING, Counts, Under, varied, weighted, weighted_influence

from .metric import Metric, Resampled
from .pearson import correlation

# Resamples in work at once: enough for rows to be added up block by block, few enough for what is computed to stay in cache.
TOGETHER = BLOCK


@weighted
def spearman(gold: Float64, scores: Float64, weights: Float64) -> float:
    """Spearman's correlation, with average ranks for ties, in [-1, 1]."""
    return correlation(midranks(varied(gold), weights), midranks(varied(scores), weights), weights)


def spearman_under(gold: Float64, scores: Float64) -> Under:
    """Spearman of every resample and system, float64[c, s], from counts float32[n, c]: how often a resample holds each pair.

    Equal to scipy's spearmanr of the repeated pairs up to the last bits while n times the largest count is below 2**24. Raises
    ValueError where a resample has constant gold or constant scores, which leaves the correlation undefined.
    """
    return partial(_in_parts, Order.of(gold), [Order.of(column) for column in scores.T])


def _in_parts(gold: Order, systems: Sequence[Order], counts: Counts) -> Float64:
    """Some resamples at a time, which changes no bit of any: at least TOGETHER, where there are so many, and fewer than twice that."""
    parts = np.array_split(counts, max(1, counts.shape[1] // TOGETHER), axis=1)
    return np.concatenate([_under(gold, systems, np.ascontiguousarray(part)) for part in parts])


def _under(gold: Order, systems: Sequence[Order], counts: Counts) -> Float64:
    total = counts.sum(axis=0, dtype=np.float64)
    room = np.empty((2, *counts.shape), dtype=counts.dtype)
    weighted, gold_squares = _weighted_ranks(counts, gold, total, room[0])
    untied = np.einsum("ij,ij->j", counts, weighted, dtype=np.float64), _cubes(counts)
    result = np.empty((counts.shape[1], len(systems)))
    for place, order in enumerate(systems):
        groups, ranks = order.grouped(counts, room[0]), order.grouped(weighted, room[1])
        if order.starts is None:
            products, cubes = untied
        else:
            products, cubes = np.einsum("ij,ij->j", groups, ranks), _cubes(groups)
        squares = (total**3 - cubes) / 3
        if not (np.minimum(squares, gold_squares) > ROUNDING * total**3).all():
            raise ValueError(f"a resample leaves gold or the scores of system {place} constant")
        below = np.einsum("ij,ij->j", cumulated(groups), ranks, dtype=np.float64)
        result[:, place] = (2 * below - products) / np.sqrt(squares * gold_squares)
    return result


def _weighted_ranks(counts: Counts, gold: Order, total: Float64, room: Counts) -> tuple[Counts, Float64]:
    """Each pair's count times its doubled, centred midrank, float32[n, c], and the sums of w R^2, float64[c]."""
    groups = gold.grouped(counts, room)
    doubled = 2 * np.cumsum(groups, axis=0, dtype=np.float64) - groups - total
    ranked = doubled if gold.starts is None else np.repeat(doubled, np.diff(np.append(gold.starts, len(counts))), axis=0)
    weighted = np.empty_like(counts)
    weighted[gold.rows] = ranked
    weighted *= counts
    return weighted, (total**3 - _cubes(groups)) / 3


def _cubes(groups: Counts) -> Float64:
    squares = groups.astype(np.float64) ** 2
    cubes: Float64 = np.einsum("ij,ij->j", squares, groups)
    return cubes


@weighted_influence
def spearman_influence(gold: Float64, scores: Float64, weights: Float64) -> tuple[float, Float64]:
    """Spearman and the influence of each pair on it; O(n log n).

    The derivative of rho = C / sqrt(V_F V_G) with C = mean(F G) - 1/4, V = mean(F^2) - 1/4, F and G the mid-distribution functions
    (Croux and Dehon 2010, here with ties).
    """
    total = weights.sum()
    sides = [((midranks(varied(values), weights) - 0.5) / total, Order.of(values)) for values in (gold, scores)]
    (first, first_order), (second, second_order) = sides
    mean = float((weights * first * second).sum() / total)
    squares = [float((weights * ranks**2).sum() / total) for ranks, _ in sides]
    variances = [square - 0.25 for square in squares]
    scale = np.sqrt(variances[0] * variances[1])
    rho = (mean - 0.25) / scale
    tails = first_order.above(weights * second) / total, second_order.above(weights * first) / total
    of_covariance = first * second + tails[0] + tails[1] - 3 * mean
    relative = [
        (ranks**2 + 2 * (order.above(weights * ranks) / total) - 3 * square) / variance
        for (ranks, order), square, variance in zip(sides, squares, variances, strict=True)
    ]
    return float(rho), of_covariance / scale - rho / 2 * (relative[0] + relative[1])


METRICS = (Metric("spearman", "Spearman", spearman, (-1, 1), Resampled(spearman_under, spearman_influence)),)
