"""Soft cosine over a vocabulary whose matrix of term similarities is at hand: gathered, not multiplied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from stsbench.builtin.similarities.softcosine import normalised
from stsbench.contracts.data import Flags, Float64, Index

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
