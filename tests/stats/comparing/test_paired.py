from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from stsbench.stats.comparing.paired import bootstrap_p, influence_test, pairs_of, rank_permutation, rescaled, zou_test
from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.intervals import bonett_wright, percentile, zou
from stsbench.stats.resampling import Sample


def test_bootstrap_p_is_where_the_interval_begins_to_hold_zero() -> None:
    draws = np.arange(-9.5, 990)  # 10 of 1000 below zero
    p = bootstrap_p(draws)
    assert p == pytest.approx(2 * 11 / 1001)
    assert percentile(draws, 1 - 1.05 * p).low > 0 > percentile(draws, 1 - 0.9 * p).low
    assert bootstrap_p(draws + 100) == pytest.approx(2 / 1001)
    assert bootstrap_p(np.zeros(99)) == 1


def test_rescaled_draws_have_the_given_error_and_keep_their_shape() -> None:
    draws = np.random.default_rng(0).exponential(size=999) + 3
    found = rescaled(draws, 3.5, 0.25)
    assert found.std(ddof=1) == pytest.approx(0.25)
    assert found.argsort().tolist() == draws.argsort().tolist()
    np.testing.assert_allclose((found - 3.5) / (draws - 3.5), 0.25 / draws.std(ddof=1))
    assert rescaled(np.array([1.0, 3.0]), 2.0, math.sqrt(0.5)).tolist() == pytest.approx([1.5, 2.5])
    assert rescaled(np.zeros(9), 0.0, 0.0).tolist() == [0.0] * 9
    assert rescaled(np.array([0.1]), 0.2, 0.3).tolist() == [0.1]
    assert rescaled(np.array([0.0, 1e-17, -1e-17]), 0.0, 1e-9).tolist() == [0.0] * 3  # systems of identical ranks, but for rounding


def test_systems_that_differ_in_two_neighbouring_pairs_are_not_told_apart() -> None:
    """Resamples without one of the two pairs do not tell the systems apart, and must not be moved to one side."""
    gold = np.random.default_rng(0).permutation(250).astype(float)
    first = gold + np.random.default_rng(1).normal(size=250) * 50
    one, other = np.argsort(first)[100:102]
    second = first.copy()
    second[[one, other]] = first[[other, one]]
    panel = Panel((Benchmarked("b", (Sample(gold, np.column_stack([first, second]), np.arange(250)),)),), 250)
    (found,) = panel.differences(panel.draws(999, 0), pairs_of(2))
    assert found.value != 0
    assert (found.draws == 0).mean() > 0.5
    assert found.draws.std(ddof=1) < found.error * 1.5
    assert bootstrap_p(found.draws) == 1
    assert min(percentile(found.draws)) == 0 or max(percentile(found.draws)) == 0


def test_equal_figures_are_not_told_apart_by_rounding_errors() -> None:
    assert influence_test(6.7e-16, 0.0)[1] == influence_test(-6.7e-16, 1e-10)[1] == 1


def test_influence_test_is_a_z_test() -> None:
    interval, p = influence_test(0.0196, 0.01)
    assert interval.low == pytest.approx(0, abs=1e-6)
    assert p == pytest.approx(0.05, abs=1e-4)
    assert influence_test(0.0, 0.0) == ((0.0, 0.0), 1.0)


def test_zou_p_is_where_the_interval_begins_to_hold_zero() -> None:
    first, second, between, n = 0.82, 0.80, 0.90, 1379
    interval, p = zou_test(first, second, between, n)
    assert interval.low < 0.02 < interval.high
    at_p = zou((first, bonett_wright(first, n, 1 - p)), (second, bonett_wright(second, n, 1 - p)), between)
    assert at_p.low == pytest.approx(0, abs=1e-8)
    assert zou_test(second, first, between, n)[1] == pytest.approx(p, rel=1e-6)
    assert zou_test(0.8, 0.8, 0.9, 100)[1] == 1
    assert zou_test(0.8, 0.8 + 1e-15, 0.9, 100)[1] == zou_test(0.8 + 1e-15, 0.8, 0.9, 100)[1] == 1


def test_rank_permutation_is_that_of_a_loop_with_ranks_made_anew() -> None:
    generator = np.random.default_rng(0)
    gold = np.round(generator.normal(size=40), 1)
    first, second = np.round(gold + generator.normal(size=40), 1), gold + 1.6 * generator.normal(size=40)
    ranks = rankdata(first), rankdata(second)
    observed = abs(spearmanr(gold, first).statistic - spearmanr(gold, second).statistic)
    swapped = np.random.default_rng(1).integers(0, 2, size=(40, 100))
    extreme = 0
    for column in swapped.T:
        one, other = np.where(column == 1, ranks[1], ranks[0]), np.where(column == 1, ranks[0], ranks[1])
        extreme += abs(spearmanr(gold, one).statistic - spearmanr(gold, other).statistic) >= observed - 1e-12
    p = rank_permutation(gold, first, second, resamples=100, generator=np.random.default_rng(1))
    assert p == pytest.approx((extreme + 1) / 101)
    assert 0.02 < p < 0.98


def test_rank_permutation_of_one_system_with_itself() -> None:
    gold = np.arange(20.0)
    scores = np.sin(gold)
    assert rank_permutation(gold, scores, scores, resamples=50, generator=np.random.default_rng(0)) == 1
    assert math.isfinite(rank_permutation(gold, scores, gold, resamples=50, generator=np.random.default_rng(0)))
