"""Rank correlation of the components of two vectors, as components: robust to single dimensions that dominate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.vectors import Pearson
from stsbench.contracts.data import Float64


@dataclass(frozen=True, slots=True)
class SpearmanDims:
    """Spearman correlation over dimensions."""

    def score(self, left: Float64, right: Float64) -> Float64:
        """Correlation of each row, float64[n] in [-1, 1]."""
        return kernels.by_rows(lambda u, v: kernels.pearson(_midranks(u), _midranks(v)), left, right)

    def matrix(self, left: Float64, right: Float64) -> Float64:
        """Correlation of every left row with every right row, float64[n, m] in [-1, 1]."""
        return Pearson().matrix(_midranks(np.asarray(left, np.float64)), _midranks(np.asarray(right, np.float64)))


@dataclass(frozen=True, slots=True)
class KendallDims:
    """Kendall's tau-b over dimensions."""

    def score(self, left: Float64, right: Float64) -> Float64:
        """Correlation of each row, float64[n] in [-1, 1]."""
        return kernels.by_rows(_kendall, left, right)


def _midranks(rows: Float64) -> Float64:
    from scipy.stats import rankdata

    return np.asarray(rankdata(rows, axis=1), dtype=np.float64) if rows.size else rows


def _kendall(left: Float64, right: Float64) -> Float64:
    if left.shape[1] <= 2:  # too few for scipy's significance test, which comes with its statistic
        return np.sign(left[:, -1] - left[:, 0]) * np.sign(right[:, -1] - right[:, 0])
    from scipy.stats import kendalltau

    defined = (left != left[:, :1]).any(axis=1) & (right != right[:, :1]).any(axis=1)
    scores = np.zeros(len(left))
    for row in np.flatnonzero(defined):
        scores[row] = kendalltau(left[row], right[row], method="asymptotic").statistic
    return scores


def spearman_dims() -> SpearmanDims:
    """Spearman correlation of the components of two vectors, in [-1, 1]; equal components share their mean rank.

    A constant vector scores 0. Source: Zhelezniak et al., NAACL 2019.
    """
    return SpearmanDims()


def kendall_dims() -> KendallDims:
    """Kendall's tau-b of the components of two vectors, in [-1, 1]. A constant vector scores 0. Slow: some .3 ms a pair.

    Source: Zhelezniak et al., NAACL 2019.
    """
    return KendallDims()
