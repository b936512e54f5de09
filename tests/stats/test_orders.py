from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from stsbench.stats.metrics.spearman import spearman_under
from stsbench.stats.orders import BLOCK, midranks

Array = NDArray[np.float64]


def naive(gold: Array, scores: Array, counts: NDArray[np.float32]) -> float:
    rows = np.repeat(np.arange(len(gold)), counts.astype(int))
    return float(spearmanr(gold[rows], scores[rows]).statistic)


def multinomial(n: int, columns: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=columns).T.astype(np.float32)


@pytest.mark.parametrize("n", [10, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 333, 1379])
@pytest.mark.parametrize("gold_ties", [False, True])
def test_equals_a_loop_of_spearmanr_over_the_same_resamples(n: int, gold_ties: bool) -> None:
    generator = np.random.default_rng(n)
    truth = generator.normal(size=n)
    gold = np.round(truth * 2) if gold_ties else truth
    systems = [truth + generator.normal(size=n), np.round(truth + generator.normal(size=n), 1), (truth > 0).astype(float), -truth]
    counts = multinomial(n, 7, n)
    found = spearman_under(gold, np.column_stack(systems))(counts)
    expected = [[naive(gold, one, column) for one in systems] for column in counts.T]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_whole_resample_is_the_sample() -> None:
    gold, scores = np.array([1.0, 2, 3, 3, 3, 4]), np.array([2.0, 1, 3, 5, 4, 6])
    found = spearman_under(gold, scores[:, None])(np.ones((6, 1), np.float32))
    assert found[0, 0] == pytest.approx(spearmanr(gold, scores).statistic, abs=1e-15)


def test_tied_gold_caps_an_untied_system() -> None:
    gold, scores = np.array([1.0, 2, 3, 3, 3]), np.arange(5.0)
    found = spearman_under(gold, scores[:, None])(np.ones((5, 1), np.float32))
    assert found[0, 0] == pytest.approx(np.sqrt(1 - (27 - 3) / (125 - 5)), abs=1e-15)


def test_totals_may_differ_from_column_to_column() -> None:
    generator = np.random.default_rng(3)
    gold, scores = generator.normal(size=40), generator.integers(0, 5, size=40).astype(float)
    counts = generator.integers(0, 4, size=(40, 5)).astype(np.float32)
    found = spearman_under(gold, scores[:, None])(counts)
    np.testing.assert_allclose(found[:, 0], [naive(gold, scores, column) for column in counts.T], rtol=0, atol=1e-12)


def test_a_constant_resample_is_an_error_not_a_number() -> None:
    counts = np.array([[2], [0], [0]], dtype=np.float32)
    with pytest.raises(ValueError, match="constant"):
        spearman_under(np.arange(3.0), np.arange(3.0)[:, None])(counts)


def test_nothing_is_overwritten() -> None:
    counts = multinomial(50, 3, 0)
    before = counts.copy()
    values = np.random.default_rng(0).normal(size=50)
    spearman_under(values, np.column_stack([-values] * 2))(counts)
    np.testing.assert_array_equal(counts, before)


@pytest.mark.parametrize("values", [[3.0, 1, 2], [1.0, 1, 1], [2.0, 1, 2, 5, 5, 5], [7.0]])
def test_midranks_are_those_of_scipy(values: list[float]) -> None:
    np.testing.assert_array_equal(midranks(np.array(values)), rankdata(values))
