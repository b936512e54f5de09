"""How far several raters agree, what their mean is worth, and which of them stand apart.

Ratings are float64[n, raters] on an interval scale, NaN where a rater said nothing. All figures are ratios of sums over pairs, so that a
resample of the pairs is a product with their counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stsbench.contracts.data import Flags, Float64, frozen
from stsbench.contracts.defaults import LEVEL
from stsbench.stats.intervals import Estimate
from stsbench.stats.orders import merged
from stsbench.stats.resampling import draw
from stsbench.stats.weights import ROUNDING

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Rater:
    """One rater, by number from 1: how many pairs they rated, and Pearson's correlation with the mean of the others.

    `without` is alpha of the others less alpha of all, with an interval that holds for all raters together: `apart` where it is above 0,
    which is to say that the others agree better among themselves.
    """

    number: int
    rated: int
    correlation: float | None
    without: Estimate
    apart: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """What several raters' scores of n pairs are worth.

    `alpha` is Krippendorff's at the interval level: 1 for full agreement, 0 for that of chance, below 0 for less. `reliability` is that
    of the mean rating, the share of its variance which is not the raters' own, and `ceiling` its square root: what a system can be
    expected to correlate with the mean at most.
    """

    raters: int
    ratings: int
    pairs: int
    alpha: Estimate
    reliability: Estimate
    ceiling: float | None
    by_rater: tuple[Rater, ...]


@dataclass(frozen=True)
class _Sums:
    """What a pair adds to the figures: its ratings' number, sum, sum of squares, and the squares about their mean."""

    ratings: Float64

    @classmethod
    def about_mean(cls, ratings: Float64) -> _Sums:
        """Those of the ratings less their mean, so that squares lose no digits; of ratings that are all the same it leaves zeros."""
        given = ratings[~np.isnan(ratings)]
        if not len(given):
            return cls(ratings)
        return cls(ratings - given[0] - (given - given[0]).mean())

    @cached_property
    def largest(self) -> float:
        """The largest square of a rating."""
        return float(np.square(self.ratings[self.rated]).max(initial=0))

    @cached_property
    def rated(self) -> Flags:
        return ~np.isnan(self.ratings)

    @cached_property
    def count(self) -> Float64:
        counts: Float64 = self.rated.sum(axis=1).astype(np.float64)
        return counts

    @cached_property
    def mean(self) -> Float64:
        means: Float64 = np.where(self.rated, self.ratings, 0).sum(axis=1) / np.maximum(self.count, 1)
        return means

    @cached_property
    def within(self) -> Float64:
        """The sum of squares about the mean of each pair."""
        squares: Float64 = np.square(np.where(self.rated, self.ratings - self.mean[:, None], 0)).sum(axis=1)
        return squares


def mean_rating(ratings: Float64) -> Float64:
    """The mean of what was said of each pair, float64[n]; NaN where nobody said anything.

    Means that are equal but for rounding are equal: 0.1 and 0.2 have that of 0.15 and 0.15, and tie with it.
    """
    sums = _Sums(ratings)
    means = np.where(sums.count > 0, sums.mean, np.nan)
    return merged(means, ROUNDING * np.abs(ratings[sums.rated]).max(initial=0.0))


def alpha(ratings: Float64, counts: Float64 | None = None) -> Float64:
    """Krippendorff's alpha at the interval level, float64[b], where each pair counts as often as a column of float64[n, b] says.

    Without counts it is that of the pairs as they are. NaN where no pair has two ratings, or all these ratings are the same. Source:
    Krippendorff (2019), Content Analysis, ch. 12; observed over expected disagreement, both written as sums of squares: with m ratings
    of a pair and N ratings of all pairs that have two or more, 1 - (N - 1) / N * sum(m / (m - 1) * within) / total.
    """
    sums = _Sums.about_mean(ratings)
    several = sums.count >= 2
    m, mean, within = sums.count[several], sums.mean[several], sums.within[several]
    weight = np.ones((len(m), 1)) if counts is None else counts[several]
    number = m @ weight
    total = (within + m * mean**2) @ weight - np.square((m * mean) @ weight) / np.maximum(number, 1)
    observed = (within * m / (m - 1)) @ weight
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 1 - (number - 1) / number * observed / total
    return np.where((number > 0) & (total > ROUNDING * number * sums.largest), value, np.nan)


