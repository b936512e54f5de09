"""Scores beside the records: Parquet, a row a pair, a column a system, as wide as `rankable` made it; no text and no gold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from stsbench.contracts.data import Ranked
from stsbench.contracts.figures import rounded
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import CellId
from stsbench.contracts.reading import read_bytes
from stsbench.contracts.records import Record, RecordFile
from stsbench.contracts.ref import escape
from stsbench.errors import StoreError
from stsbench.stores.canonical import json_bytes
from stsbench.stores.records import first_form

Scores = Mapping[CellId, Ranked]  # only parts, not aggregates, have scores

_METADATA = b"stsbench"
_PartKey = tuple[str, str, int, str]


def score_column(record: Record) -> str:
    """The name of a system's column: view, transforms and similarity joined by `~`, each percent-escaped, so that no two collide."""
    return "~".join(map(escape, [record.view, *record.transforms, record.similarity or ""]))


def stamp(record: Record) -> str:
    """What ties a column of scores to the very record that was measured on it: a hash of what it says."""
    return digest([json_bytes(rounded(first_form(record)))])[:16]


def dump_scores(file: RecordFile, scores: Scores) -> bytes:
    """Parquet bytes: parts sorted by split and subset, a null where a system has no scores of a part. The same content has the same bytes.

    The file's metadata `stsbench` is JSON: `parts`, a list of [split, subset, n, digest], and `stamps`, by column one a part.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    records = [record for record in file.records if record.cell in scores]
    parts = sorted({_part(record) for record in records})
    columns: dict[str, dict[_PartKey, Record]] = {}
    for record in records:
        columns.setdefault(score_column(record), {})[_part(record)] = record
    arrays, stamps = [], {}
    for name in sorted(columns):
        measured = columns[name]
        values = [scores[measured[part].cell] if part in measured else np.zeros(part[2], np.float32) for part in parts]
        missing = np.concatenate([np.full(part[2], part not in measured) for part in parts])
        whole = np.concatenate(values)
        narrow = whole.astype(np.float32)
        arrays.append(pa.array(narrow if (narrow == whole).all() else whole, mask=missing))
        stamps[name] = [stamp(measured[part]) if part in measured else None for part in parts]
    schema = pa.schema([pa.field(name, array.type) for name, array in zip(sorted(columns), arrays, strict=True)])
    sink = BytesIO()
    # Statistics and the Arrow schema would only add bytes; splitting the float bytes is what makes them compress.
    plain = {"use_dictionary": False, "use_byte_stream_split": True, "write_statistics": False, "store_schema": False}
    with pq.ParquetWriter(sink, schema, compression="zstd", **plain) as writer:
        writer.write_table(pa.table(arrays, schema=schema), row_group_size=max(1, sum(part[2] for part in parts)))
        writer.add_key_value_metadata({_METADATA: json.dumps({"parts": parts, "stamps": stamps}, sort_keys=True)})
    return sink.getvalue()


def score_bytes(path: Path) -> bytes | None:
    """The bytes of a file of scores, None where there is no such file; raises StoreError."""
    try:
        return read_bytes(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from error


def parse_scores(data: bytes | None, file: RecordFile, where: Path) -> dict[CellId, Ranked]:
    """The scores of the records of `file` in the bytes of the file at `where`, by cell.

    A cell is left out where none are stored, or only those of another record. Raises StoreError if `data` cannot be read, or hold NaN or
    infinity.
    """
    if data is None:
        return {}
    with _blamed(where):
        stored, metadata = _opened(data)
        table = stored.read(use_threads=False)  # a pool of threads that is alive at exit can end a finished process with an abort
        ends = np.cumsum([0, *(part[2] for part in metadata["parts"])])
        if ends[-1] != table.num_rows:
            raise ValueError("parts and rows differ in number")
        places = {tuple(part): place for place, part in enumerate(metadata["parts"])}
        scores = {}
        for record in file.records:
            place, name = places.get(_part(record)), score_column(record)
            if place is not None and name in metadata["stamps"] and metadata["stamps"][name][place] == stamp(record):
                column = table.column(name).slice(int(ends[place]), int(ends[place + 1] - ends[place]))
                values = column.to_numpy()
                if values.dtype not in (np.float32, np.float64):
                    raise ValueError("scores are float32 or float64")
                if not np.isfinite(values).all():
                    raise StoreError(f"{where} holds NaN or infinity in column {name!r}; restore it, or delete it and run again")
                scores[record.cell] = values
        return scores


def is_matched(data: bytes | None, file: RecordFile, where: Path) -> bool:
    """Whether every column of scores was measured on a record of `file`; where one was not, evidence was edited by hand."""
    if data is None:
        return True
    with _blamed(where):
        metadata = _opened(data)[1]
        stamps = {mark for column in metadata["stamps"].values() for mark in column if mark is not None}
    return stamps <= {stamp(record) for record in file.records}


@contextmanager
def _blamed(where: Path) -> Iterator[None]:
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:  # pyarrow's ArrowInvalid is a ValueError
        raise StoreError(f"{where} cannot be read as the scores of its records; restore it, or delete it and run again") from error


def _opened(data: bytes) -> tuple[Any, dict[str, Any]]:
    """A file of scores, and what its metadata say of parts and stamps."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stored = pq.ParquetFile(pa.BufferReader(data))
    return stored, json.loads(stored.metadata.metadata[_METADATA])


def _part(record: Record) -> _PartKey:
    return record.split, record.subset, record.n, record.digest or ""
