"""Kendall's tau-b, and Goodman and Kruskal's gamma, of weighted pairs and of resamples, and their influence functions.

Of pairs with weights w, sum to N: tau-b = (N^2 - X - Y + B - 4 D) / sqrt((N^2 - X) (N^2 - Y)), with X, Y and B the sums of w_i w_j over
all i, j tied in gold, in scores, in both, and D that over i < j in discord, which are inversions of a sorted list (Knight 1966).
Goodman and Kruskal's gamma = 1 - 4 D / (N^2 - X - Y + B).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.orders import Order, cumulated
from stsbench.stats.weights import ROUNDING, Counts, Under, varied, weighted, weighted_influence

from .metric import Metric, Resampled


class Level(NamedTuple):
    """One bit of the ranks: rows with it set, in order, and those without that have some of these ahead of them.

    They are `ahead`, less `first` which are of ranks with other leading bits.
    """

    ones: Index
    zeros: Index
    ahead: Index
    first: Index


@dataclass(frozen=True)
class Inversions:
    """The two rows i before j of a list with ranks[i] > ranks[j], for all weights that rows may have; ranks are whole numbers from 0.

    The two ranks agree in their leading bits and differ in the next: from the highest bit down, ranks with equal leading bits are
    kept together in their order, and of those the ones with a set bit ahead of one without are taken.
    """

    levels: tuple[Level, ...]

    @classmethod
    def of(cls, ranks: Index, rows: Index) -> Inversions:
        """Those of `rows` in this order, with these ranks."""
        levels = []
        for bit in reversed(range(int(ranks.max(initial=0)).bit_length())):
            leading, digit = ranks >> (bit + 1), (ranks >> bit) & 1
            ahead = np.concatenate([[0], digit.cumsum()])
            first = ahead[np.searchsorted(leading, leading)]  # where the ranks with these leading bits start
            zeros = np.flatnonzero((digit == 0) & (ahead[:-1] > first))
            levels.append(Level(rows[digit == 1], rows[zeros], ahead[zeros], first[zeros]))
            order = np.argsort(ranks >> bit, kind="stable")
            ranks, rows = ranks[order], rows[order]
        return cls(tuple(levels))

    def weight(self, counts: Counts) -> Float64:
        """The sum over inversions of the product of their counts, float64[c] from [n, c]."""
        total = np.zeros(counts.shape[1])
        for level in self.levels:
            sums = np.zeros((len(level.ones) + 1, counts.shape[1]), dtype=counts.dtype)
            np.take(counts, level.ones, axis=0, out=sums[1:], mode="clip")
            cumulated(sums)
            total += np.einsum("ij,ij->j", counts[level.zeros], sums[level.ahead] - sums[level.first], dtype=np.float64)
        return total

    def each(self, weights: Float64) -> Float64:
        """For each row the weight of those that are inverted with it, float64[n]."""
        result = np.zeros(len(weights))
        for ones, zeros, ahead, first in self.levels:
            sums = np.append(0.0, weights[ones].cumsum())
            result[zeros] += sums[ahead] - sums[first]
            behind = np.bincount(first, weights[zeros], len(sums)) - np.bincount(ahead, weights[zeros], len(sums))
            result[ones] += behind.cumsum()[:-1]
        return result


@dataclass(frozen=True)
class _Ties:
    """Rows that share their value with another, in order, and where each group of them starts."""

    rows: Index
    starts: Index

    @classmethod
    def of(cls, values: Float64 | Index) -> _Ties:
        order = Order.of(values)
        _, sizes = order.groups
        kept = sizes[sizes > 1]
        return cls(order.rows[np.repeat(sizes, sizes) > 1], np.cumsum(kept) - kept)

    def squares(self, counts: Counts, alone: Float64) -> Float64:
        """The sum of squared counts of all groups, float64[c]; `alone` is what it would be without ties."""
        if not len(self.rows):
            return alone
        tied = counts[self.rows]
        groups = np.add.reduceat(tied, self.starts, axis=0, dtype=np.float64)
        return alone + _squares(groups) - _squares(tied)


@dataclass(frozen=True)
class _Pairs:
    """How the scores of one system go with gold."""

    scores: _Ties
    both: _Ties
    discord: Inversions

    @classmethod
    def of(cls, gold: Index, scores: Index) -> _Pairs:
        """From whole numbers that rank gold and scores."""
        fewer, more = (gold, scores) if gold.max() < scores.max() else (scores, gold)  # fewer ranks have fewer bits
        rows = np.lexsort((fewer, more))
        return cls(_Ties.of(scores), _Ties.of(_both(gold, scores)), Inversions.of(fewer[rows], rows))


@weighted
def kendall(gold: Float64, scores: Float64, weights: Float64) -> float:
    """Kendall's tau-b, in [-1, 1]."""
    return float(kendall_under(varied(gold), varied(scores)[:, None])(weights[:, None])[0, 0])


