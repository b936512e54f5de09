"""Soft cosine: cosine in which different terms may match in part.

a' S b / sqrt(a' S a * b' S b), with S the similarity of terms (Sidorov et al. 2014; Charlet and Damnati 2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stsbench.builtin.similarities.kernels import NOISE
from stsbench.builtin.similarities.padded import Padded, Vectors, by_pairs, cosines, own_vectors
from stsbench.contracts.data import Flags, Float64, Index, Tokens
from stsbench.errors import OptionError


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

    return by_pairs(kernel, left, right, weights, vectors)


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


CHUNK = 2**15  # similarities gathered at a time: they stay in the processor's cache

Bags = tuple[Index, Index, Float64]


def soft_cosine_terms(left: Bags, right: Bags, s: Float64) -> Float64:
    """Soft cosine of n pairs of bags of terms, float64[n] in [-1, 1], with term similarities s: float64[v, v], symmetric.

    A side is (offsets [n + 1], terms [t] as rows of `s`, weights [t]); a term may occur more than once. 0 where a side is empty.
    Equal to gensim's `SparseTermSimilarityMatrix.inner_product(..., normalized=(True, True))` with the same matrix.
    """
    flat, size = np.ascontiguousarray(s).reshape(-1), len(s)
    return normalised(_cross(left, right, flat, size), _own(left, flat, size), _own(right, flat, size))


def _cross(left: Bags, right: Bags, flat: Float64, size: int) -> Float64:
    """p' S q of each pair, float64[n]: similarities are gathered from the rows of S, one after the other in `flat`.

    Pairs whose left bags are of one length make a block, right bags falling in length, so that the j-th terms are those of the first
    pairs: nothing is padded, and sums run in an order that the pair alone decides.
    """
    offsets, terms, weights = right
    lengths = np.diff(offsets)
    forms = np.zeros(len(lengths))
    for length, rows in _blocks(np.diff(left[0])):
        rows = rows[np.argsort(-lengths[rows], kind="stable")]
        x, p = _columns(left, rows, length)
        starts, sums = x * size, np.zeros(x.shape)
        for j, more in enumerate(np.searchsorted(-lengths[rows], -np.arange(lengths[rows[0]])).tolist()):
            where = offsets[rows[:more]] + j
            sums[:, :more] += flat.take(starts[:, :more] + terms[where]) * weights[where]
        forms[rows] = sum(sums * p)
    return forms


def _own(bags: Bags, flat: Float64, size: int) -> Float64:
    """p' S p of each bag, float64[n], from one half of the symmetric S."""
    forms = np.zeros(len(bags[0]) - 1)
    for length, rows in _blocks(np.diff(bags[0])):
        x, p = _columns(bags, rows, length)
        starts, sums = x * size, np.zeros(x.shape)
        for j in range(1, length):
            sums[:j] += flat.take(starts[:j] + x[j]) * p[j]
        forms[rows] = sum((2.0 * sums + flat.take(starts + x) * p) * p)
    return forms


def _blocks(lengths: Index) -> Iterator[tuple[int, Index]]:
    """Rows of bags of one length, in blocks of bounded size; empty bags are left out."""
    order = np.argsort(lengths, kind="stable")
    edges = np.searchsorted(lengths[order], np.unique(lengths[lengths > 0]))
    for start, stop in pairwise([*edges.tolist(), len(order)]):
        length = int(lengths[order[start]])
        step = max(1, CHUNK // length)
        yield from ((length, order[at : min(at + step, stop)]) for at in range(start, stop, step))


def _columns(bags: Bags, rows: Index, length: int) -> tuple[Index, Float64]:
    """Terms and weights of bags of one length, [length, b]."""
    offsets, terms, weights = bags
    where = offsets[rows] + np.arange(length)[:, None]
    return terms[where], weights[where]


def nearest_terms(s: Float64, limit: int, order: Index) -> Float64:
    """`s` with at most `limit` similarities of each term to others kept, symmetric, as gensim's `nonzero_limit` keeps them.

    Terms choose in the given order: each its most similar ones, as long as both have room.
    """
    kept = np.diag(np.diag(s)).astype(np.float64)
    count = np.zeros(len(s), dtype=np.intp)
    rank = np.argsort(order)
    taken: Flags = np.eye(len(s), dtype=np.bool_)
    for term in order.tolist():
        room = limit - int(count[term])
        if room <= 0:
            continue
        others = np.where(np.arange(len(s)) == term, 0.0, s[term])
        nearest = np.argsort(-others, kind="stable")[:room]
        for other in sorted(nearest[others[nearest] > 0].tolist(), key=lambda neighbour: int(rank[neighbour])):
            if not taken[term, other] and count[term] < limit and count[other] < limit:
                kept[term, other] = kept[other, term] = s[term, other]
                taken[term, other] = taken[other, term] = True
                count[term] += 1
                count[other] += 1
    return kept
