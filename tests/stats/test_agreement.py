"""Agreement of raters: known answers, the package `krippendorff` and an analysis of variance as oracles."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest

from stsbench.contracts.data import Float64
from stsbench.stats.agreement import agreement, alpha, reliability

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example C: 4 observers, 12 units; at the interval level .849
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, np.nan, np.nan, np.nan],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, np.nan, 3],
        [np.nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, np.nan],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, np.nan],
    ]
).T


def rated(seed: int, pairs: int = 60, raters: int = 4, missing: float = 0.3, apart: float = 0.6) -> Float64:
    """Ratings from 0 to 5 of raters with noise of .6, the last with `apart`."""
    generator = np.random.default_rng(seed)
    noise = np.array([0.6] * (raters - 1) + [apart])
    ratings = np.clip(np.round(2.5 + 1.4 * generator.normal(size=(pairs, 1)) + noise * generator.normal(size=(pairs, raters))), 0, 5)
    ratings[generator.random(ratings.shape) < missing] = np.nan
    return ratings


def test_alpha_is_the_published_one() -> None:
    assert alpha(PUBLISHED)[0] == pytest.approx(0.849, abs=5e-4)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_alpha_is_that_of_the_package(seed: int, shift: float) -> None:
    ratings = rated(seed, raters=2 + seed % 4) + shift
    expected = krippendorff.alpha(ratings.T, level_of_measurement="interval")
    assert alpha(ratings)[0] == pytest.approx(expected, abs=1e-9)


def test_alpha_of_a_resample_is_that_of_its_pairs_written_out() -> None:
    ratings, counts = rated(1), np.random.default_rng(2).integers(0, 4, size=(60, 5)).astype(float)
    for column, value in zip(counts.T, alpha(ratings, counts), strict=True):
        assert value == pytest.approx(alpha(np.repeat(ratings, column.astype(int), axis=0))[0], abs=1e-12)
    for column, value in zip(counts.T, reliability(ratings, counts), strict=True):
        assert value == pytest.approx(reliability(np.repeat(ratings, column.astype(int), axis=0))[0], abs=1e-12)


def test_reliability_of_the_mean_is_the_intraclass_correlation_of_an_analysis_of_variance() -> None:
    ratings = rated(3, missing=0)
    n, k = ratings.shape
    between = k * ratings.mean(axis=1).var(ddof=1)
    within = ((ratings - ratings.mean(axis=1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    assert reliability(ratings)[0] == pytest.approx((between - within) / between, abs=1e-12)


def test_the_ceiling_is_what_the_truth_correlates_with_the_mean() -> None:
    """With ratings of a known truth, the best system is that truth."""
    generator = np.random.default_rng(5)
    truth = generator.normal(size=(20_000, 1))
    ratings = truth + generator.normal(size=(20_000, 3)) * 1.2
    found = agreement(ratings, generator, resamples=20)
    assert found.ceiling == pytest.approx(np.corrcoef(truth[:, 0], ratings.mean(axis=1))[0, 1], abs=0.01)


def test_the_interval_holds_the_figure_of_many_more_pairs() -> None:
    """About 95 of 100 times; with 60 lists at least 51 (binomial, less than one in a thousand below)."""
    truth = alpha(rated(99, pairs=50_000))[0]
    held = 0
    for seed in range(60):
        found = agreement(rated(seed), np.random.default_rng(seed), resamples=400).alpha
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert held >= 51


def test_who_stands_apart_is_named_and_nobody_else() -> None:
    found = agreement(rated(7, pairs=120, apart=3.0), np.random.default_rng(0))
    assert [rater.apart for rater in found.by_rater] == [False, False, False, True]
    assert sum(rater.rated for rater in found.by_rater) == found.ratings == np.isfinite(rated(7, pairs=120, apart=3.0)).sum()
    alike = [agreement(rated(seed), np.random.default_rng(seed), resamples=400) for seed in range(40)]
    assert sum(any(rater.apart for rater in one.by_rater) for one in alike) <= 6  # 2 are expected


@pytest.mark.parametrize("scale", [1e-7, 1e-100, 1e100])
def test_the_scale_of_the_ratings_changes_nothing(scale: float) -> None:
    expected, found = (agreement(rated(4) * unit, np.random.default_rng(0), resamples=50) for unit in (1.0, scale))
    assert found.alpha.value == pytest.approx(expected.alpha.value, abs=1e-12)
    assert found.alpha.low == pytest.approx(expected.alpha.low, abs=1e-12)
    assert found.reliability.value == pytest.approx(expected.reliability.value, abs=1e-12)
    assert [one.correlation for one in found.by_rater] == pytest.approx([one.correlation for one in expected.by_rater], abs=1e-12)


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e100])
def test_rounding_is_no_spread(scale: float) -> None:
    assert np.isnan(alpha(np.full((7, 3), 0.1) * scale)).all()
    means_alike = np.array([[0.1, 0.2, 0.3], [0.2, 0.2, 0.2], [0.3, 0.0, 0.3]]) * scale
    assert np.isnan(reliability(means_alike)).all()
    raters_alike = np.column_stack([[1.0, 2.0, 4.0], means_alike])
    assert agreement(raters_alike, np.random.default_rng(0), resamples=2).by_rater[0].correlation is None


def test_what_is_not_determined_is_none_with_a_reason() -> None:
    generator = np.random.default_rng(0)
    same = agreement(np.full((5, 2), 3.0), generator)
    assert same.alpha.value is None
    assert "all of these are the same" in str(same.alpha.reason)
    apart = np.array([[1, np.nan], [np.nan, 2], [3, np.nan]])
    found = agreement(apart, generator)
    assert (found.alpha.value, found.reliability.value, found.ceiling) == (None, None, None)
    assert [rater.correlation for rater in found.by_rater] == [None, None]
    few = agreement(np.array([[1.0, 1.0], [2.0, 3.0], [np.nan, 1.0]]), generator)
    assert few.alpha.value is not None
    assert few.alpha.low is None
    assert few.alpha.reason == "too few pairs for an interval"
    with pytest.raises(ValueError, match="at least two columns"):
        agreement(np.zeros((3, 1)), generator)
