"""Whether one system is as good as another, to within a margin: what an interval of their difference says of it."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["better", "equivalent", "not worse", "worse", "cannot tell"]


def judge_margin(low: float, high: float, margin: float) -> Verdict:
    """What the interval from `low` to `high` of a system's figure less another's says of it; `margin` is above 0, on the same scale.

    `equivalent`: the whole interval lies within the margin, on whichever side of 0. Else `better` or `worse`: it leaves out 0.
    `not worse`: it holds 0, and nothing at or below the negative margin. An interval of 95 % bounds the chance of wrongly claiming
    that a system whose figure is lower by the margin is equivalent, better or not worse by about 2.5 %.
    """
    if not (low <= high and margin > 0):
        raise ValueError(f"an interval from {low} to {high} and a margin of {margin} make no verdict")
    if -margin < low and high < margin:
        return "equivalent"
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    return "not worse" if low > -margin else "cannot tell"


Outcome = Literal["met", "not met", "cannot tell"]


def reaches(low: float, high: float, least: float) -> Outcome:
    """What the interval of a figure says of the requirement that it be `least` or more: only what all of the interval says."""
    return "met" if low >= least else "not met" if high < least else "cannot tell"


def holds_margin(low: float, high: float, margin: float) -> Outcome:
    """What the interval of a difference, as `judge_margin` reads it, says of the requirement that it be above the negative margin.

    A system that is worse, but perhaps by less than the margin, neither meets it nor is known to miss it.
    """
    if judge_margin(low, high, margin) in ("better", "equivalent", "not worse"):
        return "met"
    return "not met" if high <= -margin else "cannot tell"
