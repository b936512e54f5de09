"""Averages and ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stsbench.contracts.board import Aggregate, Row

DECIMALS = 6


def average(figures: Sequence[float | None]) -> float | None:
    """The macro mean of `figures`, each rounded to 6 decimals as it is stored; None if one is missing, or there is none."""
    known = [round(figure, DECIMALS) for figure in figures if figure is not None]
    if not known or len(known) < len(figures):
        return None
    return math.fsum(known) / len(known)


def ranks(averages: Sequence[float | None]) -> list[int | None]:
    """Ranks from 1, the highest average first; averages equal to 6 decimals share the smallest rank (1, 1, 3). None stays None."""
    figures = [None if value is None else round(value, DECIMALS) for value in averages]
    known = sorted((figure for figure in figures if figure is not None), reverse=True)
    return [None if figure is None else known.index(figure) + 1 for figure in figures]


def with_aggregates(rows: Sequence[Row], wanted: Sequence[Aggregate]) -> tuple[Row, ...]:
    """The rows with the aggregates that are `wanted`, for primary rows with a figure everywhere: others are not in Borda's count.

    Rows that rank all pairs alike count once in it.
    """
    sets = [frozenset({row.label, *row.alike}) if row.primary and row.average is not None else None for row in rows]
    first = {alike: row for alike, row in zip(sets, rows, strict=True) if alike is not None}
    if not (wanted and first):
        return tuple(rows)
    import numpy as np

    from stsbench.stats.aggregation import borda, fisher_mean

    figures = [[round(cell.figure or 0.0, DECIMALS) for cell in row.cells] for row in first.values()]
    known: dict[Aggregate, list[float]] = {}
    if "fisher-z" in wanted:
        known["fisher-z"] = [fisher_mean(row) for row in figures]
    if "borda" in wanted:
        known["borda"] = borda(np.array(figures)).tolist()
    update = {alike: {name: values[place] for name, values in known.items()} for place, alike in enumerate(first)}
    return tuple(
        row if alike is None else row.model_copy(update={"aggregates": update[alike]}) for alike, row in zip(sets, rows, strict=True)
    )
