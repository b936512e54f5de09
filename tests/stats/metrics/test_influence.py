from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.stats.comparing.panel import unit_influence
from stsbench.stats.metrics.spearman import spearman_influence as influence
from stsbench.stats.metrics.spearman import spearman_under
from stsbench.stats.resampling import Sample, bootstrap, generator_of


def tied(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    gold = generator.integers(0, 6, size=n).astype(float)
    return gold, np.round(gold[:, None] + generator.normal(size=(n, 3)) * [1, 2, 3], 1)


def test_influence_sums_to_zero_and_goes_with_spearman() -> None:
    gold, scores = tied()
    for column in scores.T:
        rho, values = influence(gold, column)
        assert rho == pytest.approx(spearmanr(gold, column).statistic, abs=1e-12)
        assert abs(values.sum()) < 1e-9


def test_influence_is_the_derivative_by_the_weight_of_a_pair() -> None:
    gold, scores = tied(60)
    column, copies = scores[:, 1], 4000
    rho, values = influence(gold, column)
    for pair in range(0, 60, 7):
        counts = np.full((60, 1), copies, dtype=np.float32)
        counts[pair] += 60  # a share of 1 / (copies + 1) is moved to this pair
        moved = spearman_under(gold, column[:, None])(counts)[0, 0]
        assert (moved - rho) * (copies + 1) == pytest.approx(values[pair], abs=5e-3 * max(1, abs(values[pair])))


def test_standard_errors_are_those_of_the_bootstrap() -> None:
    gold, scores = tied()
    units = unit_influence([(np.column_stack([influence(gold, one)[1] for one in scores.T]), np.arange(400), 1.0)], 400)
    draws = bootstrap([Sample(gold, scores, np.arange(400))], 400, resamples=4000, generator=generator_of([0]))[:, 0]
    np.testing.assert_allclose(np.linalg.norm(units, axis=0), draws.std(axis=0), rtol=0.05)
    np.testing.assert_allclose(units.T @ units, np.cov(draws, rowvar=False), atol=0.1 * np.cov(draws, rowvar=False).max())


def test_shared_pairs_add_up() -> None:
    gold, scores = tied()
    values = influence(gold, scores[:, 0])[1][:, None]
    alone = unit_influence([(values, np.arange(400), 1.0)], 400)
    shared = unit_influence([(values, np.arange(400), 0.5), (values, np.arange(400), 0.5)], 400)
    apart = unit_influence([(values, np.arange(400), 0.5), (values, np.arange(400, 800), 0.5)], 800)
    assert np.linalg.norm(shared, axis=0) == pytest.approx(np.linalg.norm(alone, axis=0))
    assert np.linalg.norm(apart, axis=0) == pytest.approx(np.linalg.norm(alone, axis=0) / np.sqrt(2))


def test_constant_scores_have_none() -> None:
    with pytest.raises(ValueError, match="constant"):
        influence(np.arange(5.0), np.ones(5))
