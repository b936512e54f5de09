"""Rank correlation of the components of two vectors, as components: robust to single dimensions that dominate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.vectors import Pearson
from stsbench.contracts.data import Float64, Index
from stsbench.stats.orders import midranks

WIDEST = 1024  # dimensions up to which comparing all pairs of components is faster than sorting one vector after the other


@dataclass(frozen=True, slots=True)
class SpearmanDims:
    """Spearman correlation of the components of two vectors, in [-1, 1]; equal components share their mean rank.

    A constant vector scores 0. Source: Zhelezniak et al., NAACL 2019.
    """

    def score(self, left: Float64, right: Float64) -> Float64:
        """Correlation of each row, float64[n] in [-1, 1]."""
        return kernels.by_rows(lambda u, v: kernels.pearson(_midranks(u), _midranks(v)), left, right)

    def matrix(self, left: Float64, right: Float64) -> Float64:
        """Correlation of every left row with every right row, float64[n, m] in [-1, 1]."""
        return Pearson().matrix(_midranks(np.asarray(left, np.float64)), _midranks(np.asarray(right, np.float64)))


@dataclass(frozen=True, slots=True)
class KendallDims:
    """Kendall's tau-b of the components of two vectors, in [-1, 1]. A constant vector scores 0.

    Source: Zhelezniak et al., NAACL 2019.
    """

    def score(self, left: Float64, right: Float64) -> Float64:
        """Correlation of each row, float64[n] in [-1, 1]."""
        return kernels.by_rows(_kendall, left, right)


def _midranks(rows: Float64) -> Float64:
    """Ranks of the components of each row from 1, float64[n, d]; equal ones share their mean rank."""
    order = np.argsort(rows, axis=1)
    ranks = np.empty(rows.shape)
    np.put_along_axis(ranks, order, np.arange(1.0, rows.shape[1] + 1.0)[None], axis=1)
    for row in _tied(rows, order):  # rare in vectors
        ranks[row] = midranks(rows[row])
    return ranks


def _tied(rows: Float64, order: Index) -> Index:
    """The rows that hold equal components."""
    ascending = np.take_along_axis(rows, order, axis=1)
    return np.flatnonzero((ascending[:, 1:] == ascending[:, :-1]).any(axis=1))


def _kendall(left: Float64, right: Float64) -> Float64:
    if not 1 < left.shape[1] <= WIDEST:
        return np.array([_tau_b(u, v) for u, v in zip(left, right, strict=True)], dtype=np.float64)
    orders = np.argsort(left, axis=1), np.argsort(right, axis=1)
    places = np.empty(left.shape, dtype=np.int16)
    np.put_along_axis(places, orders[1], np.arange(left.shape[1], dtype=np.int16)[None], axis=1)
    pairs = left.shape[1] * (left.shape[1] - 1) / 2
    scores: Float64 = 1.0 - 2.0 * _inversions(np.take_along_axis(places, orders[0], axis=1)) / pairs
    for row in np.union1d(_tied(left, orders[0]), _tied(right, orders[1])):
        scores[row] = _tau_b(left[row], right[row])
    return scores


def _inversions(permutations: NDArray[np.int16]) -> Float64:
    """How many pairs of each row's numbers stand in descending order, float64[n]."""
    columns = np.ascontiguousarray(permutations.T)
    inversions = np.zeros(columns.shape[1])
    for last in range(1, len(columns)):
        inversions += (columns[:last] > columns[last]).view(np.uint8).sum(axis=0, dtype=np.uint16)
    return inversions


def _tau_b(u: Float64, v: Float64) -> float:
    """Tau-b of two vectors; 0 where one is constant, as each of two dimensions or fewer is that holds equal components."""
    if (u == u[0]).all() or (v == v[0]).all():
        return 0.0
    from scipy.stats import kendalltau  # compiled: our own takes four times as long on 2,000 dimensions

    return float(kendalltau(u, v, method="asymptotic").statistic)
