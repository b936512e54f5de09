"""Rows of an embedding store: how a vector is laid out as bytes, by what key it is found, and whether it is as it was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
import xxhash

from stsbench.contracts.arrays import is_sparse, of_rows
from stsbench.contracts.data import Vectors
from stsbench.contracts.items import Item, identity

_WORD = 4  # bytes of a number or of a place, all little-endian


class Layout:
    """All of a vector's numbers, one after the other."""

    def width(self, data: bytes) -> int:
        """How many numbers the vector has; 0 where these bytes are no vector of this layout."""
        return 0 if len(data) % _WORD else len(data) // _WORD

    def read(self, rows: Sequence[bytes], width: int) -> Vectors:
        """The vectors that were written so."""
        return np.stack([np.frombuffer(data, dtype="<f4") for data in rows]) if rows else np.zeros((0, width), dtype=np.float32)


class _Sparse(Layout):
    def width(self, data: bytes) -> int:
        if len(data) < _WORD or (len(data) - _WORD) % (2 * _WORD):
            return 0
        width, places = int.from_bytes(data[:_WORD], "little"), self._places(data)
        ascending = not len(places) or (places[0] >= 0 and places[-1] < width and bool((np.diff(places) > 0).all()))
        return width if ascending else 0

    def read(self, rows: Sequence[bytes], width: int) -> Vectors:
        places = [self._places(data) for data in rows]
        values = [np.frombuffer(data, dtype="<f4", offset=_WORD + _WORD * len(own)) for data, own in zip(rows, places, strict=True)]
        offsets = np.concatenate([[0], np.cumsum([len(own) for own in places], dtype=np.intp)])
        none = np.empty(0, dtype=np.float32)
        return of_rows(np.concatenate([none, *values]), np.concatenate([none.astype(np.int32), *places]), offsets, width)

    def _places(self, data: bytes) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.frombuffer(data, dtype="<i4", offset=_WORD, count=(len(data) - _WORD) // (2 * _WORD))


DENSE: Final = Layout()
SPARSE: Final = _Sparse()


def laid_out(values: Vectors) -> Iterator[bytes]:
    """The bytes of each of these vectors, which are sparse or not."""
    if not is_sparse(values):
        yield from (row.tobytes() for row in np.ascontiguousarray(values, dtype="<f4"))
        return
    width = int(values.shape[1]).to_bytes(_WORD, "little")
    places, numbers = values.indices.astype("<i4", copy=False), values.data.astype("<f4", copy=False)
    for start, stop in zip(values.indptr[:-1].tolist(), values.indptr[1:].tolist(), strict=True):
        yield width + places[start:stop].tobytes() + numbers[start:stop].tobytes()


StoredRow = tuple[object, object, object, object, object]  # key, sum, truncated, build, data, as the file holds them


def row_keys(secret: bytes, view: str, prompt: str, items: Iterable[Item]) -> list[bytes]:
    """Blake2b-128, keyed, of the length-prefixed view, prompt and text, each as UTF-8 and not normalised; of an image, its identity."""
    start = blake2b(_framed(view) + _framed(prompt), digest_size=16, key=secret)
    keys = []
    for item in items:
        state = start.copy()
        for part in (item,) if isinstance(item, str) else identity(item):
            state.update(_framed(part))
        keys.append(state.digest())
    return keys


def _framed(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "little") + data


def checksum(key: bytes, mark: int, build: int, data: bytes) -> int:
    """XXH3-64 over key, truncation mark, build and vector, as the signed number that SQLite stores."""
    state = xxhash.xxh3_64(key)
    state.update(b"%d %d " % (mark, build))
    state.update(data)
    return int.from_bytes(state.digest(), "big", signed=True)


def is_sound(row: StoredRow) -> bool:
    """Whether a row is as it was written: a flipped bit can change the type of a value too."""
    match row:
        case bytes(key), total, int(mark), int(build), bytes(data):
            return checksum(key, mark, build, data) == total
    return False


def sealed_rows(keys: Sequence[bytes], marks: Sequence[int], build: int, values: Vectors) -> Iterator[StoredRow]:
    """Rows of these vectors as they are stored."""
    for key, mark, data in zip(keys, marks, laid_out(values), strict=True):
        yield key, checksum(key, mark, build, data), mark, build, data


def seal(*values: object) -> int:
    """A checksum of a row of one of the small tables, which say whose the vectors are."""
    return int.from_bytes(xxhash.xxh3_64(repr(values).encode("utf-8", "surrogatepass")).digest(), "big", signed=True)


_SMALL = {"meta": "name, value", "build": "id, versions, family", "axis": "view, prompt"}
PASSING = ("meta rate", "meta used")  # labels that no vector depends on


def damaged_labels(connection: sqlite3.Connection) -> list[str]:
    """The rows of the small tables that are not as they were written, such as `meta rate` and `build 1`."""
    return [
        f"{table} {row[1]}"
        for table, columns in _SMALL.items()
        for row in connection.execute(f"SELECT sum, {columns} FROM {table}")  # noqa: S608
        if seal(*row[1:]) != row[0]
    ]


def put_meta(name: str, value: str) -> tuple[str, list[tuple[object, ...]]]:
    """The statement, and its row, that keeps a fact about the store."""
    return "INSERT OR REPLACE INTO meta (name, value, sum) VALUES (?, ?, ?)", [(name, value, seal(name, value))]


def get_meta(connection: sqlite3.Connection, name: str) -> str | None:
    """A fact about the store; None where it is absent or damaged."""
    row = connection.execute("SELECT name, value, sum FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None or seal(*row[:2]) != row[2] else str(row[1])


def empty(connection: sqlite3.Connection) -> None:
    """Delete every row of every table."""
    for table in ("vector", *_SMALL):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