def reliability(ratings: Float64, counts: Float64 | None = None) -> Float64:
    """Reliability of the mean rating, float64[b]: 1 less the raters' share of the variance of the pairs' means; counts as in `alpha`.

    With the same number k of ratings for each pair it is ICC(1, k) of Shrout and Fleiss (1979), Psychological Bulletin 86. NaN where no
    pair has two ratings, or the means do not vary.
    """
    sums = _Sums.about_mean(ratings)
    rated = sums.count > 0
    count, mean, within = sums.count[rated], sums.mean[rated], sums.within[rated]
    weight = np.ones((len(count), 1)) if counts is None else counts[rated]
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = (within @ weight) / ((count - 1) @ weight)
        n = weight.sum(axis=0)
        variance = (mean**2 @ weight - np.square(mean @ weight) / n) / (n - 1)
        value = 1 - noise * ((1 / count) @ weight) / n / variance
    return np.where(((count - 1) @ weight > 0) & (variance > ROUNDING * sums.largest), value, np.nan)


def agreement(ratings: Float64, generator: np.random.Generator, resamples: int = RESAMPLES) -> Agreement:
    """How far the columns of `ratings` agree; intervals of 95 % by the bootstrap of pairs.

    Raises ValueError for fewer than two raters.
    """
    ratings = frozen(np.asarray(ratings, dtype=np.float64))
    if ratings.ndim != 2 or ratings.shape[1] < 2:
        raise ValueError("ratings must have one row a pair and at least two columns, one a rater")
    without = [np.delete(ratings, rater, axis=1) for rater in range(ratings.shape[1])]
    shown = _figures(ratings, without, np.ones((len(ratings), 1)))
    drawn = np.concatenate([_figures(ratings, without, counts.astype(np.float64)) for counts in draw(len(ratings), resamples, generator)])
    of_all = _estimated(shown[:, 0], drawn[:, 0], LEVEL, "no pair has two ratings, or all of these are the same")
    mean = _estimated(shown[:, 1], drawn[:, 1], LEVEL, "no pair has two ratings, or the means do not vary")
    level = 1 - (1 - LEVEL) / ratings.shape[1]  # so that one of the raters stands apart by chance in 5 % of cases (Bonferroni)
    gained = [
        _estimated(shown[:, place] - shown[:, 0], drawn[:, place] - drawn[:, 0], level, "no two others rated the same pairs differently")
        for place in range(2, shown.shape[1])
    ]
    return Agreement(
        ratings.shape[1],
        int((~np.isnan(ratings)).sum()),
        len(ratings),
        of_all,
        mean,
        None if mean.value is None else float(np.sqrt(max(0.0, mean.value))),
        tuple(
            Rater(number, int((~np.isnan(said)).sum()), _correlation(said, others), more, more.low is not None and more.low > 0)
            for number, (said, others, more) in enumerate(zip(ratings.T, without, gained, strict=True), 1)
        ),
    )


def _figures(ratings: Float64, without: Sequence[Float64], counts: Float64) -> Float64:
    """Alpha and reliability of all raters, and alpha without each, float64[b, 2 + raters]."""
    return np.column_stack([alpha(ratings, counts), reliability(ratings, counts), *(alpha(others, counts) for others in without)])


def _correlation(ratings: Float64, others: Float64) -> float | None:
    """Pearson's correlation of a rater with the mean of the others; None where either does not vary over the pairs that both rated."""
    sums = _Sums(others)
    both = ~np.isnan(ratings) & (sums.count > 0)
    left, right = ratings[both], sums.mean[both]
    if both.sum() < 2 or np.ptp(left) == 0 or np.ptp(right) <= ROUNDING * np.abs(right).max():
        return None
    return float(np.corrcoef(left, right)[0, 1])


def _estimated(value: Float64, drawn: Float64, level: float, reason: str) -> Estimate:
    """A figure with the percentiles of its resamples; without an interval where some resamples have no figure."""
    if np.isnan(value[0]):
        return Estimate(reason=reason)
    if np.isnan(drawn).any():
        return Estimate(float(value[0]), reason="too few pairs for an interval")
    tail = 50 * (1 - level)
    return Estimate(float(value[0]), *np.percentile(drawn, [tail, 100 - tail]).tolist())
