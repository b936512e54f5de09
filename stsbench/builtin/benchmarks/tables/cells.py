"""The cells of a column, as texts, images or values; rows at fault are noted. No message repeats a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stsbench.contracts.components.component import Reads
from stsbench.contracts.items import Item, not_unicode

from .nested import column, is_absent
from .pictures import to_images
from .table import Fault, Faults, Table

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
