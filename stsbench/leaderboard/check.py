"""Comparing the files of a board with those that its evidence gives."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff

from stsbench.contracts.wording import visible

PAGES = (".html",)
LONGEST = 500  # characters of a differing line that are shown


def compare(expected: Mapping[str, bytes], held: Mapping[str, bytes | None]) -> list[str]:
    """The lines in which `held` (bytes by file name; None or absent: no such file) departs from `expected`; empty if in nothing.

    Lines are those of a unified diff without context: `-` is what the file holds, `+` what the evidence gives.
    """
    lines = []
    for name in sorted({*expected, *held}):
        wanted, there = expected.get(name), held.get(name)
        if wanted == there or (wanted is not None and there == _on_windows(wanted)):
            continue
        if there is None:
            lines.append(f"{name}: missing; build the board to write it")
        elif wanted is None:
            lines.append(f"{name}: no writer of this board makes it; delete it")
        else:
            differing = [
                _clipped(line)
                for line in unified_diff(_lines(there), _lines(wanted), f"{name} (file)", f"{name} (evidence)", n=0, lineterm="")
            ]
            if name.endswith(PAGES) and differing:  # the lines of a page are long, and say what those of the other files say
                differing = [f"{name}: differs from the page that the evidence gives"]
            lines += differing or [f"{name}: its bytes differ, though its text reads the same"]
    return lines


def _on_windows(data: bytes) -> bytes:
    """A text as git checks it out there, every line end a CRLF; data that hold a carriage return of their own are left as they are."""
    return data if b"\r" in data or b"\0" in data else data.replace(b"\n", b"\r\n")


def _clipped(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _lines(data: bytes) -> list[str]:
    """Lines as a terminal may show them: what does not print, a carriage return among it, is shown as its code."""
    text = data.decode("utf-8", "backslashreplace")
    return [visible(line) for line in text.split("\n")]
