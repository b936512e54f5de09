"""What a binary benchmark is measured by beside correlations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float64, Part
from stsbench.contracts.records import Detection, Record
from stsbench.errors import StsbenchError
from stsbench.runner.score import Scored
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.detection import average_precision, roc_auc
from stsbench.stats.spearman import spearman
from stsbench.stores.agreement import ranked_together


def part_detection(benchmark: PlannedBenchmark, part: Part, outcome: Scored | StsbenchError) -> Detection | None:
    """Average precision and ROC-AUC on a part of a binary benchmark; None on any other, and where they are undefined."""
    if benchmark.card.task != "binary" or not isinstance(outcome, Scored) or outcome.metrics.reason is not None:
        return None
    return _detect(part.pairs.gold, outcome.scores)


def whole_detection(benchmark: PlannedBenchmark, own: Sequence[Record], scored: Sequence[Scored]) -> Detection | None:
    """The figures of a whole binary benchmark whose parts all have some: over all pairs together, or the (weighted) mean over parts."""
    parts = [record.detection for record in own if record.detection is not None]
    if benchmark.card.task != "binary" or len(parts) < len(own):
        return None
    how = benchmark.card.aggregation
    if how == "all" and len(own) > 1:
        together = ranked_together((one.scores, one.exponent) for one in scored)
        return _detect(np.concatenate([part.pairs.gold for part in benchmark.parts]), together)
    weights = [record.n if how == "wmean" else 1 for record in own]
    return Detection(
        positives=sum(part.positives for part in parts),
        average_precision=float(np.average([part.average_precision for part in parts], weights=weights)),
        roc_auc=float(np.average([part.roc_auc for part in parts], weights=weights)),
    )


def main_figure(benchmark: PlannedBenchmark) -> Callable[[Float64, Float64], float | None]:
    """The main figure of a benchmark's pairs from gold and scores; None where it is undefined."""
    return _average_precision if benchmark.card.task == "binary" else _spearman


def _average_precision(gold: Float64, scores: Float64) -> float | None:
    positive = gold == 1
    return None if (scores == scores[0]).all() or positive.all() or not positive.any() else average_precision(positive, scores)


def _spearman(gold: Float64, scores: Float64) -> float | None:
    return None if (scores == scores[0]).all() or (gold == gold[0]).all() else spearman(gold, scores)


def _detect(gold: Float64, scores: NDArray[np.floating[Any]]) -> Detection:
    positive = np.asarray(gold) == 1
    return Detection(
        positives=int(positive.sum()), average_precision=average_precision(positive, scores), roc_auc=roc_auc(positive, scores)
    )
