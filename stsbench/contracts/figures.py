"""How figures are printed, the one place that rounds, so that a cell reads the same anywhere; and sizes in bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from stsbench.errors import UsageError

_HUNDREDTH: Final = Decimal("0.01")
ABSENT: Final = "–"  # where there is no figure
UNKNOWN: Final = "unknown"


def recorded(value: float) -> float:
    """A figure as records hold it: with 6 decimals, and never -0.0."""
    return round(value, 6) + 0.0


def rounded(value: Any, each: Callable[[float], float] = recorded) -> Any:
    """`value` with every float in it rounded to 6 decimals, or what `each` makes of it, and no negative zero."""
    if isinstance(value, float):
        return each(value) + 0.0
    if isinstance(value, dict):
        return {key: rounded(part, each) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part, each) for part in value]
    return value


def exact(value: float) -> str:
    """A figure as scripts read it: the 6 decimals that records hold."""
    return f"{recorded(value):.6f}"


def every_digit(value: float) -> str:
    """A number that is no figure, such as a score, with all its digits, and never -0.0."""
    return repr(value + 0.0)


def percent(value: float | None, absent: str = ABSENT) -> str:
    """A figure x 100 with two decimals, of the 6 decimals that records hold; what lies half-way goes away from 0: 0.60015 is 60.02."""
    if value is None:
        return absent
    rounded = (Decimal(repr(recorded(value))) * 100).quantize(_HUNDREDTH, ROUND_HALF_UP)
    return str(rounded) if rounded else "0.00"  # never -0.00


def points(value: float | None, absent: str = ABSENT) -> str:
    """A difference of figures x 100 with two decimals and its sign, as in +0.25."""
    text = percent(value, absent)
    return text if value is None or text.startswith("-") else f"+{text}"


def chance(value: float, little: str = "< 1 %", much: str = "> 99 %") -> str:
    """An estimated chance in whole percent; none is said to be certain."""
    return little if value < 0.01 else much if value > 0.99 else f"{100 * value:z.0f} %"


def span(low: float | None, high: float | None, joint: str = "–", shown: Callable[[float], str] = percent, absent: str = "") -> str:
    """An interval, or `absent` where a limit is not known."""
    return absent if low is None or high is None else f"{shown(low)}{joint}{shown(high)}"


def rank_set(best: int | None, worst: int | None, joint: str = "–") -> str:
    """The ranks that are not excluded: one, or the first and the last."""
    if best is None or worst is None:
        return ABSENT
    return str(best) if best == worst else f"{best}{joint}{worst}"


def count(value: float | None) -> str:
    """A number in the unit that keeps it short, as in 22.7 M."""
    return _in_units(value, ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k")), "{:,.0f}")


def size(value: float | None) -> str:
    """Bytes in the unit that keeps them short."""
    return _in_units(value, ((2**30, 2**30, "GiB"), (2**20, 2**20, "MiB"), (2**10, 2**10, "KiB")), "{:.0f} B")


def _in_units(value: float | None, units: Sequence[tuple[float, float, str]], plain: str) -> str:
    """`value` in the first unit whose least value it reaches; a unit is that, its size and its name."""
    if value is None:
        return UNKNOWN
    return next((f"{value / one:.3g} {unit}" for least, one, unit in units if value >= least), plain.format(value))


_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def read_size(text: str) -> int:
    """Bytes that a text such as `500M`, `20G` or `20 GB` means; raises UsageError."""
    number = text.strip().upper().removesuffix("B").strip()
    unit = number[-1:] if number[-1:] in _UNITS else ""
    try:
        size = float(number.removesuffix(unit)) * _UNITS[unit]
    except ValueError as error:
        raise UsageError(f"{text!r} is no size; write bytes, or a number with K, M, G or T, as in 20G") from error
    if not 0 <= size < float("inf"):
        raise UsageError(f"{text!r} is no size; write a number from 0, as in 20G")
    return int(size)
