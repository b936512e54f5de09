"""Parquet and Arrow to columns, each turned into values when it is asked for. No message repeats a value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stsbench.builtin.benchmarks.faults import Fault, Faults
from stsbench.builtin.benchmarks.table import Table, labels_of
from stsbench.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 65536  # values turned into objects at a time


def read_parquet(data: bytes, what: str, most_mb: int | None = None, step: str = "split it") -> Table:
    """The rows of a parquet file, with the names of class labels that its metadata tell; raises DataError.

    `most_mb` bounds what it holds unpacked, and its rows (a column of one value takes next to nothing); `step` is what to do about more.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        sizes = [file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups)]
        if most_mb is not None and max(sum(sizes), file.metadata.num_rows) > most_mb * 10**6:
            raise DataError(f"{what} holds more than {most_mb:,} MB unpacked; {step}")
        table = file.read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError):
        raise DataError(f"{what} is not a readable parquet file; write it anew") from None
    return from_arrow(table, _features(table.schema.metadata), what)


def from_arrow(table: pa.Table, features: object, what: str) -> Table:
    """The rows of an Arrow table; `features` are those of `datasets`, as plain data. Raises DataError where a column stands twice."""
    if len(set(table.column_names)) < table.num_columns:
        raise DataError(f"{what} has two columns of the same name; rename one of them")
    return Table(_Columns(table, what), table.num_rows, labels_of(features) or {})


def _features(metadata: Mapping[bytes, bytes] | None) -> object:
    """What `datasets` wrote of the columns beside them."""
    try:
        return json.loads((metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}


class _Columns(Mapping[str, Sequence[Any]]):
    """Columns that are turned into values once they are asked for, so that one that nobody reads costs nothing and cannot fail."""

    def __init__(self, table: pa.Table, what: str) -> None:
        self._table, self._what = table, what
        self._known: dict[str, list[Any]] = {}

    def __getitem__(self, name: str) -> list[Any]:
        if name not in self._known:
            if name not in self._table.column_names:
                raise KeyError(name)
            self._known[name] = _values(self._table, name, self._what)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.column_names)

    def __len__(self) -> int:
        return int(self._table.num_columns)


def _values(table: pa.Table, name: str, what: str) -> list[Any]:
    """The values of a column; a text that comes again is held once."""
    import pyarrow as pa

    once: dict[str, str] = {}
    values: list[Any] = []
    for chunk in table.column(name).chunks:
        for start in range(0, len(chunk), _BLOCK):
            block = chunk.slice(start, _BLOCK)
            try:
                found = block.to_pylist()
            except (pa.ArrowException, ValueError, OverflowError, TypeError, RecursionError):
                raise _unreadable(table, name, what) from None
            values += [once.setdefault(one, one) if type(one) is str else one for one in found]
    return values


def _unreadable(table: pa.Table, name: str, what: str) -> DataError:
    """The error that names the rows of which a column holds no value that can be read."""
    import pyarrow as pa

    faults = Faults()
    for row, value in enumerate(table.column(name)):
        try:
            value.as_py()
        except UnicodeDecodeError:
            faults.add(Fault("{holds} text that is not UTF-8", "write the file anew with valid text"), row)
        except (pa.ArrowException, ValueError, OverflowError, TypeError, RecursionError):
            faults.add(Fault("{holds} a value that cannot be read, such as a time out of range", "correct it, or name another column"), row)
    try:
        faults.refuse(Table({}, table.num_rows), what)
    except DataError as error:
        return error
    return DataError(f"a column of {what} cannot be read; write the file anew")
