"""The figures that scores are measured by, as values: how each is computed, where it lies, and how it is resampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stsbench.contracts.data import Float64
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

    `title` is what a sentence calls it, `higher` whether a higher figure is a better one, and `ranks` whether the order of scores settles it. A
    `binary` one is of gold that is 1 or 0.
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
