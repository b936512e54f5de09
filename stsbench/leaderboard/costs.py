"""Which systems are worth their cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.boards.board import Facts
from stsbench.stats.comparing.ranking import pareto_best


def worth_their_cost(systems: Sequence[tuple[float | None, Facts]]) -> list[bool]:
    """Which of some systems, with their figures, none of the others beats in figure, seconds, bytes and price together (`pareto_best`).

    None of them where there is nothing to weigh: fewer than two systems, or no cost of any of them.
    """
    costs = np.array([_costs(facts) for _, facts in systems], dtype=np.float64).reshape(len(systems), 3)
    if len(systems) < 2 or np.isnan(costs).all():
        return [False] * len(systems)
    figures = np.array([np.nan if figure is None else figure for figure, _ in systems], dtype=np.float64)
    best: list[bool] = pareto_best(figures, costs).tolist()
    return best


def costs_less(facts: Facts, others: Facts) -> bool:
    """Whether a system of these facts is known to take less than one of the others in seconds, bytes or price."""
    return bool((np.array(_costs(facts)) < np.array(_costs(others))).any())


def _costs(facts: Facts) -> list[float]:
    rate = facts.texts_per_second
    known: tuple[float | None, ...] = (1 / rate if rate else None, facts.bytes_per_vector, facts.price)
    return [np.nan if cost is None else float(cost) for cost in known]
