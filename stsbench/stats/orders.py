"""Spearman's correlation of resampled pairs, exactly, without sorting again.

A resample is a vector w of counts. With values sorted once, the midrank of a pair in the resample comes of a cumulative sum over
tie groups: doubled and centred it is the whole number R = 2C - G - N, with G the group's count, C the counts up to and with the
group, and N their total. Then rho* = sum w R_x R_y / sqrt(sum w R_x^2 sum w R_y^2), where sum w R_x^2 = (N^3 - sum G^3) / 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Float32, Float64, Index

Counts = NDArray[np.float32] | NDArray[np.float64]

BLOCK = 32  # rows of a partial sum; short enough that the sums of one block stay in cache


@dataclass(frozen=True)
class Order:
    """How values rank n pairs: `rows` sorts them, `starts` are the first positions of each group of equal values (None: no ties)."""

    rows: Index
    starts: Index | None

    @classmethod
    def of(cls, values: Float64) -> Order:
        """The order of finite `values`, at least one."""
        rows = np.argsort(values, kind="stable")
        ranked = values[rows]
        starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
        return cls(rows, None if len(starts) == len(rows) else starts)

    def grouped(self, counts: Float32, room: Float32) -> Counts:
        """Rows of `counts` [n, c] in this order, those of a tie group added up: float32 in `room` without ties, else float64[g, c]."""
        ranked = np.take(counts, self.rows, axis=0, out=room, mode="clip")  # clip: the only mode that writes to `out` directly
        return ranked if self.starts is None else np.add.reduceat(ranked, self.starts, axis=0, dtype=np.float64)


def midranks(values: Float64) -> Float64:
    """Average ranks from 1, as scipy's rankdata gives them."""
    order = Order.of(values)
    starts = np.arange(len(values)) if order.starts is None else order.starts
    sizes = np.diff(np.concatenate([starts, [len(values)]]))
    ranks = np.empty(len(values))
    ranks[order.rows] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks


def spearman_under(counts: Float32, gold: Order, systems: Sequence[Order]) -> Float64:
    """Spearman of every resample and system, float64[c, s]; `counts` float32[n, c] says how often a resample holds each pair.

    Equal to scipy's spearmanr of the repeated pairs up to the last bits while n times the largest count is below 2**24. Raises
    ValueError where a resample has constant gold or constant scores, which leaves the correlation undefined.
    """
    total = counts.sum(axis=0, dtype=np.float64)
    room = np.empty((2, *counts.shape), dtype=np.float32)
    weighted, gold_squares = _weighted_ranks(counts, gold, total, room[0])
    untied = np.einsum("ij,ij->j", counts, weighted, dtype=np.float64), _cubes(counts)
    result = np.empty((counts.shape[1], len(systems)))
    for place, order in enumerate(systems):
        groups, ranks = order.grouped(counts, room[0]), order.grouped(weighted, room[1])
        if order.starts is None:
            products, cubes = untied
        else:
            products, cubes = np.einsum("ij,ij->j", groups, ranks), _cubes(groups)
        squares = (total**3 - cubes) / 3 * gold_squares
        if not (squares > 0).all():
            raise ValueError(f"a resample leaves gold or the scores of system {place} constant, and Spearman undefined")
        result[:, place] = (2 * _cumulative_product(groups, ranks) - products) / np.sqrt(squares)
    return result


def _weighted_ranks(counts: Float32, gold: Order, total: Float64, room: Float32) -> tuple[Float32, Float64]:
    """Each pair's count times its doubled, centred midrank, float32[n, c], and the sums of w R^2, float64[c]."""
    groups = gold.grouped(counts, room)
    doubled = 2 * np.cumsum(groups, axis=0, dtype=np.float64) - groups - total
    ranked = doubled if gold.starts is None else np.repeat(doubled, np.diff(np.append(gold.starts, len(counts))), axis=0)
    weighted = np.empty_like(counts)
    weighted[gold.rows] = ranked
    weighted *= counts
    return weighted, (total**3 - _cubes(groups)) / 3


def _cumulative_product(groups: Counts, ranks: Counts) -> Float64:
    """Sum over rows of cumsum(groups) * ranks, float64[c]; overwrites `groups`."""
    whole = len(groups) - len(groups) % BLOCK
    blocks = groups[:whole].reshape(-1, BLOCK, groups.shape[1])
    for row in range(1, BLOCK):  # all blocks at once: numpy's own cumsum along columns would take most of the time
        blocks[:, row] += blocks[:, row - 1]
    before: NDArray[Any] = np.cumsum(blocks[:, -1], axis=0)
    blocks[1:] += before[:-1, None]
    np.cumsum(groups[whole:], axis=0, out=groups[whole:])
    if whole:
        groups[whole:] += before[-1]
    result: Float64 = np.einsum("ij,ij->j", groups, ranks, dtype=np.float64)
    return result


def _cubes(groups: Counts) -> Float64:
    squares = groups.astype(np.float64) ** 2
    result: Float64 = np.einsum("ij,ij->j", squares, groups)
    return result
