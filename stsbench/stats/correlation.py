"""Agreement of scores with gold: Spearman (the main figure), Pearson and Kendall, and what ties do to them.

Nothing here returns NaN: a correlation that does not exist is None, with the reason beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float64, Ranked
from stsbench.stats.kendall import kendall
from stsbench.stats.orders import midranks
from stsbench.stats.pearson import pearson
from stsbench.stats.spearman import spearman

DECIMALS = 10  # of scores scaled to [-1, 1]: coarser than float64 arithmetic scatters
MOVED = 1e-6  # most that float32 may move a Spearman correlation with gold without ties


@dataclass(frozen=True, slots=True)
class Metrics:
    """Agreement of n scores with gold: three correlations in [-1, 1], or None in all three and the `reason`.

    `tied` is the number of scores that share their value with another.
    """

    n: int
    spearman: float | None
    pearson: float | None
    kendall: float | None
    reason: str | None
    tied: int


def rankable(scores: Float64) -> tuple[Ranked, int]:
    """Scores as they are stored and ranked, n in [-1, 1], and the exponent e of the 10**e that they were divided by.

    They are the `scaled` ones in float32, but float64 where ties that float32 makes could be seen in a correlation, as of an encoder
    all of whose cosines are near 1. Raises ValueError unless all are finite.
    """
    wide, exponent = scaled(scores)
    narrow = wide.astype(np.float32)
    # rho is 12 / (n (n^2 - 1)) times the sum of ranks x centred ranks of gold, and the latter are (n - 1) / 2 at most
    moved = 6.0 * float(np.abs(midranks(wide) - midranks(narrow.astype(np.float64))).sum())
    return narrow if moved <= MOVED * len(wide) * (len(wide) + 1) else wide, exponent


def scaled(scores: Float64) -> tuple[Float64, int]:
    """Scores divided by 10**e, n in [-1, 1], and e.

    10**e is the power of ten at or above the largest magnitude (e = 0 if all scores are zero); the quotients are rounded to 10
    decimals, so that scores equal but for rounding errors are ties, whatever their scale. Raises ValueError unless all are finite.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise ValueError(f"score {row} is {scores[row]}, and scores must be finite")
    largest = float(np.abs(scores).max(initial=0.0))
    exponent = _exponent(largest)
    wide: Float64 = _divided(scores, exponent).round(DECIMALS) + 0.0  # turns -0.0 into 0.0
    return wide, exponent


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


def metrics(gold: Float64, stored_scores: NDArray[np.floating[Any]]) -> Metrics:
    """How well scores, as `rankable` gives them, agree with gold; ties get average ranks (what scipy's spearmanr, pearsonr and kendalltau give).

    One pair, constant gold or constant scores leave the correlations undefined. Raises ValueError where there is no pair, where
    lengths differ or a value is not finite.
    """
    gold, scores = np.asarray(gold, dtype=np.float64), np.asarray(stored_scores, dtype=np.float64)
    if gold.ndim != 1 or gold.shape != scores.shape or not len(gold):
        raise ValueError(f"gold and scores must be as long as each other, at least one pair: {gold.shape} and {scores.shape}")
    if not (np.isfinite(gold).all() and np.isfinite(scores).all()):
        raise ValueError("gold and scores must be finite")
    tied = _tied(scores)
    reason = _undefined(gold, scores)
    if reason is not None:
        return Metrics(len(gold), None, None, None, reason, tied)
    return Metrics(
        n=len(gold),
        spearman=spearman(gold, scores),
        pearson=pearson(gold, scores),
        kendall=kendall(gold, scores),
        reason=None,
        tied=tied,
    )


def aggregate(parts: Sequence[Metrics], how: Literal["mean", "wmean"]) -> Metrics:
    """One figure for several parts: the mean of each correlation, plain or weighted by n; `n` and `tied` are sums.

    Undefined as soon as one part is, with a reason that names the first such part. Raises ValueError if there is no part.
    """
    if not parts:
        raise ValueError("there is no part to aggregate")
    n, tied = sum(part.n for part in parts), sum(part.tied for part in parts)
    weights = [part.n if how == "wmean" else 1 for part in parts]
    for number, part in enumerate(parts, start=1):
        if part.reason is not None:
            return Metrics(n, None, None, None, f"part {number} of {len(parts)}: {part.reason}", tied)
    means: list[float] = [
        math.fsum(weight * getattr(part, name) for weight, part in zip(weights, parts, strict=True)) / sum(weights)
        for name in ("spearman", "pearson", "kendall")
    ]
    return Metrics(n, means[0], means[1], means[2], None, tied)


def tie_ceiling(gold: Float64) -> float:
    """The highest Spearman that scores without ties can reach, in [0, 1]: sqrt(1 - T), T = sum of t^3 - t over tied golds / (n^3 - n).

    Raises ValueError for fewer than two pairs.
    """
    if len(gold) < 2:
        raise ValueError("a ceiling needs at least two pairs")
    counts = [int(count) for count in np.unique(gold, return_counts=True)[1]]
    n = len(gold)
    return math.sqrt(1 - sum(count**3 - count for count in counts) / (n**3 - n))


def _tied(scores: Float64) -> int:
    counts = np.unique(scores, return_counts=True)[1]
    return int(counts[counts > 1].sum())


def _undefined(gold: Float64, scores: Float64) -> str | None:
    if len(gold) == 1:
        return "one pair only"
    if (gold == gold[0]).all():
        return "constant gold"
    return "constant scores" if (scores == scores[0]).all() else None
