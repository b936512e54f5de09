"""Averages and ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
