"""What an interval of a difference says against a margin, in cases with known answers."""

from __future__ import annotations

import pytest

from stsbench.stats.comparing.margin import Outcome, Verdict, holds_margin, judge_margin, reaches


@pytest.mark.parametrize(
    ("low", "high", "verdict", "turned"),
    [
        (0.0, 0.0, "equivalent", "equivalent"),
        (-0.4, 0.4, "equivalent", "equivalent"),
        (0.1, 0.4, "equivalent", "equivalent"),  # surely better, by less than matters
        (0.1, 0.5, "better", "worse"),
        (0.6, 2.0, "better", "worse"),
        (-0.4, 0.5, "not worse", "cannot tell"),
        (0.0, 3.0, "not worse", "cannot tell"),
        (-0.5, 0.4, "cannot tell", "not worse"),
        (-0.5, 0.5, "cannot tell", "cannot tell"),
        (-3.0, 3.0, "cannot tell", "cannot tell"),
    ],
)
def test_verdicts_of_both_systems(low: float, high: float, verdict: Verdict, turned: Verdict) -> None:
    assert judge_margin(low, high, 0.5) == verdict
    assert judge_margin(-high, -low, 0.5) == turned


@pytest.mark.parametrize(("low", "high", "margin"), [(1.0, 0.0, 0.5), (0.0, 1.0, 0.0), (0.0, float("nan"), 0.5), (0.0, 1.0, float("nan"))])
def test_no_interval_or_no_margin(low: float, high: float, margin: float) -> None:
    with pytest.raises(ValueError, match="make no verdict"):
        judge_margin(low, high, margin)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.1, 0.5, "met"),  # better
        (-0.4, 0.5, "met"),  # not worse
        (-0.4, -0.1, "met"),  # worse, by less than matters
        (0.0, 0.0, "met"),
        (-0.5, 0.5, "cannot tell"),
        (-3.0, 3.0, "cannot tell"),
        (-0.8, -0.2, "cannot tell"),  # worse, and by how much is not known
        (-0.8, -0.5, "not met"),
        (-0.5, -0.5, "not met"),
        (-3.0, -1.0, "not met"),
    ],
)
def test_only_what_all_of_an_interval_says_is_an_outcome(low: float, high: float, outcome: Outcome) -> None:
    assert holds_margin(low, high, 0.5) == outcome


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(0.8, 0.9, "met"), (0.79, 0.9, "cannot tell"), (0.7, 0.8, "cannot tell"), (0.7, 0.79, "not met"), (0.8, 0.8, "met")],
)
def test_a_figure_reaches_what_its_whole_interval_reaches(low: float, high: float, outcome: Outcome) -> None:
    assert reaches(low, high, 0.8) == outcome
