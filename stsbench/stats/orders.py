"""The order of values, and how they rank."""

from __future__ import annotations

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
