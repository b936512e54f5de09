from collections.abc import Callable

import numpy as np
import pytest

from stsbench.contracts.identity import CellId
from stsbench.contracts.kinds import Aggregation
from stsbench.contracts.records import Record
from stsbench.stores.agreement import Disagreement, judge, rests_on

Make = Callable[..., Record]
OLD = np.array([-0.5, 0.0, 0.25, 0.5], dtype=np.float32)  # a range of 1


@pytest.mark.parametrize(("shift", "agrees"), [(0.0, True), (2**-16, True), (-(2**-16), True), (2**-15, False), (-(2**-15), False)])
def test_scores_agree_within_tolerance_times_range(record: Make, shift: float, agrees: bool) -> None:
    new = OLD.copy()
    new[2] += np.float32(shift)
    for range_ in (1, 1024):  # powers of two: exact
        verdict = judge(record(), record(), 2**-16, OLD * np.float32(range_), new * np.float32(range_))
        assert (verdict.what is None) is agrees
        assert verdict.measured


def test_the_worst_pair_is_named_with_both_values(record: Make) -> None:
    new = OLD.copy()
    new[1], new[3] = 0.1, 0.9
    verdict = judge(record(), record(), 2e-5, OLD, new)
    assert verdict.worst == pytest.approx({"pair": 3, "old_score": 0.5, "new_score": 0.9})
    assert verdict.what is not None
    assert "2 of 4 scores moved by more than the tolerance, most that of pair 4, which was 0.5 and is 0.9" in verdict.what


def test_the_figure_may_move_by_little_though_scores_agree(record: Make) -> None:
    assert judge(record(spearman=0.8), record(spearman=0.80005), 2e-5, OLD, OLD).what is None
    what = judge(record(spearman=0.8), record(spearman=0.800051), 2e-5, OLD, OLD).what
    assert what == "scores that moved by less than the tolerance moved the figure from 0.800000 to 0.800051"
    assert judge(record(), record(pearson=0.9, kendall=0.1), 2e-5, OLD, OLD).what is None  # of these scores both cannot be


def test_a_tie_of_two_may_be_made_or_broken_by_chance_and_one_of_three_may_not(record: Make) -> None:
    two, near = np.array([-0.5, 0.1, 0.1, 0.5]), np.array([-0.5, 0.1, 0.1 + 1e-6, 0.5])
    for some, other in ((two, near), (near, two)):
        assert judge(record(spearman=0.7), record(spearman=0.9), 2e-5, some, other).what is None  # four pairs: a tie is worth .3
        assert judge(record(spearman=0.5), record(spearman=0.9), 2e-5, some, other).what is not None
    far = np.array([-0.5, 0.1, 0.1 + 1e-5, 0.5])  # within the tolerance, and more than another processor does
    assert judge(record(spearman=0.7), record(spearman=0.9), 2e-5, two, far).what is not None
    three, apart = np.array([-0.5, 0.1, 0.1, 0.1]), np.array([-0.5, 0.1, 0.1, 0.1 + 1e-7])
    assert judge(record(), record(), 2e-5, apart, three).what == "pairs 2 and 4 score alike, and did not before"
    assert judge(record(), record(), 2e-5, three, apart).what == "pairs 2 and 4 scored alike, and do not now"


def test_scores_stored_at_another_power_of_ten_are_compared_on_one_scale(record: Make) -> None:
    near = OLD / np.float32(10)
    assert judge(record(exponent=0), record(exponent=1), 2e-5, OLD, near).what is None
    assert judge(record(exponent=0), record(exponent=0), 2e-5, OLD, near).what is not None
    assert judge(record(exponent=-400), record(exponent=400), 2e-5, OLD, OLD).what is not None
    assert judge(record(exponent=400), record(exponent=-400), 2e-5, OLD, OLD).what is not None


def test_another_number_of_scores_disagrees(record: Make) -> None:
    assert judge(record(), record(), 2e-5, OLD, OLD[:3]).what == "4 scores were stored, 3 were computed"


def test_no_scores_agree_with_no_scores(record: Make) -> None:
    assert judge(record(n=0), record(n=0), 2e-5, OLD[:0], OLD[:0]).what is None


def test_constant_scores_agree_when_they_are_the_same(record: Make) -> None:
    constant = np.full(4, 0.5, np.float32)
    undefined = record(status="undefined", reason="constant scores")
    assert judge(undefined, undefined, 2e-5, constant, constant).what is None
    assert judge(undefined, undefined, 2e-5, constant, constant * np.float32(1.01)).what is not None


@pytest.mark.parametrize("metric", ["spearman", "pearson", "kendall"])
@pytest.mark.parametrize(
    ("tolerance", "shift", "agrees"), [(1e-6, 1e-5, True), (1e-6, 1.1e-5, False), (2e-5, 2e-5, True), (2e-5, -2.1e-5, False)]
)
def test_without_scores_each_metric_is_compared(record: Make, metric: str, tolerance: float, shift: float, agrees: bool) -> None:
    verdict = judge(record(), record(**{metric: record().figures[metric] + shift}), tolerance, None, OLD)
    assert (verdict.what is None) is agrees
    assert not verdict.measured
    if not agrees:
        assert verdict.what is not None
        assert verdict.what.startswith(metric)


def test_undefined_agrees_for_the_same_reason_only(record: Make) -> None:
    constant = record(status="undefined", reason="constant gold")
    assert judge(constant, constant, 2e-5, None, None).what is None
    assert (
        judge(constant, record(status="undefined", reason="one pair only"), 2e-5, None, None).what
        == "reason was constant gold, is one pair only"
    )


def test_another_status_disagrees_and_says_why(record: Make) -> None:
    assert judge(record(), record(status="failed"), 2e-5, OLD, None).what == "status was ok, is failed (it broke)"


def test_a_disagreement_reads_as_a_sentence() -> None:
    cell = CellId("test", "en", "mean@6", ("lab/whiten",), "stsbench/cosine")
    what = "status was ok, is failed"
    disagreement = Disagreement("bert:x", "STS12", cell, what, "spearman", 0.8, None)
    assert str(disagreement) == f"bert:x (mean@6, whiten, cosine) on STS12 (test, en): {what}; Spearman was 0.800000, is none"


def test_a_whole_rests_on_the_mean_of_its_parts(record: Make) -> None:
    parts = [record(subset="one", n=30, spearman=0.9), record(subset="two", n=10, spearman=0.5)]
    assert rests_on(record(n=40, spearman=0.7), parts, "mean")
    assert rests_on(record(n=40, spearman=0.8), parts, "wmean")
    assert not rests_on(record(n=40, spearman=0.7), parts, "wmean")
    assert not rests_on(record(n=40, spearman=0.70002), parts, "mean")
    assert not rests_on(record(n=40, spearman=0.7, kendall=0.7), parts, "mean")
    assert rests_on(record(n=40, spearman=0.1), parts, "all")  # that the pairs of both together give, which records do not hold
    assert not rests_on(record(n=41, spearman=0.7), parts, "mean")
    assert not rests_on(record(n=0), [], "mean")


@pytest.mark.parametrize("how", ["mean", "wmean", "all"])
def test_a_whole_rests_on_its_one_part(record: Make, how: Aggregation) -> None:
    assert rests_on(record(), [record()], how)
    assert not rests_on(record(spearman=0.9), [record()], how)
    failed = record(status="failed")
    assert rests_on(failed, [failed], how)
    assert not rests_on(record(), [failed], how)
    assert not rests_on(failed, [record()], how)
