from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from stsbench.stats.intervals import percentile
from stsbench.stats.metrics import spearman
from stsbench.stats.orders import Order
from stsbench.stats.resampling import CHUNK, Sample, bootstrap, draw, fingerprint, generator_of, resamplable, shared_units
from stsbench.stats.weights import Counts


def data(n: int, systems: int = 2, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    gold = np.round(generator.normal(size=n), 1)
    return gold, np.round(gold[:, None] + generator.normal(size=(n, systems)), 2)


def test_draws_are_those_of_a_loop_over_the_same_index_sets() -> None:
    gold, scores = data(60, 3)
    found = bootstrap([Sample(gold, scores, np.arange(60))], 60, resamples=CHUNK + 5, generator=generator_of([7]))
    generator = generator_of([7])
    sets = np.concatenate([generator.integers(0, 60, size=(columns, 60)) for columns in (CHUNK, 5)])
    expected = [[stats.spearmanr(gold[rows], column[rows]).statistic for column in scores.T] for rows in sets]
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=1e-12)


def test_counts_are_those_of_what_the_generator_draws() -> None:
    drawn = np.concatenate(list(draw(30, CHUNK + 3, generator_of([1]))), axis=1)
    generator = generator_of([1])
    chosen = np.concatenate([generator.integers(0, 30, size=(columns, 30)) for columns in (CHUNK, 3)])
    np.testing.assert_array_equal(drawn, (chosen[:, None, :] == np.arange(30)[:, None]).sum(axis=2).T)
    assert all(counts.flags.c_contiguous and counts.dtype == np.float32 for counts in draw(30, 5, generator_of([1])))


@pytest.mark.parametrize("columns", [1, 31, 33, 64, 79, CHUNK])
@pytest.mark.parametrize("weighted", [False, True])
def test_resamples_are_computed_some_at_a_time_to_the_same_bits(columns: int, weighted: bool) -> None:
    gold, scores = data(700, 2)
    scores[:, 1] += np.random.default_rng(3).normal(size=700)  # without ties
    counts: Counts = next(draw(700, columns, generator_of([5])))
    if weighted:
        counts = counts * np.random.default_rng(4).uniform(0.1, 3, size=(700, 1))
    at_once = spearman._under(Order.of(gold), [Order.of(column) for column in scores.T], counts)
    np.testing.assert_array_equal(spearman.spearman_under(gold, scores)(counts), at_once)


def test_counts_are_resamples() -> None:
    drawn = np.concatenate(list(draw(30, 2 * CHUNK + 3, generator_of([1]))), axis=1)
    assert drawn.shape == (30, 2 * CHUNK + 3)
    np.testing.assert_array_equal(drawn.sum(axis=0), 30)
    assert drawn.mean() == pytest.approx(1)
    assert drawn.var() == pytest.approx(1 - 1 / 30, rel=0.1)


def test_interval_agrees_with_scipy() -> None:
    gold, scores = data(200)
    ours = bootstrap([Sample(gold, scores[:, :1], np.arange(200))], 200, resamples=4000, generator=generator_of([0]))[:, 0, 0]
    theirs = stats.bootstrap(
        (gold, scores[:, 0]), lambda a, b: stats.spearmanr(a, b).statistic, paired=True, vectorized=False, n_resamples=1000,
        method="percentile", random_state=np.random.default_rng(1),
    )  # fmt: skip
    low, high = percentile(ours)
    assert low == pytest.approx(theirs.confidence_interval.low, abs=4 * theirs.standard_error * 0.1)
    assert high == pytest.approx(theirs.confidence_interval.high, abs=4 * theirs.standard_error * 0.1)
    assert ours.std() == pytest.approx(theirs.standard_error, rel=0.12)


def test_lists_that_share_pairs_share_their_draw() -> None:
    gold, scores = data(50)
    (first, second), units = shared_units([[f"a{row}" for row in range(50)], [f"a{row}" for row in reversed(range(50))]])
    assert units == 50
    samples = [Sample(gold, scores, first), Sample(gold[::-1], scores[::-1], second)]
    found = bootstrap(samples, units, resamples=20, generator=generator_of([0]))
    np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=0, atol=1e-12)


def test_a_key_twice_in_one_list_is_two_units() -> None:
    rows, units = shared_units([["x", "x", "y"], ["x", "z"]])
    assert [one.tolist() for one in rows] == [[0, 1, 2], [0, 3]]
    assert units == 4


def test_a_cluster_comes_and_goes_as_one() -> None:
    gold, scores = data(40)
    clusters = np.repeat(np.arange(20), 2)
    found = bootstrap([Sample(gold, scores, clusters)], 20, resamples=9, generator=generator_of([2]))
    generator = generator_of([2])
    for row, chosen in enumerate(generator.integers(0, 20, size=(9, 20))):
        rows = np.concatenate([[2 * one, 2 * one + 1] for one in chosen])
        assert found[row, 0, 0] == pytest.approx(stats.spearmanr(gold[rows], scores[rows, 0]).statistic, abs=1e-12)


def test_a_pair_counts_as_often_as_both_its_texts() -> None:
    sample = Sample(np.arange(3.0), np.arange(3.0)[:, None], np.array([0, 1, 2]), np.array([1, 2, 2]))
    drawn = np.array([[2], [3], [1]], dtype=np.float32)
    assert sample.counts(drawn).ravel().tolist() == [6, 3, 1]


def test_nearly_constant_values_cannot_be_resampled() -> None:
    values = np.zeros(100)
    values[0] = 1
    assert not resamplable(values, 9999)
    assert resamplable(np.arange(100.0), 9999)
    with pytest.raises(ValueError, match="constant"):
        bootstrap([Sample(np.arange(100.0), values[:, None], np.arange(100))], 100, resamples=500, generator=generator_of([0]))


@pytest.mark.parametrize("resamples", [0, -1])
def test_resamples_are_at_least_one(resamples: int) -> None:
    gold, scores = data(20)
    with pytest.raises(ValueError, match="at least 1"):
        bootstrap([Sample(gold, scores, np.arange(20))], 20, resamples=resamples, generator=generator_of([0]))


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Sample(np.array([1.0, np.nan]), np.ones((2, 1)), np.arange(2))


def test_fingerprint_tells_draws_apart() -> None:
    first, again, other = fingerprint(30, 999, [1]), fingerprint(30, 999, [1]), fingerprint(30, 999, [2])
    assert first == again
    assert first["counts_crc32"] != other["counts_crc32"]
    assert first["numpy"] == np.__version__
    assert first["seed"] == "1"
