"""Averages and ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

from stsbench.contracts.boards.board import Aggregate, Leaderboard, Row
from stsbench.contracts.figures import percent

DECIMALS = 6
T = TypeVar("T")


def average(figures: Sequence[float | None]) -> float | None:
    """The macro mean of `figures`, each rounded to 6 decimals as it is stored; None if one is missing, or there is none."""
    known = [round(figure, DECIMALS) for figure in figures if figure is not None]
    if not known or len(known) < len(figures):
        return None
    return math.fsum(known) / len(known)


def with_ranks(board: Leaderboard) -> Leaderboard:
    """The board with the ranks and the aggregates of the rows that are compared; rows that rank all pairs alike count once.

    Averages that are printed alike share the smallest rank (1, 1, 3).
    """
    compared = board.compared
    sets = {row.label: frozenset({row.label, *row.alike}) for row in compared}
    first = {alike: row for row in reversed(compared) for alike in [sets[row.label]]}
    printed = {alike: float(percent(row.average)) for alike, row in first.items()}
    aggregates = _aggregates(first, board.spec.aggregates)

    def ranked(row: Row) -> Row:
        if (alike := sets.get(row.label)) is None:
            return row.model_copy(update={"rank": None, "aggregates": {}})
        rank = 1 + sum(average > printed[alike] for average in printed.values())
        return row.model_copy(update={"rank": rank, "aggregates": aggregates.get(alike, {})})

    return board.model_copy(update={"rows": tuple(map(ranked, board.rows))})


def _aggregates(rows: Mapping[T, Row], wanted: Sequence[Aggregate]) -> dict[T, dict[Aggregate, float]]:
    if not (wanted and rows):
        return {}
    import numpy as np

    from stsbench.stats.aggregation import borda, fisher_mean

    figures = [[round(cell.figure or 0.0, DECIMALS) for cell in row.cells] for row in rows.values()]
    known: dict[Aggregate, list[float | None]] = {}
    if "fisher-z" in wanted:
        known["fisher-z"] = [None if {1.0, -1.0} <= set(row) else fisher_mean(row) for row in figures]  # which have no mean
    if "borda" in wanted:
        known["borda"] = borda(np.array(figures)).tolist()
    return {key: {name: value for name, values in known.items() if (value := values[place]) is not None} for place, key in enumerate(rows)}
