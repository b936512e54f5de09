"""Pairs are drawn with the chances that are said, and what they stand for sums to the pool without bias."""

from __future__ import annotations

import numpy as np
import pytest

from stsbench.contracts.data import Float64, Index
from stsbench.stats.choosing.drawing import propose
from stsbench.stats.choosing.labels import Labelled
from stsbench.stats.choosing.pool import PairPool


def scores(pairs: int, systems: int, seed: int = 0) -> Float64:
    generator = np.random.default_rng(seed)
    return generator.standard_normal((pairs, 1)) + generator.gamma(1.0, 1.0, (pairs, systems))


def none() -> Index:
    return np.array([], dtype=np.intp)


def test_components_give_the_ranks_back() -> None:
    pool = PairPool.of(scores(60, 5))
    np.testing.assert_allclose(pool.features @ pool.loadings.T, pool.ranks, atol=1e-9)
    np.testing.assert_allclose(pool.features.T @ pool.features / 60, np.eye(5), atol=1e-9)
    assert (pool.shares @ pool.loadings > 0).all()


def test_a_system_given_twice_counts_once() -> None:
    plain = scores(60, 3)
    pool = PairPool.of(np.column_stack([plain, plain[:, 1], np.exp(plain[:, 1])]))
    assert pool.first.tolist() == [0, 1, 2, 1, 1]
    np.testing.assert_allclose(pool.shares, np.array([3, 1, 3, 1, 1]) / 9)
    alone = propose(PairPool.of(plain), none(), 20, None, np.random.default_rng(1))
    copied = propose(pool, none(), 20, None, np.random.default_rng(1))
    assert alone.rows.tolist() == copied.rows.tolist()
    np.testing.assert_allclose(alone.chances, copied.chances)


@pytest.mark.parametrize("order", [[0, 1, 2], [1, 0, 2], [2, 1, 0]])
def test_near_duplicates_of_a_system_are_so_whatever_stands_for_them(order: list[int]) -> None:
    generator = np.random.default_rng(4)
    middle = generator.standard_normal(2000)
    near, far = (middle + spread * generator.standard_normal(2000) for spread in (0.1, 0.19))
    pool = PairPool.of(np.column_stack([middle, near, far])[:, order])
    places = [order.index(system) for system in range(3)]  # of middle, near and far
    correlations = (pool.ranks.T @ pool.ranks / 2000)[np.ix_(places, places)]
    assert correlations[0, 1] > correlations[0, 2] > 0.98 > correlations[1, 2], "the middle one is like both, which are not like each other"
    assert pool.unlike(places[0]).size == 0
    unlike = {places.index(place) for place in pool.unlike(places[1]).tolist()}
    assert unlike == (set() if order[0] == 0 else {2}), "a set counts as one, and else only what is like it"


@pytest.mark.parametrize(
    "given",
    [np.ones((5, 2)), np.array([[1.0, np.nan], [2.0, 1.0]]), np.ones((1, 1)), np.arange(4.0)],
    ids=["constant", "nan", "one", "flat"],
)
def test_scores_that_rank_nothing_are_refused(given: Float64) -> None:
    with pytest.raises(ValueError, match=r"pool is|ranks none"):
        PairPool.of(given)


def test_pairs_are_drawn_as_often_as_their_chances_say() -> None:
    pool = PairPool.of(scores(12, 3))
    times, chances = np.zeros(12), np.zeros(12)
    generator, repetitions = np.random.default_rng(2), 1500
    for _ in range(repetitions):
        drawn = propose(pool, np.array([3, 4]), 4, np.array([0.5, 0.3, 0.2]), generator)
        assert len(set(drawn.rows.tolist())) == 4
        times[drawn.rows] += 1
        chances[drawn.rows] = drawn.chances
    assert chances[[3, 4]].tolist() == [0, 0]
    assert chances.sum() == pytest.approx(4)
    assert (np.abs(times / repetitions - chances) <= 4 * np.sqrt(chances * (1 - chances) / repetitions) + 1e-12).all()


def test_pairs_on_which_candidates_disagree_are_drawn_more_often() -> None:
    plain = np.arange(40.0)[:, None].repeat(2, axis=1)
    plain[[5, 30], 1] = plain[[30, 5], 1]
    drawn = propose(PairPool.of(plain), none(), 4, None, np.random.default_rng(0))
    chances = dict(zip(drawn.rows.tolist(), drawn.chances.tolist(), strict=True))
    assert {5, 30} <= set(chances)
    assert chances[5] == chances[30] == 1


def test_candidates_that_are_all_alike_draw_evenly() -> None:
    drawn = propose(PairPool.of(np.arange(10.0)[:, None].repeat(3, axis=1)), none(), 5, None, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.chances, 0.5)


def test_the_whole_pool_can_be_drawn_and_no_more() -> None:
    pool = PairPool.of(scores(8, 2))
    drawn = propose(pool, np.array([0]), 7, None, np.random.default_rng(0))
    assert sorted(drawn.rows.tolist()) == list(range(1, 8))
    np.testing.assert_allclose(drawn.chances, 1)
    with pytest.raises(ValueError, match="8 pairs cannot be drawn of 7"):
        propose(pool, np.array([0]), 8, None, np.random.default_rng(0))


def test_labels_sum_to_the_pool_without_bias_though_later_draws_depend_on_them() -> None:
    plain, values = scores(14, 3), np.random.default_rng(5).standard_normal(14) * np.arange(14)
    pool, generator, sums = PairPool.of(plain), np.random.default_rng(3), []
    for _ in range(700):
        first = propose(pool, none(), 3, None, generator)
        seen = np.eye(3)[np.abs(values[first.rows]).argmax()] * 3 + 0.5  # what is drawn next hangs on what was seen
        second = propose(pool, first.rows, 4, seen, generator)
        labels = Labelled(
            np.concatenate([first.rows, second.rows]),
            np.repeat([0, 1], [3, 4]),
            np.concatenate([first.chances, second.chances]),
            values[np.concatenate([first.rows, second.rows])],
        )
        sums.append((labels.counts() @ labels.gold, labels.counts().sum()))
    means, errors = np.mean(sums, axis=0), np.std(sums, axis=0) / np.sqrt(len(sums))
    assert (np.abs(means - [values.sum(), 14]) <= 4 * errors).all()


def test_counts_by_hand() -> None:
    labels = Labelled(np.arange(5), np.array([1, 1, 2, 2, 2]), np.array([0.5, 0.25, 0.5, 0.5, 0.2]), np.array([1, 2, 3, np.nan, 4.0]))
    # the first draw gave half of 4 labels: 2 / 0.5 + 2 and 2 / 0.25 + 2; the second, of which one has no label: 3 / 0.5 and 3 / 0.2
    np.testing.assert_allclose(labels.counts(), np.array([6, 10, 6, 15]) / 4)
    assert labels.weights().mean() == pytest.approx(1)


@pytest.mark.parametrize(
    ("rows", "draws", "chances"),
    [([0, 0], [0, 0], [0.5, 0.5]), ([0, 1], [1, 0], [0.5, 0.5]), ([0, 1], [0, 0], [0.5, 0.0]), ([0, 1, 2], [0, 0], [0.5, 0.5])],
    ids=["twice", "order", "chance", "length"],
)
def test_labels_that_no_draw_can_have_given_are_refused(rows: list[int], draws: list[int], chances: list[float]) -> None:
    with pytest.raises(ValueError, match=r"drawn has one row|chances lie"):
        Labelled(np.array(rows), np.array(draws), np.array(chances), np.ones(len(rows)))
