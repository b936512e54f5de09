"""Similarities in which each token is matched to the nearest one of the other text: means and sums of `nearest`.

`weights` are float64[t] for the tokens of each side. A text without tokens, or whose tokens weigh nothing, scores 0.
"""

from __future__ import annotations

import numpy as np

from stsbench.builtin.similarities.kernels import settled
from stsbench.builtin.similarities.nearest import nearest
from stsbench.contracts.data import Float64, Tokens

Weights = tuple[Float64, Float64]


def recall(left: Tokens, right: Tokens, weights: Weights) -> Float64:
    """Weighted mean over left tokens of the cosine to the nearest right token, float64[n] in [-1, 1]."""
    return _means(left, weights[0], nearest(left, right)[0])


def precision(left: Tokens, right: Tokens, weights: Weights) -> Float64:
    """`recall` from right to left."""
    return _means(right, weights[1], nearest(left, right)[1])


def f1(left: Tokens, right: Tokens, weights: Weights) -> Float64:
    """Harmonic mean of precision and recall, float64[n]; 0 where they do not add up to more than 0."""
    there, back = _both(left, right, weights)
    positive = there + back > 0.0
    return np.where(positive, 2.0 * there * back / np.where(positive, there + back, 1.0), 0.0) + 0.0  # turns -0.0 into 0.0


def mean_recall(left: Tokens, right: Tokens, weights: Weights) -> Float64:
    """Mean of precision and recall, float64[n] in [-1, 1]."""
    there, back = _both(left, right, weights)
    return settled((there + back) / 2.0)


def sum_of_nearest(left: Tokens, right: Tokens, weights: Weights) -> Float64:
    """Sum over left tokens of the weighted cosine to the nearest right token, float64[n]."""
    return settled(_sums(left, weights[0] * nearest(left, right)[0]))


def _both(left: Tokens, right: Tokens, weights: Weights) -> tuple[Float64, Float64]:
    """Recall and precision."""
    there, back = nearest(left, right)
    return _means(left, weights[0], there), _means(right, weights[1], back)


def _means(tokens: Tokens, weights: Float64, values: Float64) -> Float64:
    """Weighted mean of the values of each text's tokens, float64[n]; 0 without weight."""
    weight = _sums(tokens, weights)
    return settled(_sums(tokens, weights * values) / np.where(weight == 0.0, 1.0, weight))


def _sums(tokens: Tokens, values: Float64) -> Float64:
    """Sum of the values of each text's tokens, float64[n]."""
    sums, filled = np.zeros(len(tokens)), tokens.lengths > 0
    sums[filled] = np.add.reduceat(values, tokens.offsets[:-1][filled])
    return sums + 0.0
