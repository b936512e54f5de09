"""What is found in the pairs of a benchmark, on lists small enough to count by hand."""

from __future__ import annotations

import numpy as np

from stsbench.audit.pairs import Conflict, labels_of, overlap_of, repeats_of, texts_of
from stsbench.contracts.data import Pairs

PAIRS = Pairs(
    ("A dog runs.", "a Dog runs !", "It is raining", "A cat", "same", "", "A dog runs."),
    ("A cat sleeps.", "A cat sleeps", "a dog, runs", "a  cat", "same.", "text", "A cat sleeps."),
    np.array([1.0, 1.0, 2.0, 5.0, 5.0, 0.0, 3.5]),
    ("x", "x", "y", "y", "y", "z", "z"),
)


def test_texts_are_counted_as_written_and_compared_as_normalised() -> None:
    found = texts_of(PAIRS)
    assert (found.total, found.unique, found.empty, found.identical) == (14, 12, 1, 2)
    assert found.repetition == 14 / 12


def test_repeats_go_by_words_in_either_order() -> None:
    found = repeats_of(PAIRS)
    assert (found.pairs, found.rows, found.swapped) == (1, 3, 0)
    assert found.conflicts == (Conflict((0, 1, 6), (1.0, 1.0, 3.5)),)
    assert found.conflicting_rows == 3


def test_a_swapped_pair_is_a_repeated_one_and_the_widest_conflict_comes_first() -> None:
    pairs = Pairs(("a", "b", "c", "d", "e", "e"), ("b", "a", "d", "c", "e", "e"), np.array([1.0, 2.0, 0.0, 5.0, 4.0, 4.0]))
    found = repeats_of(pairs)
    assert (found.pairs, found.rows, found.swapped) == (3, 6, 2)
    assert [one.gold for one in found.conflicts] == [(0.0, 5.0), (1.0, 2.0)]


def test_scores_out_of_range_and_hidden_ones() -> None:
    gold = np.array([0.0, 5.0, -1.0, 5.5, -1.0])
    pairs = Pairs(tuple("abcde"), tuple("fghij"), gold)
    found = labels_of(pairs, (0.0, 5.0))
    assert (found.lowest, found.highest, found.distinct, found.outside, found.hidden) == (-1.0, 5.5, 4, 3, 2)
    assert labels_of(pairs, None).outside is None
    signed = Pairs(tuple("abc"), tuple("def"), np.array([-1.0, -0.5, 1.0]))
    assert labels_of(signed, (-1.0, 1.0)).hidden == 0


def test_overlap_counts_rows_on_both_sides() -> None:
    other = Pairs(
        ("a cat sleeps", "A DOG RUNS", "new"), ("a dog runs", "A CAT SLEEPS", "pair"), np.array([1.0, 2.0, 3.0]), ("old", "old", "new")
    )
    found = overlap_of(PAIRS, other)
    assert (found.distinct, found.here, found.there, found.of_here, found.of_there) == (1, 3, 2, 7, 3)
    assert found.groups == {"old": 2}
    assert overlap_of(other, PAIRS).groups == {"x": 2, "z": 1}
