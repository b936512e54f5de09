"""Rank correlations against scipy's, and inversions against counting every pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from stsbench.stats.metrics.kendall import Inversions, kendall
from stsbench.stats.metrics.pearson import pearson
from stsbench.stats.metrics.spearman import spearman
from stsbench.stats.orders import midranks


def count_inversions(ranks: NDArray[np.intp]) -> int:
    inversions, alone = Inversions.of(ranks, np.arange(len(ranks))), np.ones((len(ranks), 1))
    assert inversions.each(alone[:, 0]).sum() == 2 * inversions.weight(alone)[0]
    return int(inversions.weight(alone)[0])


@given(st.lists(st.integers(0, 40), max_size=60))
def test_inversions_are_those_of_every_pair(ranks: Sequence[int]) -> None:
    expected = sum(ranks[i] > ranks[j] for i in range(len(ranks)) for j in range(i + 1, len(ranks)))
    assert count_inversions(np.array(ranks, dtype=np.intp)) == expected


def test_inversions_by_hand() -> None:
    assert count_inversions(np.array([2, 0, 1, 0], dtype=np.intp)) == 4  # 2 is ahead of three smaller ones, 1 of one
    assert count_inversions(np.arange(7)[::-1].copy()) == 21
    assert count_inversions(np.array([], dtype=np.intp)) == 0


@pytest.mark.parametrize("levels", [2, 6, 10**9])
@pytest.mark.parametrize("n", [2, 3, 50, 4097])
def test_each_correlation_is_that_of_scipy(n: int, levels: int) -> None:
    generator = np.random.default_rng(n)
    gold = generator.integers(0, levels, n).astype(np.float64)
    scores = np.round(gold / levels + generator.normal(scale=0.3, size=n), 1)
    gold[:2], scores[:2] = [0.0, 1.0], [0.0, 0.5]  # not constant
    assert np.array_equal(midranks(scores), stats.rankdata(scores))
    assert spearman(gold, scores) == pytest.approx(stats.spearmanr(gold, scores).statistic, abs=1e-13)
    assert pearson(gold, scores) == pytest.approx(np.corrcoef(gold, scores)[0, 1], abs=1e-13)
    assert kendall(gold, scores) == pytest.approx(stats.kendalltau(gold, scores).statistic, abs=1e-13)
    assert kendall(gold, -scores) == -kendall(gold, scores)


def test_perfect_agreement_is_one() -> None:
    values = np.random.default_rng(0).normal(size=1001)
    assert spearman(values, values**3) == kendall(values, values**3) == 1.0
    assert spearman(values, -values) == kendall(values, -values) == -1.0
