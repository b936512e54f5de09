"""What cosine does with the pairs: its range, its biases, and how it is calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.audit.geometry import overlap, word_statistics
from stsbench.builtin.similarities.kernels import unit
from stsbench.contracts.data import Float64, Pairs
from stsbench.stats.correlation import rankable
from stsbench.stats.deciding import isotonic
from stsbench.stats.intervals import Estimate, partial_spearman
from stsbench.stats.losses import reaching
from stsbench.stats.metrics import PEARSON, SPEARMAN, measure


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Cosines of n pairs: deviation, distance of the quartiles, share of tied ones; what they know beside gold; calibration.

    `length` and `words`: partial Spearman of cosine with the difference of lengths and with the overlap of words, gold held fixed.
    `isotonic`: share of gold's variance that the best rising function of cosine explains, in [0, 1]; `gap`: Pearson less Spearman.
    `alignment`: mean squared distance of unit vectors of pairs in the top fifth of the score range, in [0, 4]; `uniformity`: log of
    the mean of exp(-2 squared distance) over all pairs of texts, in [-8, 0] (Wang and Isola 2020). None where undefined.
    """

    deviation: float
    quartiles: float
    tied: float
    length: Estimate
    words: Estimate
    gap: float | None
    isotonic: float | None
    alignment: float | None
    uniformity: float | None


def measure_pairs(
    pairs: Pairs, cosines: Float64, left: Float64, right: Float64, vectors: Float64, score_range: tuple[float, float] | None
) -> PairFigures:
    """Figures of the pairs with vectors float64[n, d] left and right; `vectors` float64[u, d] are those of the unique texts."""
    low, high = np.percentile(cosines, [25, 75])
    measured = measure(pairs.gold, rankable(cosines)[0], (SPEARMAN, PEARSON))
    lengths = [word_statistics(texts)[0] for texts in pairs.texts]
    gap = None if measured.reason else measured.figures[PEARSON.name] - measured.figures[SPEARMAN.name]
    return PairFigures(
        float(cosines.std()),
        float(high - low),
        measured.tied / measured.n,
        partial_spearman(cosines, np.abs(lengths[0] - lengths[1]), pairs.gold),
        partial_spearman(cosines, overlap(*pairs.texts), pairs.gold),
        gap,
        isotonic_share(cosines, pairs.gold),
        _alignment(pairs.gold, left, right, score_range),
        uniformity(vectors),
    )


def isotonic_share(scores: Float64, gold: Float64) -> float | None:
    """Share of gold's variance that the best rising function of the scores explains, in [0, 1]; None where gold is constant."""
    variance = float(((gold - gold.mean()) ** 2).sum())
    if variance == 0.0:
        return None
    return max(0.0, 1 - float(((gold - isotonic(gold, scores)(scores)) ** 2).sum()) / variance)


def uniformity(vectors: Float64) -> float | None:
    """Log of the mean of exp(-2 |u - v|^2) over all pairs of different rows, as unit vectors, or 0; None for a single row."""
    units = unit(vectors)
    u, squares = len(units), np.asarray(units.any(axis=1), dtype=np.float64)
    if u < 2:
        return None
    total, step = 0.0, max(1, 2**22 // u)
    for start in range(0, u, step):
        rows = slice(start, start + step)
        distances = squares[rows, None] + squares - 2 * np.clip(units[rows] @ units.T, -1.0, 1.0)
        total += float(np.exp(-2 * distances).sum())
    itself = float(np.exp(4 * ((units**2).sum(axis=1) - squares)).sum())  # of each row with itself: 1, but for rounding
    return float(np.log(max((total - itself) / (u * (u - 1)), np.exp(-8.0))))


def _alignment(gold: Float64, left: Float64, right: Float64, score_range: Sequence[float] | None) -> float | None:
    if score_range is None:
        return None
    near = reaching(gold, score_range[0] + 0.8 * (score_range[1] - score_range[0]))
    if not near.any():
        return None
    return float(((unit(left[near]) - unit(right[near])) ** 2).sum(axis=1).mean())
