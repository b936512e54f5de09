"""Similarities of vectors as functions of rows: float64[n, d] x float64[n, d] -> float64[n], higher means more similar.

Those of cosine, dot, the Jaccard index and distances but for minkowski take sparse rows too, by the same formulas, and write none out.
Sums run along one row at a time, so a score depends on its row alone, to the last bit. Distances are taken by differences:
|u|^2 + |v|^2 - 2uv would cancel, and give near-duplicates scores out of order.

Where a score of terms of size 1 is 0, rounding errors of about 1e-16 may be left of it. Nothing beside them would tell that they are
no scores, if all pairs score 0, and so they are taken out where the size of the terms is known: by `settled` and `cleared`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from stsbench.contracts.arrays import is_sparse, of_rows
from stsbench.contracts.data import Flags, Float64, Sparse

CHUNK = 2**20  # numbers of one side that are worked on at a time (8 MiB)
BLOCK = 32  # rows of one matrix product
DECIMALS = 12  # of a score of size 1: sums of 200,000 terms are off by less than 1e-15
NOISE = 10.0**-DECIMALS

Rows: TypeAlias = "Float64 | Sparse"
Kernel = Callable[[Rows, Rows], Float64]


def by_rows(kernel: Kernel, left: Rows, right: Rows) -> Float64:
    """The kernel's score of each row, float64[n], computed in chunks of bounded memory; raises ValueError where shapes differ.

    Sparse rows are as many as memory allows when they are given.
    """
    if is_sparse(left) and is_sparse(right) and left.shape == right.shape:
        return kernel(left, right) + 0.0
    left, right = np.asarray(left), np.asarray(right)
    if left.ndim != 2 or left.shape != right.shape:
        raise ValueError(f"left and right must be [n, d] of the same shape, not {left.shape} and {right.shape}")
    scores = np.empty(len(left))
    step = max(1, CHUNK // max(1, left.shape[1]))
    for start in range(0, len(left), step):
        rows = slice(start, start + step)
        # contiguous rows: the order of a sum must not depend on how the caller laid out its arrays
        scores[rows] = kernel(np.ascontiguousarray(left[rows], np.float64), np.ascontiguousarray(right[rows], np.float64))
    scores += 0.0  # turns -0.0 into 0.0
    return scores


def pairwise(kernel: Kernel, left: Sparse, right: Sparse) -> Float64:
    """The kernel's score of every left row with every right row, float64[n, m]."""
    every = np.arange(right.shape[0])
    return np.array([kernel(left[np.full_like(every, row)], right) for row in range(left.shape[0])]).reshape(-1, len(every)) + 0.0


def cosine(left: Rows, right: Rows) -> Float64:
    """Cosine in [-1, 1], exactly 1 for identical vectors; 0 where a vector is zero."""
    return np.where(is_zero(left) | is_zero(right), 0.0, cosine_sklearn(left, right))


def cosine_sklearn(left: Rows, right: Rows) -> Float64:
    """Cosine in [-1, 1] as 1 - |u - v|^2 / 2 of unit vectors; .5 where one vector is zero and 1 where both are, as in scikit-learn."""
    return from_chord(-sqeuclidean(unit(left), unit(right)))


def pearson(left: Float64, right: Float64) -> Float64:
    """Pearson correlation over the components, in [-1, 1]: the cosine after layer normalisation; 0 where a vector is constant."""
    return cosine(centred(left), centred(right))


def dot(left: Rows, right: Rows) -> Float64:
    """Inner product."""
    products = left * right
    return cleared(total(products), total(abs(products)))


def sqeuclidean(left: Rows, right: Rows) -> Float64:
    """Negated squared Euclidean distance."""
    return -total((left - right) ** 2)


def euclidean(left: Rows, right: Rows) -> Float64:
    """Negated Euclidean distance."""
    return -np.sqrt(-sqeuclidean(left, right))


def manhattan(left: Rows, right: Rows) -> Float64:
    """Negated sum of absolute differences."""
    return -total(abs(left - right))


def chebyshev(left: Rows, right: Rows) -> Float64:
    """Negated largest absolute difference."""
    return -largest(left - right)


def jaccard(left: Rows, right: Rows) -> Float64:
    """Sum of the smaller over that of the larger components, settled, in [0, 1]; 0 where both vectors are zero."""
    sums, gaps = abs(left) + abs(right), abs(left - right)  # of two components, half of x + y -/+ |x - y| is the smaller/larger one
    return overlap(total(sums - gaps), total(sums + gaps))


def overlap(shared: Float64, joint: Float64) -> Float64:
    """The Jaccard index of what is shared and what there is altogether, settled; 0 where there is nothing."""
    return settled(np.clip(shared / np.where(joint == 0.0, 1.0, joint), 0.0, 1.0))


