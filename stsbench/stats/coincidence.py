"""Ties of scores that are no coincidence, and those, of two scores, that another processor makes and breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from stsbench.contracts.data import Float64, Index

NOISE = 1e-6  # what another processor, kernel or number of threads moves a score by, at most, as a share of the range of scores


def lasting_ties(scores: Float64, keys: Sequence[Hashable] = ()) -> Index:
    """For each score the number of the tie that it is in, intp[n]; -1 where it is in none, or in one that may be a coincidence.

    Three equal scores or more are no coincidence, and neither are equal scores of equal `keys` (one a score, or none at all).
    """
    _, ties, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    twice = np.zeros(len(scores), dtype=np.bool_)
    if keys:
        held = list(zip(ties.tolist(), keys, strict=True))
        counts = Counter(held)
        twice = np.array([counts[pair] > 1 for pair in held], dtype=np.bool_)
    return np.where((sizes[ties] > 2) | twice, ties, -1).astype(np.intp)


def broken_tie(scores: Float64, ties: Index) -> tuple[int, int] | None:
    """Two rows of one of these ties whose scores are not equal; None where all ties hold."""
    rows = np.flatnonzero(ties >= 0)
    _, first, place = np.unique(ties[rows], return_index=True, return_inverse=True)
    differs = np.flatnonzero(scores[rows] != scores[rows[first[place]]])
    return (int(rows[first[place[differs[0]]]]), int(rows[differs[0]])) if len(differs) else None


def exchanged(before: Float64, after: Float64) -> list[tuple[int, int]]:
    """Rows of two scores that noise alone may have put in another order, tied or untied: near each other, with no third one near."""
    reach = 2.0 * NOISE * float(np.ptp(after)) + 4.0 * float(np.finfo(np.float32).eps) * float(np.abs(after).max(initial=0.0))
    order = np.argsort(after, kind="stable")
    near = np.concatenate([[False], np.diff(after[order]) <= reach, [False]])
    alone = np.flatnonzero(near[1:-1] & ~near[:-2] & ~near[2:])
    first, second = order[alone], order[alone + 1]
    old, new = before[first] - before[second], after[first] - after[second]
    moved = (np.sign(old) != np.sign(new)) & (np.abs(old - new) <= reach)
    return list(zip(first[moved].tolist(), second[moved].tolist(), strict=True))


def as_before(before: Float64, after: Float64, rows: tuple[int, int]) -> Float64:
    """`after`, with two `exchanged` scores as they stood before: tied or in the other order, and all else as it is."""
    first, second = rows
    changed = after.copy()
    low, high = sorted((after[first], after[second]))
    if before[first] == before[second]:
        changed[[first, second]] = low
    else:
        high = high if high > low else np.nextafter(low, np.inf)
        changed[first], changed[second] = (low, high) if before[first] < before[second] else (high, low)
    return changed
