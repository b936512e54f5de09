"""Similarities of two sets of token vectors: of those by BERTScore and MaxSim each token is matched to the nearest of the other text.

`weights` are float64[t] for the tokens of each side. A text without tokens, or whose tokens weigh nothing, scores 0.
"""

from __future__ import annotations

import numpy as np

from stsbench.builtin.similarities import compiled, kernels
from stsbench.builtin.similarities.idf import occurrence
from stsbench.builtin.similarities.kernels import settled
from stsbench.builtin.similarities.padded import Padded, batches, cosines, following, require_pairs
from stsbench.contracts.data import Flags, Float64, Tokens

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


CLOSE = 1e-4  # squared distances below this share of the squared norms are taken by differences: the Gram form would cancel


def relaxed_distance(left: Padded, right: Padded) -> Float64:
    """Negated relaxed word mover's distance: the larger of both directions' mean distances to the nearest token, float64[b]."""
    distances = euclidean(left, right)
    there = kernels.total(left.shares * _least(distances, right.inside[:, None, :], 2))
    back = kernels.total(right.shares * _least(distances, left.inside[:, :, None], 1))
    return -np.maximum(there, back)


def centroid_distance(left: Padded, right: Padded) -> Float64:
    """Negated distance of the weighted means, float64[b]."""
    means = [(side.shares[:, None, :] @ side.values)[:, 0] for side in (left, right)]
    sizes = [kernels.total(side.shares * side.norms) for side in (left, right)]
    return kernels.cleared(kernels.euclidean(*means), sizes[0] + sizes[1])


def dynamax(left: Padded, right: Padded) -> Float64:
    """Fuzzy Jaccard index over the tokens of both texts, float64[b] in [0, 1]; 0 where no product is positive."""
    x, y = left.values, right.values
    cross = x @ y.swapaxes(1, 2)
    both = np.concatenate([left.inside, right.inside], axis=1)
    of_left = np.concatenate([x @ x.swapaxes(1, 2), cross], axis=2)
    of_right = np.concatenate([cross.swapaxes(1, 2), y @ y.swapaxes(1, 2)], axis=2)
    members = [
        np.where(both, np.maximum(np.where(side.inside[:, :, None], products, 0.0).max(axis=1), 0.0), 0.0)
        for side, products in ((left, of_left), (right, of_right))
    ]
    least, most = kernels.total(np.minimum(*members)), kernels.total(np.maximum(*members))
    return kernels.settled(least / np.where(most == 0.0, 1.0, most))


def linear_cka(left: Padded, right: Padded) -> Float64:
    """Linear centred kernel alignment, tokens as variables and dimensions as observations, float64[b] in [0, 1]; 0 if undefined."""
    x, y = _centred(left), _centred(right)
    cross, of_left, of_right = (_squares(a @ b.swapaxes(1, 2)) for a, b in ((x, y), (x, x), (y, y)))
    norms = np.sqrt(of_left) * np.sqrt(of_right)
    alignments = np.clip(np.where(norms > 0.0, cross / np.where(norms > 0.0, norms, 1.0), 0.0), 0.0, 1.0)
    return np.where(alignments <= kernels.NOISE**2, 0.0, alignments)  # it is a square of correlations


def max_pooled(left: Padded, right: Padded) -> Float64:
    """Cosine of the largest values of each dimension over the tokens, float64[b] in [-1, 1]."""
    pooled = [np.where(side.inside[:, :, None], side.values, -np.inf).max(axis=1) for side in (left, right)]
    return kernels.cosine(*pooled)


def euclidean(left: Padded, right: Padded) -> Float64:
    """Distances of all tokens, float64[b, m, l]."""
    x, y = left.values, right.values
    norms = (x**2).sum(axis=2)[:, :, None] + (y**2).sum(axis=2)[:, None, :]
    squared = norms - 2.0 * (x @ y.swapaxes(1, 2))
    pair, row, column = np.nonzero(squared <= CLOSE * norms)
    squared[pair, row, column] = ((x[pair, row] - y[pair, column]) ** 2).sum(axis=1)
    distances: Float64 = np.sqrt(squared)
    return distances


def _least(distances: Float64, inside: Flags, axis: int) -> Float64:
    least: Float64 = np.where(inside, distances, np.inf).min(axis=axis)
    return np.where(np.isfinite(least), least, 0.0)


def _centred(side: Padded) -> Float64:
    constant = (side.values == side.values[:, :, :1]).all(axis=2, keepdims=True)  # exactly zero then, not a rounding error
    return np.where(constant, 0.0, side.values - side.values.mean(axis=2, keepdims=True))


def _squares(gram: Float64) -> Float64:
    sums: Float64 = (gram**2).sum(axis=(1, 2))
    return sums
