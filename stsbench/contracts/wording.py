"""Numbers and strangers' names in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")  # what a spreadsheet takes for the start of one, or hides
_JOINERS = "\u200c\u200d"  # spelling of Persian, Indic scripts and emoji needs them; they command nothing


def counted(number: int, noun: str, several: str = "") -> str:
    """The number with its noun: `1 system`, `1,200 systems`; `several` is a plural that does not end in s alone."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def listed(names: Sequence[str], last: str = "and", *, most: int | None = None) -> str:
    """Names as a sentence lists them: `a, b and c`, or the first `most` and how many more there are; empty for none."""
    more = [] if most is None or len(names) <= most else [f"{len(names) - most:,} more"]
    shown = [*names[:most], *more]
    return f" {last} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def shows(char: str) -> bool:
    """Whether a terminal or a page shows the character, rather than doing what it commands."""
    return char.isprintable() or char in _JOINERS


def visible(text: str) -> str:
    """`text` on one line, with each line break, control character and direction mark shown as its code, as in `⟨U+202E⟩`."""
    return text if text.isprintable() else "".join(char if shows(char) else f"⟨U+{ord(char):04X}⟩" for char in text)


def printable_json(document: str) -> str:
    """A JSON document that reads the same, in which what does not print is an escape, as in `\\u009b`; line ends stay."""
    return "\n".join(
        line if line.isprintable() else "".join(char if shows(char) else json.dumps(char)[1:-1] for char in line)
        for line in document.split("\n")
    )


def as_cell(text: str) -> str:
    """`text` as a cell of a spreadsheet that is taken for no formula: an apostrophe stands before what could begin one, or is one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def of_cell(text: str) -> str:
    """The text that `as_cell` made a cell of."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def broken_rule(message: str) -> str:
    """What pydantic says of a field, without what it puts before the words of a rule of ours."""
    return message.removeprefix("Value error, ")


def called_together(names: Iterable[str]) -> str:
    """What items of these names come to: texts, images, or texts and images."""
    return " and ".join(sorted({kind for name in names for kind in name.split(" and ")} or {"texts"}, reverse=True))
