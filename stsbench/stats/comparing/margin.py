"""Whether one system is as good as another, to within a margin, by an interval of their difference; and how many pairs tell two apart."""

from __future__ import annotations

import math
from typing import Literal

from stsbench.contracts.defaults import LEVEL
from stsbench.stats.intervals import normal_quantile

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


POWER = 0.8  # the chance to find a difference that is there


def reach(level: float = LEVEL, power: float = POWER) -> float:
    """The smallest difference that is found with that chance, in standard errors: 2.80 for 0.8 at 95 %."""
    from scipy.special import ndtri

    return normal_quantile(level) + float(ndtri(power))


def pairs_to_tell(difference: float, error: float, pairs: int, *, level: float = LEVEL, power: float = POWER) -> int:
    """How many pairs like these find a difference so large at that level with that chance, all told, from the `error` on `pairs` of them.

    The standard error falls with the square root of the number of pairs. Of systems that rank all pairs alike (`error` 0) a difference
    would be seen at once: 1. Raises ValueError for no difference, or one that is not finite.
    """
    if not (0 < difference < math.inf and 0 <= error < math.inf and pairs >= 1):
        raise ValueError(f"a difference of {difference} with an error of {error} on {pairs} pairs tells no number of pairs")
    return max(1, math.ceil(pairs * (reach(level, power) * error / difference) ** 2 - 1e-9))
