"""Losses of metric learning as figures of a similarity's scores, and triplets built from graded pairs.

`gold` is scaled to [0, 1]. The distance of a pair is 1 - score, so that what compares distances with fixed numbers asks for scores
in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index, Pairs

MARGIN = 0.5


def scaled_gold(gold: Float64, low: float, high: float) -> Float64:
    """Gold scores of a scale from `low` to `high` as float64[n] in [0, 1]; raises ValueError where they leave it."""
    if low == high:
        raise ValueError(f"all gold scores are {low:g}, by which no pair can be told from another")
    if not low < high or gold.min() < low or gold.max() > high:
        raise ValueError(f"gold scores from {gold.min():g} to {gold.max():g} are not of a scale from {low:g} to {high:g}")
    return (gold - low) / (high - low)


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
