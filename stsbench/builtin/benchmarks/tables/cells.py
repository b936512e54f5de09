"""Columns by name, and their cells as texts, images or values; rows at fault are noted. No message repeats a value.

Dots lead into nested fields and to items of lists: `data.pair.0`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stsbench.builtin.benchmarks.tables.pictures import to_images
from stsbench.builtin.benchmarks.tables.table import Fault, Faults, Table, label_names
from stsbench.contracts.components.component import Reads
from stsbench.contracts.items import Item, not_unicode

PLAIN = re.compile(r"\w{1,30}\Z")


def in_words(name: str) -> str:
    """A column as it may be called in a message: by its name where that is a plain word."""
    return f"column {name!r}" if PLAIN.match(name) else "a text column"


def read_values(table: Table, name: str, faults: Faults) -> Sequence[Any]:
    """The values of a column, None where a row is at fault because it has no such field."""
    head, rest, values = column(table, name)
    if rest and any(map(is_absent, values)):
        fault = Fault(f"{{has}} no field {rest!r} in {in_words(head)}", "check the column mapping")
        faults.extend(fault, [row for row, value in enumerate(values) if is_absent(value)])
        return [None if is_absent(value) else value for value in values]
    return values


def read_items(
    table: Table, kinds: Mapping[str, Reads], place: Mapping[str, str], faults: Faults, beside: Path | None
) -> tuple[list[tuple[Item, ...]], list[int]]:
    """The items of each side, and the rows of images that their EXIF data turned, as often as there are such."""
    sides: list[tuple[Item, ...]] = []
    turned: list[int] = []
    for side, kind in kinds.items():
        if side in place and kind == "text":
            sides.append(tuple(read_texts(table, place[side], faults)))
        elif side in place:
            images, rows = to_images(read_values(table, place[side], faults), beside, faults)
            sides.append(tuple(images))
            turned += rows
    return sides, turned


def read_texts(table: Table, name: str, faults: Faults, *, missing_is_empty: bool = False) -> list[str]:
    """The texts of a column; a row without one, unless `missing_is_empty`, or with a broken one is at fault."""
    where = in_words(name)
    missing = Fault(f"{{has}} no text (null) in {where}", "fill it in, as an empty text if it is one")
    other = Fault(f"{{holds}} something other than text in {where}", "check the column mapping")
    half = Fault(f"{{holds}} half of a character (a lone surrogate) in {where}", "write the text anew")
    values = read_values(table, name, faults)
    texts = [value if isinstance(value, str) else "" for value in values]
    for row, value in enumerate(values):
        if not isinstance(value, str) and not (value is None and missing_is_empty):
            faults.add(missing if value is None else other, row)
    faults.extend(half, not_unicode(texts))
    return texts


_ABSENT = object()


def has_column(header: Collection[str], name: str) -> bool:
    """Whether `name` is a column, or starts with one and leads into it."""
    return any(head in header for head, _ in _cuts(name))


def column(table: Table, name: str) -> tuple[str, str, Sequence[Any]]:
    """The top column that a name leads into, the rest of the name, and its value in each row; `ABSENT` where a row has no such field."""
    head, rest = next((head, rest) for head, rest in _cuts(name) if head in table.columns)
    values = table.columns[head]
    return head, rest, [_inner(value, rest) for value in values] if rest else values


def is_absent(value: object) -> bool:
    """Whether a value stands for a field that a row does not have."""
    return value is _ABSENT


def names_at(table: Table, name: str) -> tuple[str, ...] | None:
    """The names of the class labels that a column holds, or None."""
    head, rest = next((head, rest) for head, rest in _cuts(name) if head in table.columns)
    return label_names(table.labels, [head, *(rest.split(".") if rest else [])])


def _cuts(name: str) -> Iterator[tuple[str, str]]:
    """Every way to take a first name off a dotted one, the longest first: names of columns may hold dots themselves."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        yield ".".join(parts[:count]), ".".join(parts[count:])


def _inner(value: Any, path: str) -> Any:
    if not path:
        return value
    if isinstance(value, Mapping):
        for head, rest in _cuts(path):
            if head in value and (inner := _inner(value[head], rest)) is not _ABSENT:
                return inner
        return _ABSENT
    head, _, rest = path.partition(".")
    if isinstance(value, list | tuple) and head.isdecimal() and head.isascii() and len(head) < 12 and int(head) < len(value):
        return _inner(value[int(head)], rest)
    return _ABSENT
