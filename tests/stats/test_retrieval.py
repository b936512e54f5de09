"""Against sorting by hand, one query at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from stsbench.stats.retrieval import neighbour_accuracy, ranking, target_ranks


def block_of(scores: np.ndarray) -> Callable[..., Any]:
    return lambda rows: scores[rows].copy()


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_ranks_are_those_of_a_sorted_list(scale: float) -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=(600, 40))
    scores[:, 0] = np.nan
    targets = generator.integers(1, 40, size=600)
    ranks = target_ranks(block_of(scores * scale), np.arange(600), targets)
    for query in range(600):
        order = sorted(range(1, 40), key=lambda place: -scores[query, place])
        assert ranks[query] == order.index(targets[query]) + 1


def test_tied_candidates_share_their_rank() -> None:
    ranks = target_ranks(block_of(np.array([[0.5, 0.5 + 1e-13, 0.5, 0.9]])), np.array([0]), np.array([0]))
    assert ranks.tolist() == [3.0]  # places 2, 3 and 4
    with pytest.raises(ValueError, match="no candidate of its own query"):
        target_ranks(block_of(np.array([[np.nan, 1.0]])), np.array([0]), np.array([0]))


def test_a_number_that_stands_for_a_missing_score_ties_no_candidates() -> None:
    generator = np.random.default_rng(3)
    scores = generator.normal(size=(60, 40))
    scores[7, 30] = -1e30
    ranks = target_ranks(block_of(scores), np.arange(60), np.zeros(60, dtype=np.intp))
    np.testing.assert_array_equal(ranks, 1 + (scores > scores[:, :1]).sum(axis=1))


def test_relative_scores_are_told_apart_however_small() -> None:
    logarithms = np.random.default_rng(4).uniform(-80, 0, size=(60, 40))
    expected = 1 + (logarithms > logarithms[:, :1]).sum(axis=1)
    block, queries, first = block_of(np.exp(logarithms)), np.arange(60), np.zeros(60, dtype=np.intp)
    np.testing.assert_array_equal(target_ranks(block, queries, first, relative=True), expected)
    assert (target_ranks(block, queries, first) != expected).any()
    labels = np.arange(40) % 3
    square = np.exp(logarithms[:40] - 60)
    np.fill_diagonal(square, np.nan)
    nearest = labels[np.nanargmax(square, axis=1)] == labels
    assert neighbour_accuracy(block_of(square), labels, relative=True) == (40, nearest.mean())


def test_reciprocal_ranks_and_hits() -> None:
    found = ranking(np.array([1.0, 2.0, 4.0, 20.0]), 30)
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 20) / 4)
    assert found.hits == ((1, 0.25), (3, 0.5), (10, 0.75))


def test_neighbours_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 4, size=300)
    vectors = generator.normal(size=(300, 5)) + labels[:, None]
    scores = -np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    np.fill_diagonal(scores, np.nan)
    n, found = neighbour_accuracy(block_of(scores), labels)
    left_out = [
        KNeighborsClassifier(1).fit(np.delete(vectors, row, 0), np.delete(labels, row)).predict(vectors[row : row + 1])[0] == labels[row]
        for row in range(0, 300, 10)
    ]
    own = [labels[int(np.nanargmax(scores[row]))] == labels[row] for row in range(0, 300, 10)]
    assert own == left_out
    assert n == 300
    assert found == pytest.approx(np.mean([labels[int(np.nanargmax(row))] == label for row, label in zip(scores, labels)]))  # noqa: B905


def test_tied_neighbours_count_in_part_and_texts_without_one_not_at_all() -> None:
    scores = np.array([[np.nan, 1.0, 1.0], [1.0, np.nan, 0.0], [np.nan] * 3])
    assert neighbour_accuracy(block_of(scores), np.array([0, 0, 1])) == (2, 0.75)
    with pytest.raises(ValueError, match="no text has a candidate"):
        neighbour_accuracy(block_of(np.full((3, 3), np.nan)), np.array([0, 0, 1]))
