"""Columns by name, where dots lead into nested fields and to items of lists: `data.pair.0`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from .table import Table, label_names

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
