"""What may move between two computations of one cell beside scores within the tolerance: neither the figure nor ties that have a reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from stsbench.contracts.data import Float64, Index, Pairs
from stsbench.stats.metrics import METRICS, figure
from stsbench.stats.orders import as_before, broken_tie, exchanged, lasting_ties

METRIC_TOLERANCE = 1e-5  # what a figure may differ by from that of its stored scores, or from another where none are stored
FIGURE_TOLERANCE = 5e-5  # what scores within the tolerance may move the main figure by, coincidences apart
DEVIATIONS = 3.0  # of what coincidences, one way as often as the other, add up to

Measure = Callable[[Float64, Float64, Float64 | None], float | None]  # a figure of gold, scores and weights; None where it is undefined


@dataclass(frozen=True, eq=False)
class Basis:
    """What is known of scores that were computed anew: gold float64[n], what pairs weigh, their `lasting_ties`, and the main figure."""

    gold: Float64
    weights: Float64 | None
    ties: Index
    measure: Measure

    @classmethod
    def of(cls, pairs: Pairs, scores: Float64, measure: Measure) -> Basis:
        """That of the scaled scores of these pairs, before they were narrowed: pairs of equal texts that tie do so for a reason."""
        return cls(pairs.gold, pairs.weights, lasting_ties(scores, list(zip(pairs.left, pairs.right, strict=True))), measure)

    def take(self, rows: Index) -> Basis:
        """The same of some of the pairs."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, gold=self.gold[rows], weights=weights, ties=self.ties[rows])

    def figure(self, scores: Float64) -> float | None:
        """The main figure of these scores; None where it is undefined."""
        return self.measure(self.gold, scores, self.weights)

    def contradicts(self, figures: Mapping[str, float], scores: Float64) -> str | None:
        """The first of `figures` that these scores do not give, as a reason."""
        for name, said in figures.items():
            value = figure(METRICS[name], self.gold, scores, self.weights)
            if value is None or abs(value - said) > METRIC_TOLERANCE:
                words = "none" if value is None else f"{value:z.6f}"
                return f"its kept scores give {METRICS[name].words} of {words}, and the record said {said:z.6f}"
        return None


def untied(before: Float64, after: Float64, basis: Basis | None) -> str | None:
    """Two scores that are tied for a reason on one side and not on the other, as a reason; without a basis, on either."""
    pairs = broken_tie(before, lasting_ties(after) if basis is None else basis.ties)
    if pairs is not None:
        return f"pairs {pairs[0] + 1} and {pairs[1] + 1} score alike, and did not before"
    if basis is None and (pairs := broken_tie(after, lasting_ties(before))) is not None:
        return f"pairs {pairs[0] + 1} and {pairs[1] + 1} scored alike, and do not now"
    return None


def shifted(old: float | None, new: float | None, chance: float) -> str | None:
    """Why two main figures are not one, as a reason: they differ by more than 5e-5, and by more than chance made of them besides."""
    if old is None or new is None:
        return None if old is new else "one of the figures is undefined"
    if abs(old - new) <= FIGURE_TOLERANCE + chance + 1e-12:  # both are decimal numbers that float cannot hold exactly
        return None
    return f"scores that moved by less than the tolerance moved the figure from {old:z.6f} to {new:z.6f}"


def by_chance(before: Float64, after: Float64, basis: Basis | None) -> float:
    """What ties of two, made and broken between two processors, may have moved the main figure by.

    Each is worth what undoing it does, or without a basis the most that it can do to Spearman's correlation. Many of them move the
    figure up as often as down, and so add up to a few standard deviations of that; scores that were nudged towards gold move it up.
    """
    n, there = len(after), basis.figure(after) if basis is not None else None
    effects = []
    for rows in exchanged(before, after):
        if basis is None:
            tie = before[rows[0]] == before[rows[1]] or after[rows[0]] == after[rows[1]]
            effects.append((6.0 if tie else 12.0) / (n * (n + 1.0)))
        else:
            undone = basis.figure(as_before(before, after, rows))
            effects.append(abs(there - undone) if there is not None and undone is not None else 0.0)
    return math.fsum(effects) if basis is None else min(math.fsum(effects), DEVIATIONS * math.hypot(*effects))
