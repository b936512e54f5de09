"""Losses of metric learning as figures of a similarity's scores and with their slopes, and triplets built from graded pairs.

`gold` is scaled to [0, 1]. The distance of a pair is 1 - score, so that what compares distances with fixed numbers asks for scores
in [-1, 1]; those with slopes are of cosines, and equal the losses of the same names of sentence-transformers over a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index, Pairs

MARGIN = 0.5


def scaled_gold(gold: Float64, low: float, high: float) -> Float64:
    """Gold scores of a scale from `low` to `high` as float64[n] in [0, 1]; raises ValueError where they leave it."""
    if low == high:
        raise ValueError(f"all gold scores are {low:zg}, by which no pair can be told from another")
    if not low < high or gold.min() < low or gold.max() > high:
        raise ValueError(f"gold scores from {gold.min():zg} to {gold.max():zg} are not of a scale from {low:zg} to {high:zg}")
    return (gold - low) / (high - low)


def reaching(gold: Float64, least: float) -> Flags:
    """Which gold scores are at least so high, rounding apart: a mean of ratings, or a share of a scale, may miss it by that."""
    return gold >= least - 1e-12 * max(1.0, abs(least))


def is_bounded(scores: Float64) -> bool:
    """Whether all scores lie in [-1, 1], rounding apart."""
    return bool(np.abs(scores).max(initial=0.0) <= 1 + 1e-6)


def cosine_loss(gold: Float64, scores: Float64) -> float:
    """Mean squared difference of score and gold, at least 0 (sentence-transformers' CosineSimilarityLoss)."""
    return float(((scores - gold) ** 2).mean())


def contrastive_loss(positive: Flags, scores: Float64, margin: float = MARGIN) -> float:
    """Mean over pairs of d^2 / 2 where positive, max(0, margin - d)^2 / 2 where not, d = 1 - score (Hadsell et al. 2006)."""
    distance = 1.0 - scores
    return float(np.where(positive, distance**2, np.maximum(0.0, margin - distance) ** 2).mean() / 2)


@dataclass(frozen=True, slots=True)
class TripletFigures:
    """Of `n` triplets (anchor, positive, negative): the share whose positive scores higher, of ties, and the mean loss.

    The loss is max(0, margin - (positive score - negative score)) (Schroff et al. 2015). All are None where there is no triplet.
    """

    n: int
    accuracy: float | None = None
    tied: float | None = None
    loss: float | None = None


def triplet_figures(pairs: Pairs, gold: Float64, scores: Float64, gap: float, margin: float = MARGIN) -> TripletFigures:
    """Figures over all triplets of the pairs: two that share a text, and whose gold (in [0, 1]) is at least `gap` apart.

    The shared text is the anchor; the other text of the pair of higher gold is the positive. Raises ValueError unless gap > 0.
    """
    if gap <= 0:
        raise ValueError("a positive must have a higher gold score than its negative, so the gap is above 0")
    numbers = {item: number for number, item in enumerate(dict.fromkeys([*pairs.left, *pairs.right]))}
    left, right = (np.fromiter((numbers[item] for item in items), np.intp, len(pairs)) for items in (pairs.left, pairs.right))
    n = won = tied = 0
    loss = 0.0
    for higher, lower in triplets(left, right, gold, gap):
        lead = scores[higher] - scores[lower]
        n += len(lead)
        won += int((lead > 0).sum())
        tied += int((lead == 0).sum())
        loss += float(np.maximum(0.0, margin - lead).sum())
    return TripletFigures(n, won / n, tied / n, loss / n) if n else TripletFigures(0)


def triplets(left: Index, right: Index, gold: Float64, gap: float) -> Iterator[tuple[Index, Index]]:
    """For every text that stands in several pairs the rows of those with a higher gold, and of those with one lower by `gap` or more.

    `left` and `right` are numbers of texts. The shared text is the anchor.
    """
    for rows, partners in _by_anchor(left, right):
        graded = gold[rows]
        higher, lower = np.nonzero((graded[:, None] - graded[None, :] >= gap - 1e-12) & (partners[:, None] != partners[None, :]))
        yield rows[higher], rows[lower]


def _by_anchor(left: Index, right: Index) -> Iterator[tuple[Index, Index]]:
    """For every text that stands in several pairs: their rows, and the number of the other text of each."""
    rows = np.arange(len(left), dtype=np.intp)
    other = left != right  # a text paired with itself is no triplet's side twice
    anchors = np.concatenate([left, right[other]])
    order = np.argsort(anchors, kind="stable")
    ends = np.flatnonzero(np.diff(anchors[order])) + 1
    places, partners = np.concatenate([rows, rows[other]])[order], np.concatenate([right, left[other]])[order]
    return ((own, beside) for own, beside in zip(np.split(places, ends), np.split(partners, ends), strict=True) if len(own) > 1)


SCALE = 20.0  # of the cosines that CoSENT compares, as in sentence-transformers

Loss = Callable[[Float64], tuple[float, Float64]]  # of scores float64[n], its value, and by how much that changes with each score


def cosine_slopes(gold: Float64) -> Loss:
    """The mean squared difference of score and gold."""
    return lambda scores: (cosine_loss(gold, scores), 2.0 * (scores - gold) / len(gold))


def contrastive_slopes(positive: Flags) -> Loss:
    """Half the mean square of the distance 1 - score of positive pairs, and of what others lack of the margin."""

    def loss(scores: Float64) -> tuple[float, Float64]:
        distance = 1.0 - scores
        slopes = np.where(positive, -distance, np.maximum(0.0, MARGIN - distance))
        return contrastive_loss(positive, scores), slopes / len(scores)

    return loss


def triplet_slopes(left: Index, right: Index, gold: Float64, gap: float) -> Loss:
    """The mean over triplets of what the positive pair's score lacks of leading the negative's by the margin.

    Triplets are those of pairs that share a text and whose golds are `gap` or more apart; raises ValueError where there are none.
    """
    rows = list(triplets(left, right, gold, gap))
    higher, lower = (np.concatenate([pair[side] for pair in rows] or [np.empty(0, np.intp)]) for side in (0, 1))
    if not len(higher):
        raise ValueError(f"no two pairs share a text and have golds {gap:g} of the scale apart")

    def loss(scores: Float64) -> tuple[float, Float64]:
        lacking = np.maximum(0.0, MARGIN - (scores[higher] - scores[lower]))
        short = (lacking > 0).astype(np.float64)
        slopes = np.bincount(lower, short, len(scores)) - np.bincount(higher, short, len(scores))
        return float(lacking.mean()), slopes / len(higher)

    return loss


def cosent_slopes(gold: Float64, batch: int) -> Loss:
    """CoSENT: log(1 + the sum of exp(SCALE (s_i - s_j)) over pairs i of a lower gold than j), the mean over batches of so many pairs.

    Over many pairs at once it is little but the worst of all differences.
    """
    missing = -len(gold) % batch
    golds = np.pad(gold, (0, missing), constant_values=np.nan).reshape(-1, batch)  # NaN is lower than nothing
    lower = golds[:, :, None] < golds[:, None, :]

    def loss(scores: Float64) -> tuple[float, Float64]:
        rows = SCALE * np.pad(scores, (0, missing)).reshape(-1, batch)
        differences = np.where(lower, rows[:, :, None] - rows[:, None, :], -np.inf)
        values = np.logaddexp(0.0, np.logaddexp.reduce(differences, axis=(1, 2)))
        shares = np.exp(differences - values[:, None, None])
        slopes = SCALE * (shares.sum(axis=2) - shares.sum(axis=1)) / len(rows)
        return float(values.mean()), slopes.ravel()[: len(scores)]

    return loss
