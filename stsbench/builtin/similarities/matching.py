"""Similarities in which each token is matched to the nearest one of the other text, as by BERTScore and MaxSim: means and sums.

`weights` are float64[t] for the tokens of each side. A text without tokens, or whose tokens weigh nothing, scores 0.
"""

from __future__ import annotations

import numpy as np

from stsbench.builtin.similarities import compiled
from stsbench.builtin.similarities.idf import occurrence
from stsbench.builtin.similarities.kernels import settled
from stsbench.builtin.similarities.padded import Padded, batches, cosines, following, require_pairs
from stsbench.contracts.data import Float64, Tokens

Weights = tuple[Float64, Float64]


def nearest(left: Tokens, right: Tokens) -> tuple[Float64, Float64]:
    """The largest cosine of each left token to one of the right text, float64[t], and of each right token, float64[u], in [-1, 1].

    0 for a token whose own vector is zero, and where the other text has no tokens. Raises ValueError where `require_pairs` does.
    """
    require_pairs(left, right)
    code = compiled.code()
    there, back = by_blocks(left, right) if code is None else compiled.nearest(code, left, right)
    return settled(there), settled(back)


def by_blocks(left: Tokens, right: Tokens) -> tuple[Float64, Float64]:
    """`nearest` in numpy, from the products of padded blocks."""
    largest = np.zeros(len(left.values)), np.zeros(len(right.values))
    for rows, x, y in batches(left, right, (occurrence(left), occurrence(right))):
        products = _cosines(x, y)
        for tokens, side, values, axis in ((left, x, largest[0], 2), (right, y, largest[1], 1)):
            places = following(tokens, tokens.offsets[rows], side.inside.shape[1])
            values[places[side.inside]] = np.clip(products.max(axis=axis), -1.0, 1.0)[side.inside]
    return largest


def _cosines(left: Padded, right: Padded) -> Float64:
    """Cosines of all tokens, float64[b, m, l]; -inf beyond the end of a text."""
    products = cosines(left.values @ right.values.swapaxes(1, 2), left.norms, right.norms)
    for outside in (~left.inside[:, :, None], ~right.inside[:, None, :]):
        np.copyto(products, -np.inf, where=outside)
    return products


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
