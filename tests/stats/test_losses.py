"""Against loops over pairs and triplets, and against torch's own losses by hand-known values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stsbench.contracts.data import Pairs
from stsbench.stats.agreement import mean_rating
from stsbench.stats.losses import contrastive_loss, cosine_loss, is_bounded, reaching, scaled_gold, triplet_figures


def drawn(seed: int, n: int = 60, texts: int = 20) -> tuple[Pairs, np.ndarray]:
    generator = np.random.default_rng(seed)
    left, right = generator.integers(0, texts, size=(2, n))
    gold = generator.integers(0, 6, size=n) / 5
    scores = np.round(gold + generator.normal(size=n) / 3, 1)
    return Pairs(tuple(f"t{one}" for one in left), tuple(f"t{one}" for one in right), gold), np.clip(scores, -1, 1)


def all_triplets(pairs: Pairs, gap: float) -> list[tuple[int, int]]:
    found = []
    sides = [
        (row, text, other)
        for row in range(len(pairs))
        for text, other in {(pairs.left[row], pairs.right[row]), (pairs.right[row], pairs.left[row])}
    ]
    for high, anchor, positive in sides:
        for low, same, negative in sides:
            if anchor == same and positive != negative and pairs.gold[high] - pairs.gold[low] >= gap - 1e-12:
                found.append((high, low))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_triplets_are_those_that_a_loop_finds(seed: int) -> None:
    pairs, scores = drawn(seed)
    wanted = all_triplets(pairs, 0.4)
    found = triplet_figures(pairs, pairs.gold, scores, 0.4, margin=0.3)
    assert found.n == len(wanted) > 50
    assert found.accuracy == pytest.approx(np.mean([scores[high] > scores[low] for high, low in wanted]))
    assert found.tied == pytest.approx(np.mean([scores[high] == scores[low] for high, low in wanted]))
    assert found.loss == pytest.approx(np.mean([max(0.0, 0.3 - scores[high] + scores[low]) for high, low in wanted]))


def test_pairs_that_share_no_text_make_no_triplet() -> None:
    pairs = Pairs(("a", "b"), ("c", "d"), np.array([0.0, 1.0]))
    assert triplet_figures(pairs, pairs.gold, pairs.gold, 0.2).accuracy is None
    assert triplet_figures(pairs, pairs.gold, pairs.gold, 0.2).n == 0
    with pytest.raises(ValueError, match="above 0"):
        triplet_figures(pairs, pairs.gold, pairs.gold, 0.0)


def test_losses_are_those_of_a_loop() -> None:
    pairs, scores = drawn(3)
    positive = pairs.gold >= 0.8
    assert cosine_loss(pairs.gold, scores) == pytest.approx(np.mean([(s - g) ** 2 for s, g in zip(scores, pairs.gold, strict=True)]))
    one_by_one = [
        0.5 * (1 - s) ** 2 if p else 0.5 * max(0.0, 0.5 - (1 - s)) ** 2 for s, p in zip(scores.tolist(), positive.tolist(), strict=True)
    ]
    assert contrastive_loss(positive, scores) == pytest.approx(np.mean(one_by_one))


def test_losses_by_hand() -> None:
    assert cosine_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])) == 0.25
    assert contrastive_loss(np.array([True, False]), np.array([0.5, 0.8])) == pytest.approx((0.125 + 0.045) / 2)


def test_gold_is_scaled_by_its_scale_and_not_by_what_occurs() -> None:
    assert scaled_gold(np.array([1.0, 4.0]), 0, 5).tolist() == [0.2, 0.8]
    with pytest.raises(ValueError, match="from 1 to 6 are not of a scale from 0 to 5"):
        scaled_gold(np.array([1.0, 6.0]), 0, 5)


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3), st.integers(0, 50))
def test_a_grade_is_reached_by_the_exact_mean_of_ratings(tenths: list[int], least: int) -> None:
    mean = mean_rating(np.array([tenths]) / 10)  # of 3, 3 and 3.6 it is 3.1999999999999997
    assert reaching(mean, least / 10).tolist() == [Fraction(sum(tenths), 3) >= least]


def test_distances_are_not_scores_of_a_bounded_similarity() -> None:
    assert is_bounded(np.array([1.0000000002, -1]))
    assert not is_bounded(np.array([-3.0, 0]))
