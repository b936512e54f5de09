"""How a figure is printed: the one place that rounds, so that a cell reads the same in a terminal, a table, a page and a picture."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_HUNDREDTH: Final = Decimal("0.01")


def recorded(value: float) -> float:
    """A figure as records hold it: with 6 decimals, and never -0.0."""
    return round(value, 6) + 0.0


def percent(value: float) -> str:
    """A figure x 100 with two decimals, of the 6 decimals that records hold; what lies half-way goes away from 0: 0.60015 is 60.02."""
    rounded = (Decimal(repr(recorded(value))) * 100).quantize(_HUNDREDTH, ROUND_HALF_UP)
    return str(rounded) if rounded else "0.00"  # never -0.00


def points(value: float) -> str:
    """A difference of figures x 100 with two decimals and its sign, as in +0.25."""
    text = percent(value)
    return text if text.startswith("-") else f"+{text}"
