import numpy as np

from stsbench.stats.orders import as_before, broken_tie, exchanged, lasting_ties


def test_ties_of_three_and_those_of_equal_keys_last() -> None:
    scores = np.array([0.1, 0.2, 0.2, 0.3, 0.3, 0.3, 0.4, 0.4])
    assert lasting_ties(scores).tolist() == [-1, -1, -1, 2, 2, 2, -1, -1]
    assert lasting_ties(scores, list("abbcdeff")).tolist() == [-1, 1, 1, 2, 2, 2, 3, 3]
    assert lasting_ties(scores, list("aabbcdef")).tolist() == [-1, -1, -1, 2, 2, 2, -1, -1]  # equal keys, unequal scores: no tie
    assert lasting_ties(np.empty(0)).tolist() == []


def test_the_first_tie_that_does_not_hold_is_named() -> None:
    ties = np.array([0, -1, 0, 1, 1, 0])
    assert broken_tie(np.array([0.5, 0.1, 0.5, 0.2, 0.2, 0.5]), ties) is None
    assert broken_tie(np.array([0.5, 0.1, 0.5, 0.2, 0.3, 0.5]), ties) == (3, 4)
    assert broken_tie(np.array([0.5, 0.1, 0.5, 0.2, 0.2, 0.6]), ties) == (0, 5)
    assert broken_tie(np.empty(0), np.empty(0, dtype=np.intp)) is None


def test_only_what_noise_can_exchange_is_exchanged() -> None:
    after = np.array([0.0, 1.0, 0.5, 0.5 + 1e-6, 0.7, 0.7, 0.3, 0.3 + 1e-6, 0.3 + 2e-6])
    before = after.copy()
    before[2], before[3] = after[3], after[2]  # in the other order
    before[4] += 5e-7  # a tie broken
    before[7] = before[6]  # three that are near each other
    assert exchanged(before, after) == [(2, 3), (4, 5)]
    before[4] += 1e-5  # further than noise goes
    assert exchanged(before, after) == [(2, 3)]
    assert exchanged(after, after) == []
    assert exchanged(after[:1], after[:1]) == []


def test_exchanged_scores_are_put_back_and_no_other() -> None:
    after = np.array([0.0, 0.5, 0.5 + 1e-6, 0.7, 0.7])
    assert as_before(np.array([0.0, 0.5, 0.5, 0.7, 0.7]), after, (1, 2)).tolist() == [0.0, 0.5, 0.5, 0.7, 0.7]
    assert as_before(np.array([0.0, 0.6, 0.5, 0.7, 0.7]), after, (1, 2)).tolist() == [0.0, 0.5 + 1e-6, 0.5, 0.7, 0.7]
    split = as_before(np.array([0.0, 0.5, 0.6, 0.7, 0.8]), after, (3, 4))
    assert split[4] > split[3] == 0.7
