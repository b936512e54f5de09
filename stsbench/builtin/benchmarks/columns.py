"""Columns to pairs: which column is what, and whether every row holds two texts and a number. No message repeats a value."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.builtin.benchmarks.reading import Columns
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.records import Task
from stsbench.errors import DataError

GUESSES = {
    "left": ("sentence1", "left", "text1", "sentence_1", "text_1", "s1"),
    "right": ("sentence2", "right", "text2", "sentence_2", "text_2", "s2"),
    "score": ("score", "gold", "label", "similarity", "similarity_score", "rating"),
}
_PLAIN = re.compile(r"\w{1,30}\Z")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """The columns that hold the texts, the gold score and the group; an empty one is guessed, a dotted one is a nested field."""

    left: str = ""
    right: str = ""
    score: str = ""
    group: str = ""

    def fits(self, header: Collection[str]) -> bool:
        """Whether all columns that a reader needs are in `header`, as named or as guessed."""
        return all(_column(header, role, getattr(self, role)) is not None for role in GUESSES)


def to_pairs(
    columns: Columns,
    names: Names,
    what: str,
    *,
    decimal: str = "",
    hidden: bool = False,
    group_needed: bool = False,
    task: Task = "graded",
    step: str = "name it with {role}=",
) -> Pairs:
    """The pairs in `columns`; raises DataError with the row for null texts and for gold that is missing, not finite or hidden.

    `decimal` is the decimal mark of scores written as text (found when empty); with `hidden`, -1 marks a hidden score. The gold of a
    `binary` task is 0 and 1. A group
    column that is named but absent is an error only if `group_needed`. `step` is what to do where a column is missing.
    """
    if not any(map(len, columns.values())):
        raise DataError(f"{what} has no rows; give a file or split with at least one pair")
    place = {role: _named(columns, role, getattr(names, role), what, step) for role in GUESSES}
    left = _texts(columns, place["left"], what)
    right = _texts(columns, place["right"], what)
    gold = _gold(_values(columns, place["score"], what), what, decimal, hidden)
    if task == "binary" and not np.isin(gold, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(gold, (0, 1)))[0]) + 1
        raise DataError(f"row {row} of {what} has a label that is neither 0 nor 1; correct it, or take the pairs as graded")
    group: tuple[str, ...] = ()
    if names.group and (group_needed or _has(columns, names.group)):
        values = _values(columns, _named(columns, "group", names.group, what, step), what)
        group = tuple("" if value is None else str(value) for value in values)
    return Pairs(left, right, gold, group)


def _has(header: Collection[str], name: str) -> bool:
    return name in header or ("." in name and name.partition(".")[0] in header)


def _column(header: Collection[str], role: str, given: str) -> str | None:
    return next((name for name in ((given,) if given else GUESSES.get(role, ())) if _has(header, name)), None)


def _named(columns: Columns, role: str, given: str, what: str, step: str) -> str:
    found = _column(columns, role, given)
    if found is not None:
        return found
    plain = [name for name in columns if _PLAIN.match(name)]
    close = difflib.get_close_matches(given, plain, 1) if given else []
    sought = f"column {given!r}" if _PLAIN.match(given) else f"column for option {role!r}"
    more = f", and {len(columns) - len(plain)} whose names are no plain words" if len(columns) > len(plain) else ""
    there = f"its columns are {_listed(plain)}{more}" if plain else "none of its column names is a plain word, is the first line a header?"
    hint = (f"did you mean {close[0]}? " if close else "") + step.format(role=role)
    raise DataError(f"{what} has no {sought} ({there}); {hint}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def _shown(name: str) -> str:
    return f"column {name!r}" if _PLAIN.match(name) else "a text column"


def _values(columns: Columns, name: str, what: str) -> Sequence[Any]:
    if name in columns:
        return columns[name]
    head, _, rest = name.partition(".")
    nested = columns[head]
    for number, value in enumerate(nested, 1):
        if not isinstance(value, dict) or rest not in value:
            raise DataError(f"row {number} of {what} has no field {rest!r} in {_shown(head)}; check the column mapping")
    return [value[rest] for value in nested]


def _texts(columns: Columns, name: str, what: str) -> tuple[str, ...]:
    values = _values(columns, name, what)
    for number, value in enumerate(values, 1):
        if value is None:
            raise DataError(f"row {number} of {what} has no text (null) in {_shown(name)}; fill it in, as an empty text if it is one")
        if not isinstance(value, str):
            raise DataError(f"row {number} of {what} holds something other than text in {_shown(name)}; check the column mapping")
    return tuple(values)


def _gold(values: Iterable[Any], what: str, decimal: str, hidden: bool) -> Float64:
    values = list(values)
    mark = decimal or _mark(values)
    gold = np.fromiter((_number(value, mark, number, what) for number, value in enumerate(values, 1)), np.float64, len(values))
    if len(gold) and ((hidden and (gold == -1).any()) or (len(gold) > 1 and (gold == -1).all())):
        row = int(np.argmax(gold == -1)) + 1
        raise DataError(
            f"row {row} of {what} has the gold score -1, which stands for a hidden one (so have {int((gold == -1).sum()):,} of {len(gold):,}); choose a split whose scores are public"
        )
    return gold


def _mark(values: Sequence[Any]) -> str:
    texts = [value for value in values if isinstance(value, str)]
    return "," if any("," in text for text in texts) and not any("." in text for text in texts) else "."


def _number(value: Any, mark: str, row: int, what: str) -> float:
    if isinstance(value, str):
        text = value.strip()
        if mark == ",":
            text = text.replace(".", "?").replace(",", ".")
        if _NUMBER.match(text) and math.isfinite(float(text)):
            return float(text)
        kind = "missing or not finite" if _NO_NUMBER.match(text) or _NUMBER.match(text) else "not a number"
    else:
        try:
            number = math.nan if value is None or isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            kind = "not a number"
        else:
            if math.isfinite(number):
                return number
            kind = "missing or not finite"
    raise DataError(f"row {row} of {what} has a gold score that is {kind}; correct or leave out the row, or check score= and decimal=")
