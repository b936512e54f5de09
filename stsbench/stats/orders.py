"""The order of values, and how they rank; ties that are no coincidence, and those that another processor breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.weights import Counts

BLOCK = 32  # rows of a partial sum; short enough that the sums of one block stay in cache


@dataclass(frozen=True)
class Order:
    """How values rank n pairs: `rows` sorts them, `starts` are the first positions of each group of equal values (None: no ties)."""

    rows: Index
    starts: Index | None

    @classmethod
    def of(cls, values: Float64 | Index) -> Order:
        """The order of finite `values`, at least one."""
        rows = np.argsort(values, kind="stable")
        ranked = values[rows]
        starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        return cls(rows, None if len(starts) == len(rows) else starts)

    @property
    def groups(self) -> tuple[Index, Index]:
        """First position and size of each group of equal values, a value without its equal being one."""
        starts = np.arange(len(self.rows)) if self.starts is None else self.starts
        return starts, np.diff(np.append(starts, len(self.rows)))

    def grouped(self, counts: Counts, room: Counts | None = None) -> Counts:
        """Rows of `counts` [n, c] in this order, a tie group's added up: as they are (in `room`) without ties, else float64[g, c]."""
        ranked = np.take(counts, self.rows, axis=0, out=room, mode="clip")  # clip: the only mode that writes to `out` directly
        return ranked if self.starts is None else np.add.reduceat(ranked, self.starts, axis=0, dtype=np.float64)

    def above(self, values: Float64) -> Float64:
        """For each pair the sum of `values` [n] over those that rank above it, and half of those that tie with it and of itself."""
        starts, sizes = self.groups
        totals = np.add.reduceat(values[self.rows], starts)
        result = np.empty(len(values))
        result[self.rows] = np.repeat(np.cumsum(totals[::-1])[::-1] - totals / 2, sizes)
        return result

    def tied(self, values: Float64) -> Float64:
        """For each pair the sum of `values` [n] over those that tie with it, itself among them."""
        starts, sizes = self.groups
        result = np.empty(len(values))
        result[self.rows] = np.repeat(np.add.reduceat(values[self.rows], starts), sizes)
        return result


def merged(values: Float64, reach: Float64 | float) -> Float64:
    """`values` of which those that follow each other within `reach` (of each, in ascending order, or of all) are equal: to the least."""
    order = np.argsort(values, kind="stable")  # NaN come last
    ranked = values[order]
    apart = ~(np.diff(ranked, prepend=np.nan) <= reach)
    result = np.empty(len(values))
    result[order] = ranked[apart][np.cumsum(apart) - 1]
    return result


def midranks(values: Float64, weights: Float64 | None = None) -> Float64:
    """Average ranks from 1, as scipy's rankdata gives them; with `weights`, of values that are there so often."""
    order = Order.of(values)
    starts, sizes = order.groups
    totals = sizes if weights is None else np.add.reduceat(weights[order.rows], starts)
    ranks = np.empty(len(values))
    ranks[order.rows] = np.repeat(np.cumsum(totals) + (1 - totals) / 2, sizes)
    return ranks


def cumulated(rows: Counts) -> Counts:
    """Sums of `rows` [n, c] up to and with each row, in place: numpy's own take several times as long along columns."""
    if rows.shape[1] < BLOCK:
        return np.cumsum(rows, axis=0, out=rows)
    whole = len(rows) - len(rows) % BLOCK
    blocks = rows[:whole].reshape(-1, BLOCK, rows.shape[1])
    for row in range(1, BLOCK):  # all blocks at once
        blocks[:, row] += blocks[:, row - 1]
    before: Float64 = np.cumsum(blocks[:, -1], axis=0)
    blocks[1:] += before[:-1, None]
    np.cumsum(rows[whole:], axis=0, out=rows[whole:])
    if whole:
        rows[whole:] += before[-1]
    return rows


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
