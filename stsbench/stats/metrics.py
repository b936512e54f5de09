"""The figures that scores are measured by, as values: how each is computed, where it lies, and how it is resampled.

A figure that does not exist is absent, with the reason beside it; nothing here returns NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float64
from stsbench.contracts.kinds import Task
from stsbench.stats import detection, kendall, pearson, spearman
from stsbench.stats.weights import Compute, Influence, Under


@dataclass(frozen=True)
class Resampled:
    """How a figure varies: `under` prepares gold float64[n] and scores float64[n, s] once for the counts of all resamples.

    `varies` says whether the figure of constant scores is undefined, as that of constant gold always is.
    """

    under: Callable[[Float64, Float64], Under]
    influence: Influence
    varies: bool = True


@dataclass(frozen=True)
class Metric:
    """One figure of gold and scores, within `bounds`; `resampled` is None where no interval or test of it is known.

    `title` is what a sentence calls it, `higher` whether a higher figure is a better one, and `ranks` whether the order of scores
    settles it. A `binary` one is of gold that is 1 or 0.
    """

    name: str
    title: str
    compute: Compute
    bounds: tuple[float, float]
    resampled: Resampled | None = None
    higher: bool = True
    ranks: bool = True
    binary: bool = False

    @property
    def words(self) -> str:
        """What a sentence calls one figure."""
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}{'' if self.binary else ' correlation'}"


SPEARMAN = Metric("spearman", "Spearman", spearman.spearman, (-1, 1), Resampled(spearman.spearman_under, spearman.spearman_influence))
PEARSON = Metric("pearson", "Pearson", pearson.pearson, (-1, 1), Resampled(pearson.pearson_under, pearson.pearson_influence), ranks=False)
KENDALL = Metric("kendall", "Kendall", kendall.kendall, (-1, 1), Resampled(kendall.kendall_under, kendall.kendall_influence))
AVERAGE_PRECISION = Metric(
    "average_precision", "average precision", detection.average_precision, (0, 1),
    Resampled(detection.average_precision_under, detection.average_precision_influence, varies=False), binary=True,
)  # fmt: skip
ROC_AUC = Metric(
    "roc_auc", "ROC AUC", detection.roc_auc, (0, 1),
    Resampled(detection.roc_auc_under, detection.roc_auc_influence, varies=False), binary=True,
)  # fmt: skip
METRICS: Mapping[str, Metric] = MappingProxyType({one.name: one for one in (SPEARMAN, PEARSON, KENDALL, AVERAGE_PRECISION, ROC_AUC)})
BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType({name: one.bounds for name, one in METRICS.items()})
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
