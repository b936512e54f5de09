"""Parquet and Arrow to columns, each turned into values when it is asked for. No message repeats a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from stsbench.builtin.benchmarks.tables.table import Fault, Faults, Table, labels_of
from stsbench.contracts.arrays import as_written
from stsbench.errors import DataError

_BLOCK = 65536  # values turned into objects at a time


def read_parquet(data: bytes, what: str, most_mb: int | None = None, step: str = "split it") -> Table:
    """The rows of a parquet file, with the names of class labels that its metadata tell; raises DataError.

    `most_mb` bounds what a column that is asked for holds unpacked, and the rows (one value again and again takes next to nothing);
    `step` is what to do about more.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    errors = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError)
    broken = DataError(f"{what} is not a readable parquet file; write it anew")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        schema, sizes = file.schema_arrow, _sizes(file.metadata)
    except errors:
        raise broken from None

    def fetch(name: str) -> Any:
        size = sum(own for path, own in sizes.items() if path == name or path.startswith(f"{name}."))
        if most_mb is not None and max(size, file.metadata.num_rows) > most_mb * 10**6:
            raise DataError(f"a column of {what} holds more than {most_mb:,} MB unpacked; {step}")
        try:
            column = file.read([name], use_threads=False).column(name)
        except errors:
            raise broken from None
        if len(column) != file.metadata.num_rows:
            raise broken
        return column

    columns = _Columns(_distinct(schema.names, what), fetch, what)
    return Table(columns, file.metadata.num_rows, labels_of(features_of(schema.metadata)) or {})


def from_arrow(table: Any, features: object, what: str) -> Table:
    """The rows of an Arrow table; `features` are those of `datasets`, as plain data. Raises DataError where a column stands twice."""
    columns = _Columns(_distinct(table.column_names, what), table.column, what)
    return Table(columns, table.num_rows, labels_of(features) or {})


def _distinct(names: Sequence[str], what: str) -> Sequence[str]:
    if len(set(names)) < len(names):
        raise DataError(f"{what} has two columns of the same name; rename one of them")
    return names


def _sizes(metadata: Any) -> dict[str, int]:
    """The unpacked bytes of every column, nested ones by their path."""
    sizes: dict[str, int] = {}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            sizes[column.path_in_schema] = sizes.get(column.path_in_schema, 0) + column.total_uncompressed_size
    return sizes


def features_of(metadata: Mapping[bytes, bytes] | None) -> object:
    """What `datasets` wrote of the columns beside them."""
    try:
        return json.loads((metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}


class _Columns(Mapping[str, Sequence[Any]]):
    """Columns that are read once they are asked for, so that one that nobody needs costs nothing and cannot fail."""

    def __init__(self, names: Sequence[str], fetch: Callable[[str], Any], what: str) -> None:
        self._names, self._fetch, self._what = dict.fromkeys(names), fetch, what
        self._known: dict[str, list[Any]] = {}

    def __getitem__(self, name: str) -> list[Any]:
        if name not in self._known:
            if name not in self._names:
                raise KeyError(name)
            self._known[name] = _values(self._fetch(name), self._what)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _values(column: Any, what: str) -> list[Any]:
    """The values of a column; a text that comes again is held once, and a narrow number is what it was written as."""
    once: dict[str, str] = {}
    plain = _widened(column.type)
    values: list[Any] = []
    for chunk in getattr(column, "chunks", (column,)):  # that of a record batch is of one piece
        for start in range(0, len(chunk), _BLOCK):
            try:
                batch = chunk.slice(start, _BLOCK).to_pylist()
            except (ValueError, OverflowError, TypeError, RecursionError):  # an ArrowInvalid is a ValueError
                raise _unreadable(column, what) from None
            values += [once.setdefault(value, value) if type(value) is str else plain(value) for value in batch]
    return values


class _Narrow(list[Any]):
    """A list of narrow floats, of which one that is asked for is the number that was written; all together are as they are, for speed."""

    width: type[np.floating[Any]] = np.float32

    def __getitem__(self, place: Any) -> Any:
        value = super().__getitem__(place)
        return as_written(value, self.width) if isinstance(value, float) else value


class _Half(_Narrow):
    width = np.float16


def _widened(kind: Any) -> Callable[[Any], Any]:
    """What makes of a value of that type, or of the fields or items of one, the number that was written."""
    import pyarrow as pa

    widths: dict[Any, type[np.floating[Any]]] = {pa.float16(): np.float16, pa.float32(): np.float32}
    if width := widths.get(kind):
        return lambda value: None if value is None else as_written(value, width)
    if pa.types.is_struct(kind):
        fields = {field.name: _widened(field.type) for field in kind}
        return lambda value: None if value is None else {name: fields[name](held) for name, held in value.items()}
    if pa.types.is_dictionary(kind):
        return _widened(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        items, narrow = _widened(kind.value_type), {pa.float16(): _Half, pa.float32(): _Narrow}.get(kind.value_type)
        if narrow is not None:
            return lambda value: None if value is None else narrow(value)
        if pa.types.is_nested(kind.value_type):
            return lambda value: None if value is None else [items(held) for held in value]
    return lambda value: value


def _unreadable(column: Any, what: str) -> DataError:
    """The error that names the rows of which a column holds no value that can be read."""
    faults = Faults()
    for row, value in enumerate(column):
        try:
            value.as_py()
        except UnicodeDecodeError:
            faults.add(Fault("{holds} text that is not UTF-8", "write the file anew with valid text"), row)
        except (ValueError, OverflowError, TypeError, RecursionError):
            faults.add(Fault("{holds} a value that cannot be read, such as a time out of range", "correct it, or name another column"), row)
    try:
        faults.refuse(Table({}, len(column)), what)
    except DataError as error:
        return error
    return DataError(f"a column of {what} cannot be read; write the file anew")
