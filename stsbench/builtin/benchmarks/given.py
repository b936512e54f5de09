"""Benchmarks from what is in memory: rows, columns, or a data frame. Private unless said otherwise, as files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypedDict, Unpack

import numpy as np

from stsbench.builtin.benchmarks.rows import checked_name
from stsbench.contracts.arrays import as_written, type_name
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Part, Source
from stsbench.contracts.kinds import Task
from stsbench.errors import UsageError
from stsbench.host.given import Given, is_given

from .readers.parquet import features_of, from_arrow
from .tables.columns import Names, to_pairs
from .tables.grades import Grading
from .tables.table import Table

_NARROW: dict[str, type[np.floating[Any]]] = {
    "float32": np.float32, "float": np.float32, "float16": np.float16, "halffloat": np.float16,
}  # fmt: skip


@dataclass(frozen=True)
class GivenPairs:
    """Pairs that were given in Python, as a benchmark of one part."""

    card: BenchmarkCard
    part: Part

    def load(self) -> tuple[Part, ...]:
        """The part."""
        return (self.part,)


class Columns(TypedDict, total=False):
    """Names of columns by what they hold."""

    left: str
    right: str
    score: str | Sequence[str]
    group: str
    weight: str


def pairs(
    data: Any,
    *,
    name: str = "",
    public: bool = False,
    languages: Sequence[str] = (),
    task: Task = "graded",
    **columns: Unpack[Columns],
) -> Given:
    """A benchmark of `data`: rows (left, right, gold), rows or columns by name, or a data frame of pandas or polars.

    `left`, `right`, `score`, `group` and `weight` (how much each pair counts) name columns; of the first three, one that is not named must
    be the only one that fits. Several columns of `score` are those of several raters, whose mean is gold. Results stand under `name`
    (by default a word made of the data's identity) and are of these very pairs: with other pairs, they are computed anew. Unless it is
    `public`, no text of it enters a record, a message or an export. Raises UsageError or DataError, which repeats no value.
    """
    what = checked_name(name) or "the pairs given"
    table = _table(data, what)
    labels = Names(**{held: _words(label) for held, label in columns.items()})
    read, notes = to_pairs(table, labels, what, Grading.of("", (), task), group_needed=True)
    shown = name or f"{'pairs' if public else 'private'}-{read.digest[:8]}"
    card = BenchmarkCard(shown, languages=tuple(languages), private=not public, task=task)
    return Given("benchmark", shown, GivenPairs(card, Part("all", "default", read, Source("memory", notes=notes))))


def _words(label: Any) -> Any:
    """A column's label, or those of several, as those of the table are: words, so that 0 is "0"."""
    return tuple(map(str, label)) if isinstance(label, list | tuple) else str(label)


def as_benchmarks(given: Any) -> list[str | Given]:
    """One benchmark or several, each a reference or what `pairs` takes, as references and benchmarks."""
    several = isinstance(given, list | tuple) and not (given and all(map(_is_row, given)))  # the rows of one benchmark
    return [one if isinstance(one, str) or is_given(one, "benchmark") else pairs(one) for one in (given if several else [given])]


def _is_row(row: Any) -> bool:
    if isinstance(row, Mapping):  # of values, and not of columns
        return all(value is None or isinstance(value, str | Real) for value in row.values())
    return isinstance(row, tuple | list) and len(row) == 3 and isinstance(row[0], str)


def _table(data: Any, what: str) -> Table:
    if _is_arrow(data) and hasattr(data, "column_names"):
        return from_arrow(data, features_of(data.schema.metadata), what)
    columns = _columns(data)
    if len({len(values) for values in columns.values()}) > 1:
        raise UsageError("the columns of the pairs given are of different lengths; give one value a pair in each")
    return Table.of(columns)


def _columns(data: Any) -> dict[str, list[Any]]:
    if isinstance(data, Mapping):
        return {str(name): _values(values) for name, values in data.items()}
    if hasattr(type(data), "columns") and hasattr(type(data), "collect"):  # a column may have that name
        raise UsageError(f"{type_name(data)} holds no pairs yet; call its collect()")
    if hasattr(data, "columns") and hasattr(data, "__getitem__"):
        if len({str(name) for name in data.columns}) < len(data.columns):
            raise UsageError("the data frame has several columns of one name; rename them, or give a mapping of columns")
        return {str(name): _values(data[name]) for name in data.columns}
    rows = list(data) if isinstance(data, list | tuple) else []
    if rows and all(isinstance(row, Mapping) and _is_row(row) for row in rows):
        names = dict.fromkeys(str(name) for row in rows for name in row)
        return {name: _values([row.get(name) for row in rows]) for name in names}
    if (bad := next((number for number, row in enumerate(rows, 1) if not _is_row(row) or isinstance(row, Mapping)), 0)) or not rows:
        place = f"row {bad} of the pairs given is not (left, right, gold)" if bad else f"{type_name(data)} holds no pairs"
        raise UsageError(f"{place}; give rows (left, right, gold), columns by name, or a data frame")
    return {name: _values(values) for name, values in zip(("left", "right", "score"), zip(*rows, strict=True), strict=True)}


def _values(values: Any) -> list[Any]:
    """A column as Python's own values, None for what is missing, and a narrow number as it was written."""
    if isinstance(values, set | frozenset):
        raise UsageError("a column of the pairs given is a set, which has no order; give a list")
    dtype = getattr(values, "dtype", getattr(values, "type", None) if _is_arrow(values) else None)
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        values = np.asarray(values).astype(f"{dtype.kind}8[us]")  # times of nanoseconds would be whole numbers
    plain = getattr(values, "tolist", None) or getattr(values, "to_pylist", None)
    listed = list(values) if plain is None else plain()
    width = _width(dtype)
    return [None if _is_missing(value) else _plain(value, width) for value in listed]


def _is_arrow(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pyarrow"


def _plain(value: Any, width: type[np.floating[Any]] | None) -> Any:
    if isinstance(value, np.datetime64 | np.timedelta64):
        return _values(np.array([value]))[0]
    narrow = width or _width(getattr(value, "dtype", None))  # of the whole column, or of a value by itself
    plain = value.item() if hasattr(value, "item") else value
    return as_written(plain, narrow) if narrow and isinstance(plain, float) else plain


def _width(dtype: Any) -> type[np.floating[Any]] | None:
    """The width of narrow floats by the name of their type, in whatever library and byte order; None for all else."""
    inner = getattr(getattr(dtype, "categories", None), "dtype", dtype)
    name = inner.name if isinstance(inner, np.dtype) else str(inner)
    return _NARROW.get(name.lower().removeprefix("torch.").removesuffix("[pyarrow]"))


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
