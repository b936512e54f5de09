"""The share of triplets in the right order: known answers, counting as oracle, resamples and influence."""

from __future__ import annotations

import numpy as np
import pytest

from stsbench.stats.metrics.triplets import triplet_accuracy, triplet_accuracy_influence, triplet_accuracy_under

GOLD = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
SCORES = np.array([0.9, 0.5, 0.2, 0.3, 0.1, 0.5, 0.4, 0.2])


def test_the_known_answer() -> None:
    """Right, tied, wrong, right: 2.5 of 4."""
    assert triplet_accuracy(GOLD, SCORES) == 0.625
    assert triplet_accuracy(GOLD, SCORES, np.array([2.0, 1, 0, 1, 9, 9, 9, 9])) == 0.875
    assert triplet_accuracy(GOLD, -SCORES) == 0.375


def test_resamples_are_those_of_triplets_written_out() -> None:
    generator = np.random.default_rng(0)
    scores = generator.normal(size=(40, 3)).round(1)
    gold = np.repeat([1.0, 0.0], 20)
    counts = generator.integers(0, 4, size=(40, 6)).astype(np.float32)
    under = triplet_accuracy_under(gold, scores)(counts)
    for draw, drawn in enumerate(counts[:20].T.astype(int)):
        rows = np.repeat(np.arange(20), drawn)
        for system, column in enumerate(scores.T):
            near, far = column[:20][rows], column[20:][rows]
            assert under[draw, system] == pytest.approx(((near > far) + 0.5 * (near == far)).mean(), abs=1e-6)


def test_the_influence_is_the_derivative_and_its_norm_the_standard_error_of_a_share() -> None:
    figure, influence = triplet_accuracy_influence(GOLD, SCORES)
    step = 1e-6
    for row in range(len(GOLD)):
        weights = np.ones(len(GOLD))
        weights[row] += step
        assert (triplet_accuracy(GOLD, SCORES, weights) - figure) / step * len(GOLD) == pytest.approx(influence[row], abs=1e-4)
    right = np.array([1, 0.5, 0, 1])
    assert np.linalg.norm(influence) / len(GOLD) == pytest.approx(right.std() / np.sqrt(4), abs=1e-12)
    assert influence.sum() == pytest.approx(0, abs=1e-12)


def test_pairs_that_are_not_of_triplets_are_refused() -> None:
    with pytest.raises(ValueError, match="as many pairs"):
        triplet_accuracy(GOLD[:-1], SCORES[:-1])
    with pytest.raises(ValueError, match="there must be a triplet"):
        triplet_accuracy(GOLD, SCORES, np.array([0.0, 0, 0, 0, 1, 1, 1, 1]))
    with pytest.raises(ValueError, match="there must be a triplet"):
        triplet_accuracy_under(GOLD, SCORES[:, None])(np.zeros((8, 1), np.float32))