def kendall_under(gold: Float64, scores: Float64) -> Under:
    """Tau-b of every resample and system, at a cost of O(n log m) each, m the number of distinct values of gold or of scores.

    Whole numbers are exact while n times the largest count is below 2**24. Memory is that of a few copies of the counts.
    """
    return _prepared(gold, scores, lambda apart: np.sqrt(apart.gold * apart.scores))


@weighted
def gamma(gold: Float64, scores: Float64, weights: Float64) -> float:
    """Goodman and Kruskal's gamma, in [-1, 1]: of the pairs of pairs that neither gold nor scores tie, those in order less the others."""
    return float(gamma_under(varied(gold), varied(scores)[:, None])(weights[:, None])[0, 0])


def gamma_under(gold: Float64, scores: Float64) -> Under:
    """Gamma of every resample and system, at the cost of tau-b."""
    return _prepared(gold, scores, lambda apart: apart.both)


class _Apart(NamedTuple):
    """What of N^2 is apart in gold, in scores, and in both, float64[c] each."""

    gold: Float64
    scores: Float64
    both: Float64


Scale = Callable[[_Apart], Float64]  # what concordance is a share of


def _prepared(gold: Float64, scores: Float64, scale: Scale) -> Under:
    ranks = _ranks(gold)
    return partial(_under, _Ties.of(ranks), [_Pairs.of(ranks, _ranks(column)) for column in scores.T], scale)


def _under(gold: _Ties, systems: Sequence[_Pairs], scale: Scale, counts: Counts) -> Float64:
    every, alone = counts.sum(axis=0, dtype=np.float64) ** 2, _squares(counts)
    of_gold = gold.squares(counts, alone)
    result = np.empty((counts.shape[1], len(systems)))
    for place, pairs in enumerate(systems):
        of_scores = pairs.scores.squares(counts, alone)
        both = every - of_gold - of_scores + pairs.both.squares(counts, alone)
        apart = _Apart(every - of_gold, every - of_scores, both)
        if not (np.minimum(apart.gold, apart.scores) > ROUNDING * every).all():
            raise ValueError(f"a resample leaves gold or the scores of system {place} constant")
        result[:, place] = np.clip((both - 4 * pairs.discord.weight(counts)) / scale(apart), -1.0, 1.0)
    return result


@weighted_influence
def kendall_influence(gold: Float64, scores: Float64, weights: Float64) -> tuple[float, Float64]:
    """Tau-b and the influence of each pair on it: the projection of the three U-statistics that it is made of, by the delta method.

    Croux and Dehon 2010, here with ties.
    """
    first, second = _ranks(varied(gold)), _ranks(varied(scores))
    total = weights.sum()
    tied, also, both = (Order.of(values).tied(weights) for values in (first, second, _both(first, second)))
    balance = total - tied - also + both - 2 * _Pairs.of(first, second).discord.each(weights)
    sums = [float(weights @ own) for own in (balance, total - tied, total - also)]
    scale = np.sqrt(sums[1] * sums[2])
    tau = max(-1.0, min(1.0, float(sums[0] / scale)))
    return tau, total * (2 * balance / scale - tau * ((total - tied) / sums[1] + (total - also) / sums[2]))


@weighted_influence
def gamma_influence(gold: Float64, scores: Float64, weights: Float64) -> tuple[float, Float64]:
    """Gamma and the influence of each pair on it, likewise; Goodman and Kruskal 1963."""
    first, second = _ranks(varied(gold)), _ranks(varied(scores))
    tied, also, both = (Order.of(values).tied(weights) for values in (first, second, _both(first, second)))
    untied = weights.sum() - tied - also + both
    balance = untied - 2 * _Pairs.of(first, second).discord.each(weights)
    size = float(weights @ untied)
    value = max(-1.0, min(1.0, float(weights @ balance) / size))
    return value, weights.sum() * 2 * (balance - value * untied) / size


def _ranks(values: Float64) -> Index:
    return np.unique(values, return_inverse=True)[1]


def _both(gold: Index, scores: Index) -> Index:
    """A number for each two ranks."""
    pairs: Index = gold * (scores.max() + 1) + scores
    return pairs


def _squares(counts: Counts) -> Float64:
    squares: Float64 = np.einsum("ij,ij->j", counts, counts, dtype=np.float64)
    return squares


METRICS = (
    Metric("kendall", "Kendall", kendall, (-1, 1), Resampled(kendall_under, kendall_influence)),
    Metric("gamma", "Goodman and Kruskal's gamma", gamma, (-1, 1), Resampled(gamma_under, gamma_influence), kept=False),
)
