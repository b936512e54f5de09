from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stsbench.stats.comparing.paired import pairs_of
from stsbench.stats.comparing.ranking import better_than, chance_of_best, letters, rank_sets


def symmetric(systems: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    differs = np.zeros((systems, systems), dtype=bool)
    for one, other in pairs:
        differs[one, other] = differs[other, one] = True
    return differs


def test_letters_when_only_the_ends_differ() -> None:
    assert letters(symmetric(3, [(0, 2)]), [0, 1, 2]) == ["a", "ab", "b"]


def test_letters_follow_the_order_given() -> None:
    assert letters(symmetric(3, [(0, 1), (0, 2)]), [1, 2, 0]) == ["b", "a", "a"]
    assert letters(symmetric(2, []), [0, 1]) == ["a", "a"]


@given(st.integers(2, 7).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))))
@settings(deadline=None)
def test_systems_share_a_letter_exactly_when_they_do_not_differ(case: tuple[int, list[tuple[int, int]]]) -> None:
    systems, pairs = case
    differs = symmetric(systems, [(one, other) for one, other in pairs if one != other])
    shown = letters(differs, list(range(systems)))
    for one in range(systems):
        for other in range(systems):
            assert bool(set(shown[one]) & set(shown[other])) != differs[one, other]


def test_many_letters_stay_apart() -> None:
    everything = ~np.eye(30, dtype=bool)
    shown = letters(everything, list(range(30)))
    assert shown[0] == "a"
    assert shown[26] == "aa"
    assert len(set(shown)) == 30


def test_rank_sets_count_what_is_significant() -> None:
    estimates = np.array([0.9, 0.8, 0.79, 0.5])
    better = better_than(estimates, np.array([0.2, 0.01, 0.01, 0.6, 0.01, 0.01]), pairs_of(4))
    assert rank_sets(better) == [(1, 2), (1, 3), (2, 3), (4, 4)]


def test_chance_of_best_shares_ties() -> None:
    assert chance_of_best(np.array([[1.0, 0, 0], [1, 1, 0], [0, 0, 2], [3, 0, 0]])) == pytest.approx([0.625, 0.125, 0.25])
