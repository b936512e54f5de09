"""Ranks that say what is known: simultaneous rank sets, compact letters, the chance of being best."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Flags, Float64, Index


def better_than(estimates: Float64, adjusted: Float64, pairs: tuple[Index, Index], level: float = 0.05) -> Flags:
    """bool[s, s]: whether the first system is better than the second by a significant difference."""
    better = np.zeros((len(estimates), len(estimates)), dtype=np.bool_)
    for first, second, p in zip(*pairs, adjusted, strict=True):
        if p <= level:
            high, low = (first, second) if estimates[first] > estimates[second] else (second, first)
            better[high, low] = True
    return better


def rank_sets(better: Flags) -> list[tuple[int, int]]:
    """The best and the worst rank that each system may have: 1 + those significantly better, s - those significantly worse.

    With p adjusted for all pairs, all sets hold their true ranks together at the same level (Mogstad, Romano, Shaikh, Wilhelm 2023).
    """
    systems = len(better)
    return [(1 + int(better[:, system].sum()), systems - int(better[system].sum())) for system in range(systems)]


def letters(differs: NDArray[np.bool_], order: Sequence[int]) -> list[str]:
    """Compact letters: two systems share a letter exactly when they do not differ (Piepho 2004, insert and absorb).

    `differs` bool[s, s] is symmetric; `order` lists the systems from the best, and letters follow it: a to z, then aa, set apart by spaces.
    """
    columns = [frozenset(order)]
    for first, second in combinations(order, 2):
        if differs[first, second]:
            columns = _absorbed([part for column in columns for part in _without(column, first, second)])
    position = {system: place for place, system in enumerate(order)}
    columns = sorted(columns, key=lambda column: sorted(position[system] for system in column))
    gap = "" if len(columns) <= 26 else " "
    return [gap.join(_letter(place) for place, column in enumerate(columns) if system in column) for system in range(len(order))]


def _without(column: frozenset[int], first: int, second: int) -> list[frozenset[int]]:
    return [column - {first}, column - {second}] if {first, second} <= column else [column]


def _absorbed(columns: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    return [column for column in dict.fromkeys(columns) if not any(column < larger for larger in columns)]


def _letter(place: int) -> str:
    before, rest = divmod(place, 26)
    return (_letter(before - 1) if before else "") + ascii_lowercase[rest]


def chance_of_best(draws: Float64) -> Float64:
    """The share of draws float64[b, s] in which each system is the best, float64[s]; a tie at the top is shared out."""
    top = draws >= draws.max(axis=1, keepdims=True)
    shares: Float64 = (top / top.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares
