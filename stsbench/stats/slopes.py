"""Losses of metric learning with their slopes: a loss of scores float64[n] is its value, and by how much that changes with each score.

`gold` is scaled to [0, 1], and scores are cosines. They equal the losses of the same names of sentence-transformers over a batch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index
from stsbench.stats.losses import MARGIN, contrastive_loss, cosine_loss, triplets

SCALE = 20.0  # of the cosines that CoSENT compares, as in sentence-transformers

Loss = Callable[[Float64], tuple[float, Float64]]


def cosine_slopes(gold: Float64) -> Loss:
    """The mean squared difference of score and gold."""
    return lambda scores: (cosine_loss(gold, scores), 2.0 * (scores - gold) / len(gold))


def contrastive_slopes(positive: Flags, margin: float = MARGIN) -> Loss:
    """Half the mean square of the distance 1 - score of positive pairs, and of what others lack of the margin."""

    def loss(scores: Float64) -> tuple[float, Float64]:
        distance = 1.0 - scores
        slopes = np.where(positive, -distance, np.maximum(0.0, margin - distance))
        return contrastive_loss(positive, scores, margin), slopes / len(scores)

    return loss


def triplet_slopes(left: Index, right: Index, gold: Float64, gap: float, margin: float = MARGIN) -> Loss:
    """The mean over triplets of what the positive pair's score lacks of leading the negative's by the margin.

    Triplets are those of pairs that share a text and whose golds are `gap` or more apart; raises ValueError where there are none.
    """
    rows = list(triplets(left, right, gold, gap))
    higher, lower = (np.concatenate([pair[side] for pair in rows] or [np.empty(0, np.intp)]) for side in (0, 1))
    if not len(higher):
        raise ValueError(f"no two pairs share a text and have golds {gap:g} of the scale apart")

    def loss(scores: Float64) -> tuple[float, Float64]:
        lacking = np.maximum(0.0, margin - (scores[higher] - scores[lower]))
        short = (lacking > 0).astype(np.float64)
        slopes = np.bincount(lower, short, len(scores)) - np.bincount(higher, short, len(scores))
        return float(lacking.mean()), slopes / len(higher)

    return loss


def cosent_slopes(gold: Float64, batch: int, scale: float = SCALE) -> Loss:
    """CoSENT: log(1 + the sum of exp(scale (s_i - s_j)) over pairs i of a lower gold than j), the mean over batches of so many pairs.

    Over many pairs at once it is little but the worst of all differences.
    """
    missing = -len(gold) % batch
    golds = np.pad(gold, (0, missing), constant_values=np.nan).reshape(-1, batch)  # NaN is lower than nothing
    lower = golds[:, :, None] < golds[:, None, :]

    def loss(scores: Float64) -> tuple[float, Float64]:
        rows = scale * np.pad(scores, (0, missing)).reshape(-1, batch)
        differences = np.where(lower, rows[:, :, None] - rows[:, None, :], -np.inf)
        values = np.logaddexp(0.0, np.logaddexp.reduce(differences, axis=(1, 2)))
        shares = np.exp(differences - values[:, None, None])
        slopes = scale * (shares.sum(axis=2) - shares.sum(axis=1)) / len(rows)
        return float(values.mean()), slopes.ravel()[: len(scores)]

    return loss
