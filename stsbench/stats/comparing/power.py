"""How many pairs it takes to tell two systems apart: from the standard error of their difference on the pairs that there are."""

from __future__ import annotations

import math

from stsbench.stats.intervals import LEVEL, normal_quantile

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
