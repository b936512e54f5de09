"""Files of rows to columns: jsonl, json, csv, tsv and parquet, each also gzipped. Plain readers, so that errors name the row."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stsbench.builtin.benchmarks.delimited import Dialect, decoded, read_delimited
from stsbench.errors import DataError

Columns = Mapping[str, Sequence[Any]]

_BLOCK = 65536  # values turned into objects at a time

FORMS = ("jsonl", "json", "csv", "tsv", "parquet")


def any_header(_: Sequence[str]) -> bool:
    """Accepts every header."""
    return True


def read_columns(
    path: Path, form: str, what: str, dialect: Dialect | None = None, fits: Callable[[Sequence[str]], bool] = any_header
) -> Columns:
    """The columns of a file of one of FORMS by name; `what` names the file in messages. Raises DataError, never with a path or value."""
    data = _bytes(path, what)
    if form == "parquet":
        return _parquet(data, what)
    if form in ("jsonl", "json"):
        return _json(decoded(data, dialect.encoding if dialect else "", what), what)
    dialect = dialect or Dialect()
    if form == "tsv" and not dialect.delimiter:
        dialect = Dialect("\t", dialect.encoding, dialect.quote)
    return read_delimited(data, dialect, fits, what)


def _bytes(path: Path, what: str) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") or path.suffix == ".gz" else data
    except FileNotFoundError:
        raise DataError(f"{what} does not exist; check where it should lie") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DataError(f"{what} is a broken gzip file (cut short or damaged); copy or compress it anew") from None
    except OSError as error:
        raise DataError(f"{what} cannot be read ({error.strerror or type(error).__name__}); check that it is a file you may read") from None


def _json(text: str, what: str) -> Columns:
    """Columns of one object a line, or of one list of objects."""
    rows: list[Any] = []
    try:
        whole = json.loads(text) if text.lstrip().startswith("[") else None
        if isinstance(whole, list):
            rows = whole
        else:
            for line in text.split("\n"):
                if line.strip():
                    rows.append(json.loads(line))
    except json.JSONDecodeError:
        where = f"row {len(rows) + 1} of {what}" if rows or not text.lstrip().startswith("[") else what
        raise DataError(
            f'{where} is not JSON; write one object a line, as in {{"sentence1": "...", "sentence2": "...", "score": 3.5}}'
        ) from None
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"row {number} of {what} is not a JSON object; write one object a line")
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _parquet(data: bytes, what: str) -> Columns:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    except (pa.ArrowException, OSError):
        raise DataError(f"{what} is not a readable parquet file; write it anew") from None
    columns = {name: _listed(table.column(name)) for name in table.column_names}
    del table
    pa.default_memory_pool().release_unused()  # it would keep as much as the file holds
    return columns


def _listed(column: Any) -> list[Any]:
    """The values; a text that comes again is held once."""
    once: dict[str, str] = {}
    values: list[Any] = []
    for chunk in column.chunks:
        for start in range(0, len(chunk), _BLOCK):
            values += [once.setdefault(one, one) if type(one) is str else one for one in chunk.slice(start, _BLOCK).to_pylist()]
    return values
