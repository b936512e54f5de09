"""Pairs without labels, as the candidates rank them: all that can be known before anybody labels one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.orders import midranks

ALIKE = 0.98  # correlation of ranks from which two candidates count as one
NOTHING = 1e-6  # share of the variance of ranks below which a component is rounding


@dataclass(frozen=True)
class PairPool:
    """n pairs as s systems rank them.

    `ranks` float64[n, s] have mean 0 and variance 1 over the pool. `first` names for each system the first of its near-duplicates, and
    `shares` float64[s] count such a set once. `features` float64[n, k] are the principal components of the ranks under these shares,
    variance 1 each, the consensus first, with `variances` float64[k]; `loadings` float64[s, k] give ranks = features @ loadings.T.
    """

    ranks: Float64
    first: Index
    shares: Float64
    features: Float64
    variances: Float64
    loadings: Float64

    @classmethod
    def of(cls, scores: Float64, alike: float = ALIKE) -> PairPool:
        """The pool of scores float64[n, s]; raises ValueError where a system's are constant, or not finite, or pairs are fewer than two."""
        if scores.ndim != 2 or len(scores) < 2 or not scores.shape[1] or not np.isfinite(scores).all():
            raise ValueError("a pool is finite scores of one system at least on two pairs at least")
        if (constant := np.flatnonzero(np.ptp(scores, axis=0) == 0)).size:
            raise ValueError(f"system {constant[0]} gives every pair the same score, which ranks none")
        ranks = np.column_stack([midranks(column) for column in scores.T])
        ranks -= ranks.mean(axis=0)
        ranks /= np.sqrt((ranks**2).mean(axis=0))
        correlations = ranks.T @ ranks / len(ranks)
        first = _first_alike(correlations, alike)
        shares = 1 / np.bincount(first, minlength=len(first))[first] / len(np.unique(first))
        roots = np.sqrt(shares)
        variances, axes = np.linalg.eigh(roots[:, None] * correlations * roots)
        kept = np.flatnonzero(variances > NOTHING)[::-1]
        features = ranks @ (roots[:, None] * axes[:, kept] / np.sqrt(variances[kept]))
        features *= np.where(shares @ (ranks.T @ features) < 0, -1.0, 1.0)
        return cls(ranks, first, shares, features, variances[kept], ranks.T @ features / len(ranks))

    @property
    def distinct(self) -> Index:
        """The first of each set of near-duplicates."""
        return np.unique(self.first)

    def unlike(self, system: int) -> Index:
        """The systems that are no near-duplicates of this one: not of its set, nor as like it as one of a set is like the first."""
        alike = (self.loadings @ self.loadings[system] >= ALIKE) | (self.first == self.first[system])
        return np.flatnonzero(~alike)


def _first_alike(correlations: Float64, alike: float) -> Index:
    """For each system the first one, itself or one that stands for others, whose ranks correlate with its own at `alike` or above."""
    first = np.full(len(correlations), -1, dtype=np.intp)
    for place in range(len(correlations)):
        if first[place] < 0:
            first[(first < 0) & (correlations[place] >= alike)] = place
            first[place] = place
    return first
