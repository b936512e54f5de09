"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """The number with its noun: `1 system`, `1,200 systems`; `several` is a plural that does not end in s alone."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
