"""What a binary benchmark is measured by beside correlations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float64
from stsbench.contracts.protocols import Aggregation
from stsbench.contracts.records import Detection
from stsbench.stats.detection import average_precision, roc_auc


def detect(gold: Float64, scores: NDArray[np.floating[Any]]) -> Detection:
    """Average precision and ROC-AUC of pairs whose gold is 1 or 0, both kinds present."""
    positive = np.asarray(gold) == 1
    return Detection(
        positives=int(positive.sum()), average_precision=average_precision(positive, scores), roc_auc=roc_auc(positive, scores)
    )


def mean_detection(parts: Sequence[Detection], sizes: Sequence[int], how: Aggregation) -> Detection:
    """The mean over parts of each figure, plain or weighted by their number of pairs."""
    weights = sizes if how == "wmean" else [1] * len(parts)
    return Detection(
        positives=sum(part.positives for part in parts),
        average_precision=float(np.average([part.average_precision for part in parts], weights=weights)),
        roc_auc=float(np.average([part.roc_auc for part in parts], weights=weights)),
    )