def minkowski(left: Float64, right: Float64, p: float) -> Float64:
    """Negated Minkowski distance of order p, of differences of any magnitude."""
    gaps = np.abs(left - right)
    longest = largest(gaps)
    scaled = gaps / np.where(longest == 0.0, 1.0, longest)[:, None]
    distances: Float64 = longest * total(scaled**p) ** (1.0 / p)
    return -distances


def angular(left: Float64, right: Float64) -> Float64:
    """1 - angle / pi in [0, 1], exactly 1 for identical vectors and 0 for opposite ones; .5 where a vector is zero."""
    u, v = unit(left), unit(right)
    return np.where(is_zero(left) | is_zero(right), 0.5, from_chords(-euclidean(u, v), -euclidean(u, -v)))


def linear(rows: Float64, weights: Float64, block: int = BLOCK) -> Float64:
    """rows @ weights, float64[n, k], in products of `block` rows each: a row's result does not depend on how many come with it."""
    blocks = -(-len(rows) // block)
    padded = np.zeros((blocks * block, rows.shape[1]))
    padded[: len(rows)] = rows
    products: Float64 = padded.reshape(blocks, block, rows.shape[1]) @ weights
    return products.reshape(blocks * block, weights.shape[1])[: len(rows)]


def from_chord(squared: Float64) -> Float64:
    """Cosine of unit vectors from the squared length of their difference, settled."""
    return settled(np.clip(1.0 - squared / 2.0, -1.0, 1.0))


def from_chords(differences: Float64, sums: Float64) -> Float64:
    """1 - angle / pi of unit vectors from the lengths of their differences and sums, settled.

    The arc tangent of both keeps every digit (Kahan); the arc cosine would lose half of them near 0, the arc sine near pi.
    """
    return settled(1.0 - 2.0 * np.arctan2(differences, sums) / np.pi)


def settled(scores: Float64, size: float = 1.0) -> Float64:
    """Scores of terms of that size, above 0, without their rounding errors: to 12 decimals of it."""
    rounded: Float64 = np.round(scores / size, DECIMALS) * size + 0.0  # turns -0.0 into 0.0
    return rounded


def cleared(scores: Float64, sizes: Float64) -> Float64:
    """Scores, with 0 for those that are no more than rounding errors of terms which are as large as `sizes` says, score by score."""
    return np.where(np.abs(scores) <= NOISE * sizes, 0.0, scores)


def unit(rows: Rows) -> Rows:
    """Rows divided by their norms; zero rows stay zero. Rows of any finite magnitude neither overflow nor underflow."""
    scaled = _magnitude_one(rows)
    norms = np.sqrt(total(scaled**2))
    return _divided(scaled, np.where(norms == 0.0, 1.0, norms))


def centred(rows: Float64) -> Float64:
    """Rows less their means; constant rows become exactly zero, which subtraction alone would miss by a rounding error."""
    scaled = _magnitude_one(rows)
    means = total(scaled) / max(1, rows.shape[1])
    return np.where((rows == rows[:, :1]).all(axis=1)[:, None], 0.0, scaled - means[:, None])


def is_zero(rows: Rows) -> Flags:
    """Which rows are zero vectors, bool[n]."""
    zero: Flags = largest(rows) == 0.0 if is_sparse(rows) else ~np.asarray(rows.any(axis=1))
    return zero


def total(rows: Rows) -> Float64:
    """Sum of each row, float64[n]."""
    sums: Float64 = rows.sum(axis=1)
    return sums


def largest(rows: Rows) -> Float64:
    """Largest magnitude of each row, float64[n]."""
    if is_sparse(rows):
        return np.asarray(abs(rows).max(axis=1).toarray()) if rows.shape[0] else np.zeros(0)
    magnitudes: Float64 = np.abs(rows).max(axis=1, initial=0.0)
    return magnitudes


def _divided(rows: Rows, divisors: Float64) -> Rows:
    """Rows divided by a number each."""
    if is_sparse(rows):
        return of_rows(rows.data / np.repeat(divisors, np.diff(rows.indptr)), rows.indices, rows.indptr, rows.shape[1])
    return rows / divisors[:, None]


def _magnitude_one(rows: Rows) -> Rows:
    """Rows divided by a power of two each, so that their largest magnitude is in [1, 2): exact, so directions keep every bit."""
    magnitudes = largest(rows)
    exponents = np.where(magnitudes == 0.0, 0, np.frexp(magnitudes)[1] - 1)
    return _divided(rows, np.ldexp(1.0, exponents))
