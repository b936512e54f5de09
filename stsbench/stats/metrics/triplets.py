"""Triplets as pairs: whether an anchor scores higher with its positive (gold 1) than with its negative (gold 0).

The k-th pair of gold 1 and the k-th of gold 0 are of one triplet, for which the former stands: its weight is the triplet's, also in a
resample, and weights of pairs of gold 0 count for nothing.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index
from stsbench.contracts.kinds import Task
from stsbench.stats.weights import Counts, Under, Values, given

from .metric import Metric, Resampled


def triplet_accuracy(gold: Values, scores: Values, weights: Float64 | None = None) -> float:
    """The share of triplets in the right order, in [0, 1]; a tie is half one. Raises ValueError where pairs are not of triplets."""
    return triplet_accuracy_influence(gold, scores, weights)[0]


def triplet_accuracy_under(gold: Float64, scores: Float64) -> Under:
    """The share of every resample and system; raises ValueError where a resample holds no triplet."""
    positive = gold == 1
    return partial(_under, positive, np.column_stack([_right(positive, column) for column in scores.T]))


def _under(positive: Flags, right: Float64, counts: Counts) -> Float64:
    drawn = counts[positive].astype(np.float64)
    total = drawn.sum(axis=0)
    if not (total > 0).all():
        raise ValueError("there must be a triplet")
    shares: Float64 = drawn.T @ right / total[:, None]
    return shares


def triplet_accuracy_influence(gold: Values, scores: Values, weights: Float64 | None = None) -> tuple[float, Float64]:
    """The share, and the influence of each pair on it: that of a mean over triplets."""
    gold, scores, counts = given(gold, scores, weights)
    positive = gold == 1
    right, of_triplet = _right(positive, scores), counts[positive]
    if not of_triplet.sum() > 0:
        raise ValueError("there must be a triplet")
    share = float(of_triplet @ right / of_triplet.sum())
    values = np.zeros(len(positive))
    values[positive] = len(positive) * of_triplet / of_triplet.sum() * (right - share)
    return share, values


def _right(positive: Flags, scores: Float64) -> Float64:
    """1 a triplet in the right order, 0.5 for a tie, 0 for the wrong one."""
    if 2 * positive.sum() != len(scores):
        raise ValueError("triplets have as many pairs of gold 1 as of gold 0")
    above = np.sign(scores[positive] - scores[~positive])
    return (1 + above) / 2


METRICS = (
    Metric(
        "triplet_accuracy", "accuracy over triplets", triplet_accuracy, (0, 1),
        Resampled(triplet_accuracy_under, triplet_accuracy_influence, varies=False), tasks=("triplets",),
    ),
)  # fmt: skip


def together(task: Task, pairs: int) -> Index:
    """Rows of pairs that are taken or left together, one line each: a pair, or the two of a triplet, as `Pairs.of_triplets` sets them."""
    return np.arange(pairs).reshape(2 if task == "triplets" else 1, -1).T
