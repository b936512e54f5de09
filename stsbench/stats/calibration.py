"""From a score to the scale of gold: the monotone map that fits best, by isotonic regression. Definitions are scikit-learn's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64


@dataclass(frozen=True, eq=False)
class Isotonic:
    """A map that never falls: straight between `scores` (rising, float64[k]), where it has `values`, and level beyond them."""

    scores: Float64
    values: Float64

    def __call__(self, scores: Float64) -> Float64:
        """The values at these scores."""
        return np.interp(scores, self.scores, self.values)


def isotonic(gold: Float64, scores: Float64, weights: Float64 | None = None) -> Isotonic:
    """The map with the least (weighted) squares that never falls; pairs of one score count as one, of their mean gold.

    The interior of what is level is left out, which changes no value. Raises ValueError without a pair, or with values that are not finite.
    """
    from scipy.optimize import isotonic_regression

    weights = np.ones(len(scores)) if weights is None else weights
    if not len(scores) or not all(np.isfinite(values).all() for values in (gold, scores, weights)):
        raise ValueError("there must be a pair at least, and all gold, scores and weights finite")
    distinct, place = np.unique(scores, return_inverse=True)
    total = np.bincount(place, weights)
    fitted = isotonic_regression(np.bincount(place, weights * gold) / total, weights=total).x
    corner = np.ones(len(fitted), dtype=bool)
    corner[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    return Isotonic(distinct[corner], fitted[corner])
