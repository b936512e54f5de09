"""Pairs drawn of texts alone: what is drawn, how likely each was, and that the weights give what is true of all pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stsbench.stats.pairing import NEIGHBOURS, STRATA, DrawnPairs, draw_pairs, nearest

Matrix = np.ndarray[Any, Any]


def system(texts: int, seed: int) -> Matrix:
    """Cosines of texts that stand around some topics."""
    generator = np.random.default_rng(seed)
    topics = np.random.default_rng(0).normal(size=(max(2, texts // 5), 8))
    vectors = topics[np.arange(texts) % len(topics)] + generator.normal(scale=0.6, size=(texts, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


def score(systems: list[Matrix]) -> Callable[..., Any]:
    return lambda left, right: np.column_stack([one[left, right] for one in systems])


def drawn(systems: list[Matrix], size: int, seed: int = 0) -> DrawnPairs:
    texts = len(systems[0])
    found = [nearest(lambda rows, one=one: one[rows].copy(), texts) for one in systems]  # type: ignore[misc]
    return draw_pairs(texts, found, score(systems), size, np.random.default_rng(seed))


@pytest.mark.parametrize("texts", [5, NEIGHBOURS + 1, 300])
def test_neighbours_are_those_of_a_full_sort_and_never_the_text_itself(texts: int) -> None:
    scores = system(texts, 1)
    found = nearest(lambda rows: scores[rows].copy(), texts)
    for row in range(texts):
        order = [other for other in np.argsort(-scores[row]).tolist() if other != row]
        assert set(found[row].tolist()) == set(order[:NEIGHBOURS])


def test_few_texts_are_scored_with_all_others_at_a_time() -> None:
    def block(rows: Any) -> Matrix:
        raise MemoryError(len(rows))

    with pytest.raises(MemoryError) as asked:
        nearest(block, 50_000)
    assert 1 <= asked.value.args[0] <= 2**25 / (50_000 * 8)


@pytest.mark.parametrize(("texts", "size"), [(60, 60), (700, 300), (700, 299)])
def test_pairs_are_of_two_texts_and_each_is_drawn_once(texts: int, size: int) -> None:
    pairs = drawn([system(texts, 1), system(texts, 2)], size)
    assert len(pairs) == size
    assert (pairs.left < pairs.right).all()
    assert len(set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))) == size
    assert np.bincount(pairs.stratum).tolist()[1:] == pytest.approx([size / STRATA] * STRATA, abs=1)


@pytest.mark.parametrize(("texts", "size"), [(60, 60), (700, 300), (40, 5000)])
def test_weights_sum_to_the_number_of_all_pairs(texts: int, size: int) -> None:
    pairs = drawn([system(texts, 1), system(texts, 2)], size)
    assert pairs.population == texts * (texts - 1) // 2
    assert pairs.weights.sum() == pytest.approx(pairs.population)
    assert (pairs.weights >= 1 - 1e-12).all()


def test_all_pairs_are_taken_where_there_are_no_more() -> None:
    pairs = drawn([system(12, 1)], 66)
    assert len(pairs) == 66
    assert pairs.weights == pytest.approx(np.ones(66))


def test_most_alike_pairs_are_all_in_and_the_least_alike_stand_for_nearly_everything() -> None:
    scores = system(700, 1)
    pairs = drawn([scores], 300)
    left, right = np.triu_indices(700, 1)
    top = np.argsort(-scores[left, right])[:49]
    assert {(left[row], right[row]) for row in top} <= set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    assert pairs.weights[pairs.stratum == 1] == pytest.approx(np.ones(50))
    assert pairs.weights[pairs.stratum == STRATA].sum() > 0.7 * pairs.population
    means = [scores[pairs.left, pairs.right][pairs.stratum == one].mean() for one in range(1, STRATA + 1)]
    assert means == sorted(means, reverse=True)


def test_every_pair_is_drawn_as_often_as_its_weight_says() -> None:
    """Over many draws the weights of a pair sum to their number: the estimate of any total is right on average."""
    systems = [system(400, 1), system(400, 2)]
    found = [nearest(lambda rows, one=one: one[rows].copy(), 400) for one in systems]  # type: ignore[misc]
    left, right = np.triu_indices(400, 1)
    agreeing = (systems[0] > 0.5) & (systems[1] > 0.5)
    truth = [systems[0][left, right].mean(), agreeing[left, right].mean(), (left % 7 == 0).mean()]
    estimates = []
    for seed in range(60):
        pairs = draw_pairs(400, found, score(systems), 240, np.random.default_rng(seed))
        shares = pairs.weights / pairs.weights.sum()
        rows = pairs.left, pairs.right
        estimates.append([shares @ systems[0][rows], shares @ agreeing[rows], shares @ (pairs.left % 7 == 0)])
    means, errors = np.mean(estimates, axis=0), np.std(estimates, axis=0, ddof=1) / np.sqrt(60)
    assert (np.abs(means - truth) < 3.5 * errors).all()


def test_a_draw_is_made_anew_from_its_seed_and_a_system_twice_counts_once() -> None:
    first, second = system(300, 1), system(300, 2)
    pairs = drawn([first, second], 120)
    same = drawn([first, second], 120)
    assert (pairs.left == same.left).all()
    doubled = drawn([first, second, second * 3 - 1], 120)
    assert (pairs.left == doubled.left).all()
    assert (pairs.weights == doubled.weights).all()
    assert (pairs.left != drawn([first, second], 120, seed=1).left).any()


def test_systems_that_tell_nothing_apart_still_give_pairs() -> None:
    pairs = drawn([np.zeros((200, 200))], 60)
    assert len(pairs) == 60
    assert pairs.weights.sum() == pytest.approx(200 * 199 / 2)


def test_one_text_makes_no_pair() -> None:
    with pytest.raises(ValueError, match="two texts"):
        draw_pairs(1, [], score([np.zeros((1, 1))]), 5, np.random.default_rng(0))
