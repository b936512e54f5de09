"""The figures that scores are measured by, by name, and measuring.

A figure that does not exist is absent, with the reason beside it; nothing here returns NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float64
from stsbench.contracts.kinds import CORRELATIONS, Task

from . import detection, kendall, pearson, spearman, triplets
from .metric import Metric

METRICS: Final[Mapping[str, Metric]] = MappingProxyType(
    {metric.name: metric for room in (spearman, pearson, kendall, detection, triplets) for metric in room.METRICS}
)
SPEARMAN, PEARSON, KENDALL = (METRICS[name] for name in CORRELATIONS)
BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType({name: one.bounds for name, one in METRICS.items()})
KEPT: Final = tuple(metric for metric in METRICS.values() if metric.kept)


def metrics_of(task: Task) -> tuple[Metric, ...]:
    """What records of a benchmark of that kind hold."""
    return tuple(metric for metric in KEPT if task in metric.tasks)


GRADED: Final = metrics_of("graded")


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


def figure(metric: Metric, gold: Float64, scores: Float64, weights: Float64 | None = None) -> float | None:
    """One figure of gold and scores; None where it is undefined."""
    return None if undefined(gold, scores) else metric.compute(gold, scores, weights)


STEPS: Final = {  # what to do where a figure is undefined for that reason
    "one pair only": "a correlation takes two pairs at least, and says something of some dozens",
    "constant gold": "people gave every pair the same score, so check score=, or take pairs that differ",
    "constant scores": "the system tells no pair from another, so take another similarity or encoder",
}


def undefined(gold: Float64, scores: Float64) -> str | None:
    """Why pairs with this gold and these scores have no figure, if they have none."""
    if len(gold) == 1:
        return "one pair only"
    if (gold == gold[0]).all():
        return "constant gold"
    return "constant scores" if (scores == scores[0]).all() else None
