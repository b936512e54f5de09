"""Telling positive pairs from negative ones by a threshold on their scores: the ROC curve, and F1 and accuracy at a threshold.

`positive` is bool[n] and `scores` float[n], higher meaning more similar; a pair counts as found where its score is at or above the
threshold. Scores that are equal stand or fall together. Definitions are scikit-learn's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Flags, Float64, Index

Scores = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Steps:
    """Pairs found at every distinct score, from the highest threshold down: true and false ones, or their weights, of k scores."""

    thresholds: Float64
    true: Index | Float64
    false: Index | Float64

    @classmethod
    def of(cls, positive: Flags, given: Scores, weights: Float64 | None = None) -> Steps:
        """The steps of these scores; raises ValueError unless there are positive and negative pairs, all with finite scores."""
        scores: Float64 = np.asarray(given, dtype=np.float64)
        if scores.shape != positive.shape or not np.isfinite(scores).all():
            raise ValueError("there must be one finite score a pair")
        if not positive.any() or positive.all():
            raise ValueError("there must be positive and negative pairs")
        order = np.argsort(-scores, kind="stable")
        last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
        if weights is None:
            true: Index | Float64 = np.cumsum(positive[order], dtype=np.intp)[last]
            return cls(scores[order][last], true, last + 1 - true)
        true, false = (np.cumsum(np.where(side, weights, 0.0)[order])[last] for side in (positive, ~positive))
        return cls(scores[order][last], true, false)

    @property
    def between(self) -> Float64:
        """A threshold for each step: half-way to the next lower score, from which nothing else is found."""
        lower = np.append(self.thresholds[1:], self.thresholds[-1])
        middle = self.thresholds / 2 + lower / 2
        return np.where(middle > lower, middle, self.thresholds)  # half-way between neighbouring numbers may round to the lower

    @property
    def above(self) -> float:
        """A threshold from which no pair is found."""
        return float(np.nextafter(self.thresholds[0], np.inf))


@dataclass(frozen=True, slots=True)
class Roc:
    """The ROC curve: rates in [0, 1] of negative and positive pairs found, float64[k + 1], from (0, 0), where no pair is, to (1, 1)."""

    false_positive: Float64
    true_positive: Float64


def roc(positive: Flags, scores: Scores) -> Roc:
    """The ROC curve, with the corners only: points on a straight line between their neighbours are left out."""
    steps = Steps.of(positive, scores)
    true, false = np.append(0, steps.true), np.append(0, steps.false)
    rise, run = np.diff(true), np.diff(false)
    corner = np.append(np.append(True, rise[1:] * run[:-1] != rise[:-1] * run[1:]), True)
    return Roc(false[corner] / false[-1], true[corner] / true[-1])


def f1_at(positive: Flags, scores: Scores, threshold: float) -> float:
    """F1 of the pairs at or above the threshold, in [0, 1]; 0 where none of them is positive."""
    above = np.asarray(scores, dtype=np.float64) >= threshold
    return float(2 * (above & positive).sum() / (above.sum() + positive.sum()))


def accuracy_at(positive: Flags, scores: Scores, threshold: float) -> float:
    """Share of pairs that the threshold puts on the right side, in [0, 1]."""
    return float(((np.asarray(scores, dtype=np.float64) >= threshold) == positive).mean())
