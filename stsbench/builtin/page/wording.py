"""How figures and facts read on a page."""

from __future__ import annotations

from typing import Final

from stsbench.contracts import figures

UNKNOWN: Final = "unknown"
NO_FIGURE: Final = {"undefined": "undefined", "failed": "failed", "missing": "–"}


def percent(value: float | None) -> str:
    """A correlation x 100 with two decimals, or a dash."""
    return "–" if value is None else figures.percent(value)


def span(low: float | None, high: float | None) -> str:
    """An interval x 100, or nothing."""
    return "" if low is None or high is None else f"{percent(low)}–{percent(high)}"


def rank_set(best: int | None, worst: int | None) -> str:
    """The ranks that are not excluded, or a dash."""
    if best is None or worst is None:
        return "–"
    return str(best) if best == worst else f"{best}–{worst}"


def count(value: float | None) -> str:
    """A number in the unit that keeps it short, as in 22.7 M."""
    if value is None:
        return UNKNOWN
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g} {unit}"
    return f"{value:,.0f}"


def size(value: float | None) -> str:
    """Bytes in the unit that keeps them short."""
    if value is None:
        return UNKNOWN
    for step, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if value >= step:
            return f"{value / step:.3g} {unit}"
    return f"{value:.0f} B"


def words(values: tuple[str, ...] | None) -> str:
    """Several words, or that they are unknown."""
    return ", ".join(values) if values else UNKNOWN


def clipped(text: str, most: int = 120) -> str:
    """`text`, or its start and an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
