"""Scores that can be ranked, whatever their scale, and what ties in gold leave of a correlation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from stsbench.contracts.data import Float64, Ranked
from stsbench.stats.orders import midranks

DECIMALS = 10  # of scores scaled to [-1, 1]: coarser than float64 arithmetic scatters
DIGITS = 2.0**33  # steps that a relative score is rounded to, from one power of two to the next
MOST_DECIMALS = 300  # that a float64 is rounded to by way of a number that it holds
FEWEST = 20  # scores of which one may be an outlier
APART = 1e-6  # of the largest score, at most, are all but outliers
SCATTER = (1e-18, 1e-12)  # of the largest score: what arithmetic in float64 leaves where the result is 0
MOVED = 1e-6  # most that float32 may move a Spearman correlation with gold without ties, or but for chance a Pearson correlation
SURE = 4.0  # standard deviations of what rounding errors, which know nothing of gold, move Pearson's correlation by


def rankable(scores: Float64, *, relative: bool = False) -> tuple[Ranked, int]:
    """Scores as they are stored and ranked, n in [-1, 1], and the exponent e of the 10**e that they were divided by.

    They are the `scaled` ones (`relative` or not) in float32, but float64 where what float32 rounds off could be seen in a correlation, as
    of an encoder all of whose cosines are near 1. Raises ValueError unless all are finite.
    """
    wide, exponent = scaled(scores, relative=relative)
    return narrowed(wide), exponent


def narrowed(wide: Float64) -> Ranked:
    """`scaled` scores as they are stored, which `rankable` says."""
    narrow = wide.astype(np.float32)
    # rho is 12 / (n (n^2 - 1)) times the sum of ranks x centred ranks of gold, and the latter are (n - 1) / 2 at most
    moved = 6.0 * float(np.abs(midranks(wide) - midranks(narrow.astype(np.float64))).sum())
    noise, spread = float(np.square(wide - narrow).mean()), float(wide.var())
    share = noise / spread if spread > 0.0 else 0.0
    kept = moved <= MOVED * len(wide) * (len(wide) + 1) and SURE * math.sqrt(share / len(wide)) + share <= MOVED
    return narrow if kept else wide


def scaled(scores: Float64, *, relative: bool = False) -> tuple[Float64, int]:
    """Scores divided by 10**e, n in [-1, 1], and e.

    10**e is the power of ten at or above the largest magnitude (e = 0 if all scores are zero); the quotients are rounded to 10
    decimals, so that scores equal but for rounding errors are ties, whatever their scale. Where the largest are outliers, such as a number
    that stands for a missing score, decimals are those of the largest of the others. Those of `relative` scores, which are as exact as they
    are small, are of each by itself. Raises ValueError unless all are finite.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise ValueError(f"score {row} is {scores[row]}, and scores must be finite")
    sizes = np.abs(scores)
    exponent = _exponent(float(sizes.max(initial=0.0)))
    if relative:
        mantissas, powers = np.frexp(_divided(scores, exponent))
        return np.ldexp(np.round(mantissas * DIGITS) / DIGITS, powers) + 0.0, exponent
    decimals = min(DECIMALS + exponent - _exponent(_usual(sizes)), MOST_DECIMALS)
    wide: Float64 = _divided(scores, exponent).round(decimals) + 0.0  # turns -0.0 into 0.0
    return wide, exponent


def _usual(sizes: Float64) -> float:
    """The largest magnitude but for outliers: one score of 20 or more, or one in 100, beside which the others are next to nothing.

    What is as small beside the largest as rounding errors of its computation are is taken for such, and zeros are none.
    """
    largest = float(sizes.max(initial=0.0))
    others = sizes[sizes <= APART * largest]
    outliers = len(sizes) - len(others)
    if len(sizes) < FEWEST or outliers > max(1, len(sizes) // 100) or 2 * np.count_nonzero(others) < len(sizes):
        return largest
    rest = float(others.max())
    return largest if SCATTER[0] * largest <= rest <= SCATTER[1] * largest else rest


def _exponent(largest: float) -> int:
    """The smallest e with largest <= 10**e, up to the rounding of `rankable`: rounding errors of a scaled 10.0 do not add a digit."""
    if largest == 0.0:
        return 0
    exponent = math.floor(math.log10(largest)) - 1
    while _divided(np.float64(largest), exponent).round(DECIMALS) > 1.0:
        exponent += 1
    return exponent


def _divided(values: Any, exponent: int) -> Any:
    """`values` / 10**exponent, by positive powers of ten: those up to 10**22 are exact in float64."""
    first = max(-308, min(308, exponent))  # 10**308 is the largest that a float64 holds
    for power in (first, exponent - first):
        values = values * 10.0**-power if power < 0 else values / 10.0**power
    return values


def tie_ceiling(gold: Float64, weights: Float64 | None = None) -> float:
    """The highest Spearman that scores without ties can reach, in [0, 1]: sqrt(1 - T), T = sum of t^3 - t over tied golds / (n^3 - n).

    With weights w, of total W and of sum G over tied golds, it is the root of (W^3 - sum of G^3) / (W^3 - sum of w^3), of which the above
    is the case that all weigh 1. Raises ValueError for fewer than two pairs.
    """
    if len(gold) < 2:
        raise ValueError("a ceiling needs at least two pairs")
    if weights is not None:
        whole = float(weights.sum()) ** 3
        tied = np.bincount(np.unique(gold, return_inverse=True)[1].ravel(), weights)
        return math.sqrt(max(0.0, (whole - float((tied**3).sum())) / (whole - float((weights**3).sum()))))
    counts = [int(count) for count in np.unique(gold, return_counts=True)[1]]
    n = len(gold)
    return math.sqrt(1 - sum(count**3 - count for count in counts) / (n**3 - n))
