"""Similarities of two sets of token vectors, all from their padded Gram blocks: kernels of `by_pairs`."""

from __future__ import annotations

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.padded import Padded
from stsbench.contracts.data import Flags, Float64

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
