"""Intervals as one line of text."""

from __future__ import annotations

WIDTH = 24


def interval(low: float, middle: float, high: float, scale: tuple[float, float], width: int = WIDTH) -> str:
    """An interval on a common `scale` (lowest and highest limit shown), as in `····━━●━━····`; `width` characters."""
    first, last = scale
    places = [round((width - 1) * min(max((value - first) / ((last - first) or 1), 0), 1)) for value in (low, middle, high)]
    marks = ["━" if places[0] <= place <= places[2] else "·" for place in range(width)]
    marks[places[1]] = "●"
    return "".join(marks)
