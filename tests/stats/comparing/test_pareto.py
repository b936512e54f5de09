"""What no other system beats in everything, against every two systems compared by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from stsbench.stats.comparing.ranking import pareto_best

NAN = float("nan")


@pytest.mark.parametrize(("figures", "costs", "best"), [
    ([0.8, 0.7, 0.6], [[10], [5], [7]], [True, True, False]),  # the last is worse and dearer than the second
    ([0.8, 0.8], [[5], [5]], [True, True]),  # equal ones do not beat each other
    ([0.8, 0.8], [[5], [4]], [False, True]),
    ([0.8, 0.7], [[NAN], [5]], [False, True]),  # nothing says that the first is worth its cost, nor does it beat the second
    ([0.8, 0.7], [[5], [NAN]], [True, False]),
    ([0.8, 0.8], [[5], [NAN]], [True, False]),
    ([0.8, 0.7], [[5, NAN], [4, 9]], [True, True]),  # compared in the cost that is known of both
    ([0.8, 0.7], [[4, NAN], [5, 9]], [True, False]),  # a price that nobody knows of the first does not keep the second
    ([0.8, 0.7], [[4, 9], [5, NAN]], [True, False]),  # nor does one that nobody knows of the second
    ([0.8, 0.8], [[5, NAN], [5, 9]], [True, True]),  # what is known is no better than what is not
    ([0.8, 0.7], [[5, NAN], [NAN, 9]], [True, True]),  # no cost is known of both
    ([0.8, NAN], [[5], [1]], [True, False]),  # a system without a figure
    ([0.8, 0.7], [[5, 1], [4, 2]], [True, True]),
    ([0.8, 0.7], [[NAN], [NAN]], [True, False]),
])  # fmt: skip
def test_known_cases(figures: list[float], costs: list[list[float]], best: list[bool]) -> None:
    assert pareto_best(np.array(figures), np.array(costs)).tolist() == best


def test_without_costs_the_best_figure_alone_is_left() -> None:
    assert pareto_best(np.array([0.5, 0.9, 0.9]), np.empty((3, 0))).tolist() == [False, True, True]


def test_as_every_two_compared() -> None:
    generator = np.random.default_rng(1)
    figures, costs = generator.integers(0, 5, 60) / 4, generator.integers(0, 5, (60, 2)).astype(float)
    expected = [
        not any(
            figures[b] >= figures[a] and (costs[b] <= costs[a]).all() and (figures[b] > figures[a] or (costs[b] < costs[a]).any())
            for b in range(60)
        )
        for a in range(60)
    ]
    assert pareto_best(figures, costs).tolist() == expected
    assert any(a != b for a, b in product(expected, expected))
