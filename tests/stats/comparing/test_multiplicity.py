from __future__ import annotations

import math

import numpy as np
import pytest

from stsbench.stats.comparing.paired import benjamini_hochberg, holm, max_t, pairs_of


def test_holm_and_benjamini_hochberg_known_answers() -> None:
    p = (0.01, 0.04, 0.03, 0.005)
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm([0.9, 0.8]) == pytest.approx([1, 1])


def naive_max_t(estimates: np.ndarray, draws: np.ndarray, errors: np.ndarray) -> list[float]:
    """Step down by the definition: at each step the maximum over what is not yet rejected."""
    first, second = pairs_of(len(estimates))
    spread = np.std(draws[:, first] - draws[:, second], axis=0, ddof=1)
    observed = np.abs(estimates[first] - estimates[second]) / errors
    centred = draws - estimates
    chance = np.abs(centred[:, first] - centred[:, second]) / spread
    adjusted, left, floor = [0.0] * len(observed), list(np.argsort(-observed)), 0.0
    while left:
        top = left[0]
        floor = max(floor, (1 + (chance[:, left].max(axis=1) >= observed[top]).sum()) / (len(draws) + 1))
        adjusted[top] = floor
        left = left[1:]
    return adjusted


def test_max_t_is_the_step_down_of_its_definition() -> None:
    generator = np.random.default_rng(0)
    estimates = np.array([0.80, 0.79, 0.82, 0.70, 0.801])
    draws = estimates + generator.normal(size=(499, 5)) * 0.01 + generator.normal(size=(499, 1)) * 0.02
    errors = generator.uniform(0.009, 0.014, size=10)
    adjusted = max_t(estimates, draws, pairs_of(5), errors)
    np.testing.assert_allclose(adjusted, naive_max_t(estimates, draws, errors), rtol=1e-12)
    assert adjusted.min() == pytest.approx(1 / 500)


def test_max_t_rejects_no_less_than_holm_on_dependent_differences() -> None:
    generator = np.random.default_rng(1)
    estimates = np.linspace(0.7, 0.75, 8)
    draws = estimates + generator.normal(size=(1999, 8)) * 0.005
    first, second = pairs_of(8)
    error = np.array([0.005 * math.sqrt(2)])
    raw = [max_t(estimates[[one, other]], draws[:, [one, other]], pairs_of(2), error)[0] for one, other in zip(first, second, strict=True)]
    assert (max_t(estimates, draws, (first, second), error.repeat(28)) <= 0.05).sum() >= (holm(raw) <= 0.05).sum() > 0


def test_systems_that_never_differ_have_p_one() -> None:
    draws = np.random.default_rng(0).normal(size=(99, 2))
    drawn = np.column_stack([draws[:, 0] + 0.5, draws[:, 0] + 0.5, draws[:, 1] + 9])
    adjusted = max_t(np.array([0.5, 0.5, 9.0]), drawn, pairs_of(3), np.array([0.0, 1.4, 1.4]))
    assert adjusted[0] == 1
    assert adjusted[1] == adjusted[2] == pytest.approx(0.01)
