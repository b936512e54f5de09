"""Soft cosine: cosine in which different terms may match in part.

a' S b / sqrt(a' S a * b' S b), with S the similarity of terms (Sidorov et al. 2014; Charlet and Damnati 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.builtin.similarities.kernels import total, unit
from stsbench.contracts.data import Flags, Float64, Index, Tokens

MULTIPLE = 4  # lengths are padded to a multiple, which is a function of the pair alone: its score does not depend on its neighbours
CHUNK = 2**21  # numbers held for one batch of pairs (16 MiB)


def soft_cosine(a: Float64, b: Float64, s: Any) -> Float64:
    """Soft cosine of rows a, b: float64[n, v] with term similarities s: [v, v], dense or scipy sparse; float64[n] in [-1, 1].

    0 where a' S a or b' S b is not positive: an empty row, or a matrix that is not positive semi-definite. For a symmetric S
    it equals gensim's `SparseTermSimilarityMatrix.inner_product(..., normalized=(True, True))`.
    """
    as_rows = a @ s
    return _normalised(total(as_rows * b), total(as_rows * a), total((b @ s) * b))


@dataclass(frozen=True, slots=True)
class TermSimilarity:
    """Similarity of two terms from the cosine c of their vectors: c**power where c > threshold, else 0; threshold in [0, 1)."""

    power: float = 2.0
    threshold: float = 0.0

    def __call__(self, left: Float64, right: Float64) -> Float64:
        """float64[b, m, l] of unit term vectors [b, m, d] and [b, l, d]."""
        cosines: Float64 = left @ right.swapaxes(1, 2)
        return np.where(cosines > self.threshold, np.clip(cosines, 0.0, 1.0) ** self.power, 0.0)


def soft_cosine_tokens(left: Tokens, right: Tokens, weights: tuple[Float64, Float64], similarity: TermSimilarity) -> Float64:
    """Soft cosine of each pair of texts, float64[n] in [0, 1], in which every token is a term of its own.

    `weights` are float64[t] for the tokens of each side (1 each: how often a term occurs). A text without tokens scores 0, and so
    does one whose weights or vectors are all zero.
    """
    if len(left) != len(right):
        raise ValueError(f"left and right must have as many texts as each other, not {len(left)} and {len(right)}")
    scores = np.zeros(len(left))
    for rows in _batches(left.lengths, right.lengths, left.values.shape[1]):
        x, p = _padded(left, weights[0], rows)
        y, q = _padded(right, weights[1], rows)
        scores[rows] = _normalised(
            _form(p, similarity(x, y), q),
            _form(p, similarity(x, x), p),
            _form(q, similarity(y, y), q),
        )
    return scores


def _batches(left: Index, right: Index, dim: int) -> Iterator[Index]:
    """Rows of pairs that share their padded lengths, in batches of bounded memory; pairs with an empty text are left out."""
    padded = -(-np.stack([left, right], axis=1) // MULTIPLE) * MULTIPLE
    filled = np.flatnonzero((left > 0) & (right > 0))
    lengths, bucket = np.unique(padded[filled], axis=0, return_inverse=True)
    for number, size in enumerate(lengths.sum(axis=1).tolist()):
        rows = filled[bucket.reshape(-1) == number]
        step = max(1, CHUNK // (size * (dim + size)))
        yield from (rows[start : start + step] for start in range(0, len(rows), step))


def _padded(tokens: Tokens, weights: Float64, rows: Index) -> tuple[Float64, Float64]:
    """Unit token vectors float64[b, m, d] and weights float64[b, m] of the chosen texts, zero beyond the end of each."""
    lengths = tokens.lengths[rows]
    size = int(-(-lengths.max() // MULTIPLE) * MULTIPLE)
    inside: Flags = np.arange(size) < lengths[:, None]
    vectors = np.zeros((*inside.shape, tokens.values.shape[1]))
    padded = np.zeros(inside.shape)
    where = (tokens.offsets[rows][:, None] + np.arange(size))[inside]
    vectors[inside] = unit(tokens.values[where].astype(np.float64))
    padded[inside] = weights[where]
    return vectors, padded


def _form(p: Float64, s: Float64, q: Float64) -> Float64:
    """p' S q of each pair, float64[b]."""
    result: Float64 = (p[:, None, :] @ s @ q[:, :, None])[:, 0, 0]
    return result


def _normalised(cross: Float64, left: Float64, right: Float64) -> Float64:
    positive = (left > 0.0) & (right > 0.0)
    # two roots, not the root of a product, which could overflow; + 0.0 turns -0.0 into 0.0
    norms = np.sqrt(np.where(positive, left, 1.0)) * np.sqrt(np.where(positive, right, 1.0))
    return np.clip(np.where(positive, cross / norms, 0.0), -1.0, 1.0) + 0.0
