"""Soft cosine over a vocabulary whose matrix of term similarities is at hand: gathered, not multiplied."""

from __future__ import annotations

import numpy as np

from stsbench.builtin.similarities.softcosine import normalised
from stsbench.contracts.data import Flags, Float64, Index

CHUNK = 2**15  # similarities gathered at a time: they stay in the processor's cache


def soft_cosine_terms(left: tuple[Index, Index, Float64], right: tuple[Index, Index, Float64], s: Float64) -> Float64:
    """Soft cosine of n pairs of bags of terms, float64[n] in [-1, 1], with term similarities s: float64[v, v], symmetric.

    A side is (offsets [n + 1], terms [t] as rows of `s`, weights [t]); a term may occur more than once. 0 where a side is empty.
    Equal to gensim's `SparseTermSimilarityMatrix.inner_product(..., normalized=(True, True))` with the same matrix.
    """
    lengths = np.maximum(np.diff(left[0]), np.diff(right[0]))
    flat = np.ascontiguousarray(s).reshape(-1)
    scores = np.zeros(len(lengths))
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        longest = int(lengths[order[min(start + CHUNK // max(1, int(lengths[order[start]])) ** 2, len(order) - 1)]])
        rows = order[start : start + max(1, CHUNK // max(1, longest) ** 2)]
        (x, p), (y, q) = _padded(left, rows), _padded(right, rows)
        cross, own, other = (_form(flat, len(s), *sides) for sides in ((x, p, y, q), (x, p, x, p), (y, q, y, q)))
        scores[rows] = normalised(cross, own, other)
        start += len(rows)
    return scores


def _form(flat: Float64, size: int, x: Index, p: Float64, y: Index, q: Float64) -> Float64:
    """p' S q of each pair, float64[b]: similarities are gathered from the rows of S, one after the other in `flat`."""
    gathered = flat.take((x * size)[:, :, None] + y[:, None, :])
    form: Float64 = np.einsum("bm,bm->b", p, np.einsum("bml,bl->bm", gathered, q))
    return form


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
        own = np.where(np.arange(len(s)) == term, 0.0, s[term])
        found = np.argsort(-own, kind="stable")[:room]
        for other in sorted(found[own[found] > 0].tolist(), key=lambda one: int(rank[one])):
            if not taken[term, other] and count[term] < limit and count[other] < limit:
                kept[term, other] = kept[other, term] = s[term, other]
                taken[term, other] = taken[other, term] = True
                count[term] += 1
                count[other] += 1
    return kept


def _padded(side: tuple[Index, Index, Float64], rows: Index) -> tuple[Index, Float64]:
    """Terms and weights of the chosen bags, [b, m]; beyond the end of a bag term 0 weighs nothing."""
    offsets, terms, weights = side
    lengths = np.diff(offsets)[rows]
    inside = np.arange(max(1, int(lengths.max(initial=0)))) < lengths[:, None]
    where = (offsets[rows][:, None] + np.arange(inside.shape[1]))[inside]
    numbers, amounts = np.zeros(inside.shape, dtype=np.intp), np.zeros(inside.shape)
    numbers[inside], amounts[inside] = terms[where], weights[where]
    return numbers, amounts
