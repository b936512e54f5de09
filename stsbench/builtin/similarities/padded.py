"""Token vectors of pairs of texts as padded blocks, so that one matrix product serves many pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index, Tokens

MULTIPLE = 4  # lengths are padded to a multiple, which is a function of the pair alone: its score does not depend on its neighbours
CHUNK = 2**19  # numbers held for one batch of pairs (4 MiB): they stay near the processor


Vectors = Callable[[Tokens, Index], Float64]  # those of the tokens in the given places


def own_vectors(tokens: Tokens, places: Index) -> Float64:
    """The vectors that the encoder gave, float64[..., d]."""
    return tokens.values[places].astype(np.float64)


@dataclass(frozen=True, eq=False)
class Padded:
    """One side of b pairs, padded to m tokens: values float64[b, m, d], weights float64[b, m] and `inside` bool[b, m].

    Values and weights are zero beyond the end of a text.
    """

    values: Float64
    weights: Float64
    inside: Flags

    @classmethod
    def of(cls, tokens: Tokens, weights: Float64, rows: Index, vectors: Vectors = own_vectors) -> Padded:
        """The tokens of the chosen texts with their weights, float64[t]."""
        lengths = tokens.lengths[rows]
        places = np.arange(-(-lengths.max() // MULTIPLE) * MULTIPLE)
        inside: Flags = places < lengths[:, None]
        where = np.where(inside, tokens.offsets[rows][:, None] + places, 0)
        values = vectors(tokens, where)
        values[~inside] = 0.0
        return cls(values, np.where(inside, weights[where], 0.0), inside)

    @cached_property
    def norms(self) -> Float64:
        """Lengths of the vectors, float64[b, m]: squares of what an encoder gives, float32, neither overflow nor vanish."""
        norms: Float64 = np.sqrt(np.vecdot(self.values, self.values))
        return norms

    @cached_property
    def shares(self) -> Float64:
        """The weights divided by their sum, float64[b, m]; zero where that is zero."""
        sums = self.weights.sum(axis=1, keepdims=True)
        return self.weights / np.where(sums == 0.0, 1.0, sums)


def cosines(gram: Float64, left: Float64, right: Float64) -> Float64:
    """Cosines float64[b, m, l] of vectors with these norms [b, m], [b, l], in place of their products; 0 for a zero vector."""
    gram *= _inverse(left)[:, :, None]
    gram *= _inverse(right)[:, None, :]
    return gram


def _inverse(norms: Float64) -> Float64:
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0.0)


Kernel = Callable[[Padded, Padded], Float64]


def by_pairs(
    kernel: Kernel, left: Tokens, right: Tokens, weights: tuple[Float64, Float64], empty: float = 0.0, vectors: Vectors = own_vectors
) -> Float64:
    """The kernel's score of each pair of texts, float64[n]; `empty` where a text has no tokens. Raises ValueError on unequal sides."""
    if len(left) != len(right):
        raise ValueError(f"left and right must have as many texts as each other, not {len(left)} and {len(right)}")
    scores = np.full(len(left), empty)
    for rows in _batches(left.lengths, right.lengths, left.values.shape[1]):
        scores[rows] = kernel(Padded.of(left, weights[0], rows, vectors), Padded.of(right, weights[1], rows, vectors))
    return scores + 0.0  # turns -0.0 into 0.0


def _batches(left: Index, right: Index, dim: int) -> Iterator[Index]:
    """Rows of pairs that share their padded lengths, in batches of bounded memory; pairs with an empty text are left out."""
    padded = -(-np.stack([left, right], axis=1) // MULTIPLE) * MULTIPLE
    filled = np.flatnonzero((left > 0) & (right > 0))
    lengths, bucket = np.unique(padded[filled], axis=0, return_inverse=True)
    for number, size in enumerate(lengths.sum(axis=1).tolist()):
        rows = filled[bucket.reshape(-1) == number]
        step = max(1, CHUNK // (size * (dim + size)))
        yield from (rows[start : start + step] for start in range(0, len(rows), step))
