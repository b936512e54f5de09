"""Sizes in bytes as people write them."""

from __future__ import annotations

from stsbench.errors import UsageError

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
