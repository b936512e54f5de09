"""How many pairs tell two systems apart: by formula, and by drawing so many over and over."""

from __future__ import annotations

import numpy as np
import pytest

from stsbench.stats.comparing.margin import pairs_to_tell, reach
from stsbench.stats.comparing.paired import difference_errors, influence_test, pairs_of
from stsbench.stats.metrics.spearman import spearman, spearman_influence


def test_the_textbook_number() -> None:
    """A mean of differences with deviation 1: (1.96 + 0.84)^2 / 0.5^2 = 31.4 pairs find half a deviation."""
    assert reach() == pytest.approx(1.959964 + 0.841621, abs=1e-6)
    assert pairs_to_tell(0.5, 1 / np.sqrt(100), 100) == 32
    assert pairs_to_tell(0.5, 1 / np.sqrt(7), 7) == 32
    assert pairs_to_tell(0.25, 1 / np.sqrt(100), 100) == 126


def test_systems_that_rank_alike_take_no_more() -> None:
    assert pairs_to_tell(0.01, 0.0, 50) == 1


@pytest.mark.parametrize(("difference", "error", "pairs"), [(0, 0.1, 9), (-0.1, 0.1, 9), (0.1, float("nan"), 9), (0.1, 0.1, 0)])
def test_no_difference_tells_nothing(difference: float, error: float, pairs: int) -> None:
    with pytest.raises(ValueError, match="tells no number"):
        pairs_to_tell(difference, error, pairs)


def drawn(n: int, generator: np.random.Generator) -> tuple[float, float]:
    """The difference of two systems' Spearman on n pairs, with its standard error; whose truth is about 5 points."""
    gold = generator.normal(size=n)
    shared = generator.normal(size=n)
    first = gold + 0.55 * shared + 0.35 * generator.normal(size=n)
    second = gold + 0.55 * shared + 0.55 * generator.normal(size=n)
    influences = np.column_stack([spearman_influence(gold, one)[1] for one in (first, second)]) / n
    error = float(difference_errors(influences.T @ influences, pairs_of(2))[0])
    return spearman(gold, first) - spearman(gold, second), error


def test_so_many_pairs_find_the_difference_four_times_in_five() -> None:
    generator = np.random.default_rng(3)
    truth, _ = drawn(200_000, generator)
    asked = [pairs_to_tell(truth, drawn(150, generator)[1], 150) for _ in range(40)]
    number = round(float(np.mean(asked)))
    p = np.array([influence_test(*drawn(number, generator))[1] for _ in range(400)])
    assert 0.74 <= (p <= 0.05).mean() <= 0.86  # 0.8, and three standard errors
    fewer = np.array([influence_test(*drawn(number // 3, generator))[1] for _ in range(400)])
    assert (fewer <= 0.05).mean() < 0.55
