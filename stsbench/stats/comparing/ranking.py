"""Which systems are better than which, which may be the best, and which are worth their cost; what choosing the best of many comes to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Flags, Float64, Index
from stsbench.contracts.defaults import LEVEL
from stsbench.stats.intervals import fisher_z


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


class Stand(NamedTuple):
    """Where a system stands among others: its rank set, letters and chance of being the best."""

    best_rank: int
    worst_rank: int
    letters: str
    chance_of_best: float


def stands(estimates: Float64, draws: Float64, better: Flags) -> list[Stand]:
    """Those of systems with these estimates float64[s] and draws float64[b, s], of which some are significantly `better` than others."""
    marks = letters(better | better.T, np.argsort(-estimates, kind="stable").tolist())
    return [Stand(*ranks, *said) for ranks, *said in zip(rank_sets(better), marks, chance_of_best(draws).tolist(), strict=True)]


CHANCES = 2000  # draws that the standard error is computed from


class Selection(NamedTuple):
    """`best` is the system that leads on all pairs, with its figure `observed`; `value` is what choosing scores on pairs that had no say.

    `value` estimates the mean quality of the systems that halves of these very data choose, each as often as `shares` float64[s] says, and
    the interval `low` to `high` is of that: not of the quality of `best`, nor of what other data would choose. They are one where systems
    are of one quality.
    """

    best: int
    observed: float
    value: float
    low: float
    high: float
    shares: Float64

    @property
    def optimism(self) -> float:
        """By how much the best figure overstates, at least 0: what halves choose is no better on the other halves than the best on all."""
        return self.observed - self.value


def select(
    figures: Float64,
    unit_values: Float64,
    *,
    splits: int,
    generator: np.random.Generator,
    level: float = LEVEL,
    bounds: tuple[float, float] = (-1, 1),
) -> Selection:
    """Choose among systems with `figures` float64[s], whose units have the influences `unit_values` float64[u, s].

    A half's figure is that of the whole and, twice, the influences of its units. The standard error is that of systems of one quality,
    those that any half chose, whose figures vary together as `unit_values` say. Raises ValueError for fewer than 2 splits.
    """
    if splits < 2:
        raise ValueError(f"choosing takes at least 2 splits, not {splits}")
    apart = _halves(len(unit_values), splits, generator) @ unit_values  # the first half lies above the whole, the second below
    first, second = (figures + apart).argmax(axis=1), (figures - apart).argmax(axis=1)
    value = float((_taken(figures - apart, first) + _taken(figures + apart, second)).mean()) / 2
    chosen = np.concatenate([first, second])
    interval = fisher_z(value, _error(unit_values[:, np.unique(chosen)], generator), level, bounds)
    best = int(np.argmax(figures))
    return Selection(best, float(figures[best]), value, *interval, np.bincount(chosen, minlength=len(figures)) / len(chosen))


def _halves(units: int, splits: int, generator: np.random.Generator) -> Float64:
    """1 for the units of the first half and -1 for those of the second, float64[splits, units]; an odd one out is 0."""
    row = np.zeros(units)
    row[: units // 2], row[units // 2 : 2 * (units // 2)] = 1.0, -1.0
    return np.array([generator.permutation(row) for _ in range(splits)])


def _error(unit_values: Float64, generator: np.random.Generator) -> float:
    """Of the mean over splits, by drawing data, and two splits of each: what their figures share does not average out."""
    values, vectors = np.linalg.eigh(unit_values.T @ unit_values)
    root = (vectors * np.sqrt(np.maximum(values, 0))).T
    whole, *splits = (generator.normal(size=(CHANCES, len(values))) @ root for _ in range(3))
    means = [
        (_taken(whole - apart, (whole + apart).argmax(axis=1)) + _taken(whole + apart, (whole - apart).argmax(axis=1))) / 2
        for apart in splits
    ]
    return float(np.sqrt(max(float(np.mean(means[0] * means[1])), 0.0)))


def _taken(values: Float64, chosen: Index) -> Float64:
    """Of each row the value of the chosen system."""
    return np.take_along_axis(values, chosen[:, None], axis=1)[:, 0]


def pareto_best(figures: Float64, costs: Float64) -> Flags:
    """Whether no other system is at least as good in its figure and in every cost, and better in one of them, bool[n].

    `figures` float64[n] are better the higher, `costs` float64[n, k] the lower. NaN is not known, and decides nothing: two systems are
    compared in the costs that are known of both, and neither beats the other where there is none. A system without a figure is not
    among the best, nor is one of which no cost is known, unless none is of any.
    """
    costs = np.asarray(costs, np.float64).reshape(len(figures), -1)
    known = ~np.isnan(costs)
    nothing = not known.any()
    best = np.isfinite(figures) & (known.any(axis=1) | nothing)
    others = np.isfinite(figures)
    for row in np.flatnonzero(best):
        shared = known & known[row]
        no_worse = (figures >= figures[row]) & ((costs <= costs[row]) | ~shared).all(axis=1) & (shared.any(axis=1) | nothing)
        better = (figures > figures[row]) | (costs < costs[row]).any(axis=1)
        best[row] = not (no_worse & better & others).any()
    return best
