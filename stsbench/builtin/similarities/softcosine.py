"""Soft cosine: cosine in which different terms may match in part.

a' S b / sqrt(a' S a * b' S b), with S the similarity of terms (Sidorov et al. 2014; Charlet and Damnati 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.builtin.similarities.kernels import NOISE, total
from stsbench.builtin.similarities.padded import Padded, Vectors, by_pairs, cosines, own_vectors
from stsbench.contracts.data import Float64, Tokens
from stsbench.errors import OptionError


def soft_cosine(a: Float64, b: Float64, s: Any) -> Float64:
    """Soft cosine of rows a, b: float64[n, v] with term similarities s: [v, v], dense or scipy sparse; float64[n] in [-1, 1].

    0 where a' S a or b' S b is not positive: an empty row, or a matrix that is not positive semi-definite. For a symmetric S
    it equals gensim's `SparseTermSimilarityMatrix.inner_product(..., normalized=(True, True))`.
    """
    as_rows = a @ s
    return normalised(total(as_rows * b), total(as_rows * a), total((b @ s) * b))


@dataclass(frozen=True, slots=True)
class TermSimilarity:
    """Similarity of two terms from the cosine c of their vectors: c**power where c > threshold, else 0; threshold in [0, 1)."""

    power: float = 2.0
    threshold: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < self.power < float("inf"):
            raise OptionError(f"option 'power' takes a number above 0, not {self.power}")
        if not 0.0 <= self.threshold < 1.0:
            raise OptionError(f"option 'threshold' takes a number from 0 to below 1, not {self.threshold}")

    def __call__(self, gram: Float64, left: Float64, right: Float64) -> Float64:
        """float64[b, m, l] from the inner products of term vectors [b, m, l] and their norms, [b, m] and [b, l]; 0 for a zero vector."""
        similarities = cosines(gram, left, right)
        similarities *= similarities > max(self.threshold, NOISE)  # which no power would tell from a cosine, once it is taken
        np.clip(similarities, 0.0, 1.0, out=similarities)
        if self.power != 1.0:
            similarities **= self.power
        return similarities


def soft_cosine_tokens(
    left: Tokens, right: Tokens, weights: tuple[Float64, Float64], similarity: TermSimilarity, vectors: Vectors = own_vectors
) -> Float64:
    """Soft cosine of each pair of texts, float64[n] in [0, 1], in which every token is a term of its own.

    `weights` are float64[t] for the tokens of each side (1 each: how often a term occurs). A text without tokens scores 0, and so
    does one whose weights or vectors are all zero.
    """

    def kernel(left: Padded, right: Padded) -> Float64:
        (x, p), (y, q) = (left.values, left.weights), (right.values, right.weights)
        u, v = left.norms, right.norms
        cross = _form(p, similarity(x @ y.swapaxes(1, 2), u, v), q)
        of_left, of_right = _form(p, similarity(x @ x.swapaxes(1, 2), u, u), p), _form(q, similarity(y @ y.swapaxes(1, 2), v, v), q)
        return normalised(cross, of_left, of_right)

    return by_pairs(kernel, left, right, weights, vectors=vectors)


def _form(p: Float64, s: Float64, q: Float64) -> Float64:
    """p' S q of each pair, float64[b]."""
    result: Float64 = (p[:, None, :] @ s @ q[:, :, None])[:, 0, 0]
    return result


def normalised(cross: Float64, left: Float64, right: Float64) -> Float64:
    """cross / sqrt(left * right) in [-1, 1]; 0 where left or right is not positive."""
    positive = (left > 0.0) & (right > 0.0)
    # two roots, not the root of a product, which could overflow; + 0.0 turns -0.0 into 0.0
    norms = np.sqrt(np.where(positive, left, 1.0)) * np.sqrt(np.where(positive, right, 1.0))
    return np.clip(np.where(positive, cross / norms, 0.0), -1.0, 1.0) + 0.0
