"""What systems cost beside how good they are, and which of them are worth it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np

from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.column import Column
from stsbench.stats.pareto import pareto_best


class HasFacts(Protocol):
    """A row of a table that knows what its system costs."""

    @property
    def facts(self) -> Facts: ...  # noqa: D102


def _cost(name: str, title: str, shown: str) -> Column[HasFacts]:
    return Column(name, title, float, lambda row: getattr(row.facts, name), shown.format, absent=lambda _: "-", optional=True)


COSTS: Final = (
    _cost("bytes_per_vector", "Bytes a vector", "{:,}"),
    _cost("texts_per_second", "Texts a second", "{:,.0f}"),
    _cost("price", "Dollars a million tokens", "{:g}"),
)
PARETO: Final = "Pareto-best: no other of these systems is at least as good in its figure and in each of these costs, and better in one"


def worth_their_cost(systems: Sequence[tuple[float | None, Facts]]) -> list[bool]:
    """Which of some systems, with their figures, none of the others beats in figure, seconds, bytes and price together.

    None of them where there is nothing to weigh: fewer than two systems, or no cost of any of them.
    """
    costs = np.array([_costs(facts) for _, facts in systems], dtype=np.float64).reshape(len(systems), 3)
    if len(systems) < 2 or np.isnan(costs).all():
        return [False] * len(systems)
    figures = np.array([np.nan if figure is None else figure for figure, _ in systems], dtype=np.float64)
    best: list[bool] = pareto_best(figures, costs).tolist()
    return best


def _costs(facts: Facts) -> list[float]:
    rate = facts.texts_per_second
    known: tuple[Any, ...] = (1 / rate if rate else None, facts.bytes_per_vector, facts.price)
    return [np.nan if cost is None else float(cost) for cost in known]
