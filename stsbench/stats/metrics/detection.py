"""Telling positive pairs (gold 1) from others by their scores: average precision, and the area under the ROC curve.

Equal scores stand or fall together. Definitions are scikit-learn's; each figure is given for weighted pairs and for resamples, with its
influence function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index
from stsbench.stats.orders import Order, cumulated, midranks
from stsbench.stats.weights import Counts, Under, weighted, weighted_influence

from .metric import Metric, Resampled


@weighted
def average_precision(gold: Float64, scores: Float64, weights: Float64) -> float:
    """Mean precision over recall, sum of (R_k - R_(k-1)) P_k over the distinct scores, in (0, 1]."""
    return float(average_precision_under(gold, scores[:, None])(weights[:, None])[0, 0])


@weighted
def roc_auc(gold: Float64, scores: Float64, weights: Float64) -> float:
    """Chance that a positive pair scores above a negative one, ties counting half, in [0, 1] (Mann and Whitney's U, divided)."""
    return float(roc_auc_under(gold, scores[:, None])(weights[:, None])[0, 0])


@dataclass(frozen=True)
class _Steps:
    """Rows of one system from the highest score down to the lowest of a positive pair: a step is a score that a positive pair has.

    `true` are positive pairs alone, and `every` all; `firsts` are where each step begins in the former (None: one pair a step), and `lasts`
    where it ends in the latter.
    """

    true: Index
    firsts: Index | None
    every: Index
    lasts: Index

    @classmethod
    def of(cls, positive: Flags, scores: Float64) -> _Steps:
        order = Order.of(-scores)
        starts, sizes = order.groups
        true = positive[order.rows]
        held = np.add.reduceat(true, starts, dtype=np.intp)
        steps, lasts = held[held > 0], (starts + sizes)[held > 0] - 1
        firsts = None if len(steps) == steps.sum() else np.cumsum(steps) - steps
        return cls(order.rows[true], firsts, order.rows[: lasts[-1] + 1], lasts)

    def precision(self, counts: Counts) -> Float64:
        """The mean precision of positive pairs, float64[c]."""
        true: Counts = counts[self.true]
        if self.firsts is not None:
            true = np.add.reduceat(true, self.firsts, axis=0, dtype=np.float64)
        every = cumulated(counts[self.every])[self.lasts]
        above = cumulated(true.astype(np.float64))
        precision = above / np.where(every > 0, every, 1.0)  # where no pair is found yet, none is true
        means: Float64 = np.einsum("ij,ij->j", true, precision) / above[-1]
        return means


def average_precision_under(gold: Float64, scores: Float64) -> Under:
    """Average precision of every resample and system; raises ValueError where a resample has no positive, or no negative, pair."""
    positive = gold == 1
    return partial(_precision_under, positive, [_Steps.of(positive, column) for column in scores.T] if positive.any() else [])


def _precision_under(positive: Flags, systems: Sequence[_Steps], counts: Counts) -> Float64:
    _sides(positive, counts)
    return np.column_stack([steps.precision(counts) for steps in systems])


def roc_auc_under(gold: Float64, scores: Float64) -> Under:
    """The area under the ROC curve of every resample and system; raises ValueError as `average_precision_under`."""
    return partial(_roc_under, gold == 1, [Order.of(column) for column in scores.T])


def _roc_under(positive: Flags, systems: Sequence[Order], counts: Counts) -> Float64:
    true, false = _sides(positive, counts)
    sides = counts * positive[:, None], counts * ~positive[:, None]
    result = np.empty((counts.shape[1], len(systems)))
    for place, order in enumerate(systems):
        mine, others = (order.grouped(side) for side in sides)
        tied = np.einsum("ij,ij->j", others, mine, dtype=np.float64)
        below = np.einsum("ij,ij->j", cumulated(others), mine, dtype=np.float64)  # and those of its score
        result[:, place] = np.minimum((below - tied / 2) / (true * false), 1.0)  # sums of what is not below 0 lose no digit
    return result


def _sides(positive: Flags, counts: Counts) -> tuple[Float64, Float64]:
    """How many positive and negative pairs each resample holds."""
    true, false = (counts[side].sum(axis=0, dtype=np.float64) for side in (positive, ~positive))
    if not ((true > 0) & (false > 0)).all():
        raise ValueError("there must be positive and negative pairs")
    return true, false


@weighted_influence
def average_precision_influence(gold: Float64, scores: Float64, weights: Float64) -> tuple[float, Float64]:
    """Average precision and the influence of each pair on it.

    Of AP = sum over positive i of w_i T_i / A_i, divided by the weight P of positive pairs, with T_i and A_i the weights of the positive
    and of all pairs that score at least as high: a pair m adds its own precision if it is positive, and changes that of all positive
    pairs at or below it, by (1 - T_i / A_i) / A_i if it is positive, else by -T_i / A_i^2 (for its share in ranked lists see Boyd, Eng
    and Page 2013, who find intervals on the logit scale the ones to trust).
    """
    positive, order = gold == 1, Order.of(scores)
    _sides(positive, weights[:, None])
    mine = np.where(positive, weights, 0.0)
    true, every = (order.above(own) + order.tied(own) / 2 for own in (mine, weights))
    precision, total = true / every, mine.sum()
    value = float(mine @ precision / total)
    gain, loss = (own.sum() - order.above(own) + order.tied(own) / 2 for own in (mine / every, mine * precision / every))
    return value, weights.sum() / total * (np.where(positive, precision - value + gain, 0.0) - loss)


@weighted_influence
def roc_auc_influence(gold: Float64, scores: Float64, weights: Float64) -> tuple[float, Float64]:
    """The area under the ROC curve and the influence of each pair on it, by the two placements of a U-statistic.

    DeLong, DeLong and Clarke-Pearson 1988, by midranks (Sun and Xu 2014).
    """
    positive = gold == 1
    sides = np.concatenate(_sides(positive, weights[:, None]))
    ranks, placements = midranks(scores, weights), np.empty(len(scores))
    for side, others in ((positive, sides[1]), (~positive, sides[0])):
        placements[side] = (ranks[side] - midranks(scores[side], weights[side])) / others
    placements[~positive] = 1 - placements[~positive]
    value = float(weights[positive] @ placements[positive] / sides[0])
    return value, sides.sum() * (placements - value) / np.where(positive, *sides)


METRICS = (
    Metric(
        "average_precision", "average precision", average_precision, (0, 1),
        Resampled(average_precision_under, average_precision_influence, varies=False), tasks=("binary",),
    ),
    Metric("roc_auc", "ROC AUC", roc_auc, (0, 1), Resampled(roc_auc_under, roc_auc_influence, varies=False), tasks=("binary",)),
)  # fmt: skip
