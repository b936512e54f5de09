"""Choosing the best of many: the two halves' figures, and how sure they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.stats.comparing.ranking import select
from stsbench.stats.intervals import fisher_z
from stsbench.stats.metrics.spearman import spearman_influence as influence
from stsbench.stats.resampling import generator_of


def made(n: int, noise: list[float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    gold = generator.normal(size=n)
    return gold, gold[:, None] + np.array(noise) * generator.normal(size=(n, len(noise)))


def panel(gold: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = [influence(gold, column) for column in scores.T]
    return np.array([rho for rho, _ in found]), np.column_stack([values for _, values in found]) / len(gold)


def test_one_system_far_ahead_is_its_own_figure_and_interval() -> None:
    figures, units = panel(*made(400, [0.3, 2.0, 3.0], 1))
    found = select(figures, units, splits=100, generator=generator_of([0]))
    assert found.best == 0
    assert found.shares.tolist() == [1, 0, 0]
    assert found.optimism == pytest.approx(0, abs=1e-12)
    low, high = fisher_z(figures[0], float(np.linalg.norm(units[:, 0])))
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-3)


def test_halves_are_those_of_real_correlations() -> None:
    """The held-out figure by influences is near that of spearmanr on the halves themselves."""
    gold, scores = made(600, [0.9, 0.92, 0.94, 0.9, 0.91], 2)
    found = select(*panel(gold, scores), splits=300, generator=generator_of([0]))
    generator, held_out = np.random.default_rng(3), []
    for _ in range(300):
        rows = generator.permutation(600)
        one, other = ([spearmanr(gold[own], column[own]).statistic for column in scores.T] for own in (rows[:300], rows[300:]))
        held_out += [other[int(np.argmax(one))], one[int(np.argmax(other))]]
    assert found.value == pytest.approx(np.mean(held_out), abs=1.5e-3)
    assert found.optimism > 0


def test_systems_of_one_quality_are_overstated_by_the_best_and_not_by_the_held_out() -> None:
    off = []
    for seed in range(40):
        figures, units = panel(*made(200, [1.0] * 30, seed))
        found = select(figures, units, splits=40, generator=generator_of([seed]))
        off.append([found.observed - figures.mean(), found.value - figures.mean()])
    over, held_out = np.mean(off, axis=0)
    assert over > 0.03
    assert abs(held_out) < 0.008


def test_a_seed_settles_it_and_the_order_of_systems_does_not_matter() -> None:
    figures, units = panel(*made(150, [1.0, 1.1, 0.9], 4))
    one, same = (select(figures, units, splits=50, generator=generator_of([5])) for _ in range(2))
    assert (one.value, one.low, one.high) == (same.value, same.low, same.high)
    turned = select(figures[::-1], units[:, ::-1], splits=50, generator=generator_of([5]))
    assert turned.value == pytest.approx(one.value, abs=1e-12)
    assert turned.shares[::-1] == pytest.approx(one.shares)


def test_the_best_figure_never_understates_however_few_the_pairs() -> None:
    for seed, (n, noise) in enumerate([(12, [1.0, 1.0]), (15, [0.5, 3.0]), (50, [0.9, 5.0]), (51, [1.0] * 20)] * 10):
        figures, units = panel(*made(n, noise, seed))
        found = select(figures, units, splits=20, generator=generator_of([seed]))
        assert found.optimism >= -1e-12
        assert (found.optimism > 1e-12) == (found.shares.max() < 1)


def test_one_split_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 splits, not 1"):
        select(*panel(*made(50, [1.0, 1.0], 7)), splits=1, generator=generator_of([0]))
