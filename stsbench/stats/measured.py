"""Measuring scores against gold. A figure that does not exist is absent, with the reason beside it; nothing here returns NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float64
from stsbench.contracts.kinds import Task
from stsbench.stats.metrics import METRICS, Metric

GRADED: Final = tuple(one for one in METRICS.values() if not one.binary)


def metrics_of(task: Task) -> tuple[Metric, ...]:
    """What a benchmark of that kind is measured by."""
    return tuple(METRICS.values()) if task == "binary" else GRADED


@dataclass(frozen=True, slots=True)
class Measured:
    """Agreement of n scores with gold: `figures` by metric, or none of them and the `reason`.

    `tied` is the number of scores that share their value with another.
    """

    n: int
    figures: Mapping[str, float]
    reason: str | None
    tied: int


def measure(
    gold: Float64, stored_scores: NDArray[np.floating[Any]], wanted: Sequence[Metric] = GRADED, weights: Float64 | None = None
) -> Measured:
    """How well scores, as `rankable` gives them, agree with gold by the `wanted` metrics; `weights` say how much each pair counts.

    One pair, constant gold or constant scores leave all figures undefined. Raises ValueError where there is no pair, where
    lengths differ or a value is not finite.
    """
    gold, scores = np.asarray(gold, dtype=np.float64), np.asarray(stored_scores, dtype=np.float64)
    if gold.ndim != 1 or gold.shape != scores.shape or not len(gold):
        raise ValueError(f"gold and scores must be as long as each other, at least one pair: {gold.shape} and {scores.shape}")
    if not (np.isfinite(gold).all() and np.isfinite(scores).all()):
        raise ValueError("gold and scores must be finite")
    counts = np.unique(scores, return_counts=True)[1]
    reason = undefined(gold, scores)
    figures = {} if reason else {metric.name: metric.compute(gold, scores, weights) for metric in wanted}
    return Measured(len(gold), figures, reason, int(counts[counts > 1].sum()))


def figure(metric: Metric, gold: Float64, scores: Float64) -> float | None:
    """One figure of gold and scores; None where it is undefined."""
    return None if undefined(gold, scores) else metric.compute(gold, scores)


def undefined(gold: Float64, scores: Float64) -> str | None:
    """Why pairs with this gold and these scores have no figure, if they have none."""
    if len(gold) == 1:
        return "one pair only"
    if (gold == gold[0]).all():
        return "constant gold"
    return "constant scores" if (scores == scores[0]).all() else None
