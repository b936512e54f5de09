"""Correlations of ranks in numpy alone: importing scipy.stats takes longer than scoring a suite of benchmarks does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.orders import midranks


def pearson(one: Float64, other: Float64) -> float:
    """Pearson's correlation of two samples that are not constant, in [-1, 1]."""
    left, right = (values - values.mean() for values in (one, other))
    found = float((left / np.linalg.norm(left)) @ (right / np.linalg.norm(right)))
    return max(-1.0, min(1.0, found))


def spearman(one: Float64, other: Float64) -> float:
    """Spearman's correlation, with average ranks for ties, of two samples that are not constant."""
    return pearson(midranks(one), midranks(other))


def kendall(one: Float64, other: Float64) -> float:
    """Kendall's tau-b of two samples that are not constant (Knight 1966: pairs in discord are the inversions of a sorted sample)."""
    left, right = (np.unique(values, return_inverse=True)[1] for values in (one, other))
    order = np.lexsort((right, left))
    n = len(order)
    pairs = n * (n - 1) // 2
    tied_left, tied_right = _tied_pairs(left), _tied_pairs(right)
    both = _tied_pairs(left * np.int64(n) + right)
    discord = count_inversions(right[order])
    balance = pairs - tied_left - tied_right + both - 2 * discord
    found = balance / math.sqrt((pairs - tied_left) * (pairs - tied_right))
    return max(-1.0, min(1.0, found))


def count_inversions(ranks: Index) -> int:
    """How many pairs of positions i < j have ranks[i] > ranks[j]; ranks are whole numbers from 0.

    The two ranks of such a pair agree in their leading bits and differ in the next: from the highest bit down, ranks with equal
    leading bits are kept together in their order, and of those the ones with a set bit ahead of one without are counted.
    """
    total = 0
    for bit in reversed(range(int(ranks.max(initial=0)).bit_length())):
        leading, ones = ranks >> (bit + 1), (ranks >> bit) & 1
        ahead = np.concatenate([[0], ones.cumsum()])
        group = np.searchsorted(leading, leading)  # where the ranks with these leading bits start
        total += int(((ahead[:-1] - ahead[group]) * (1 - ones)).sum())
        ranks = ranks[np.argsort(ranks >> bit, kind="stable")]
    return total


def _tied_pairs(values: np.ndarray[Any, Any]) -> int:
    return sum(int(count) * (int(count) - 1) // 2 for count in np.unique(values, return_counts=True)[1])
