"""Vectors that another program made, read from a file: an encoder without a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stsbench.contracts.components.options import Execution, Location
from stsbench.contracts.components.protocols import NamedBenchmark
from stsbench.contracts.data import Embeddings, Float32
from stsbench.contracts.fingerprint import Fingerprint, digest
from stsbench.contracts.reading import read_text
from stsbench.errors import DataError, ModelError, OptionError

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
ROUNDING = 1e-4  # of a vector's length
_FORMS = ("npy", "parquet", "safetensors")


@dataclass(frozen=True)
class Vectors:
    """Vectors from a file that another program wrote: parquet, npy or safetensors.

    A parquet file holds a column of texts (`texts`) and one of lists of numbers (`column`); beside X.npy or X.safetensors (with one
    tensor, or the one that `column` names) lies X.jsonl with the text of each row as a JSON string, or X.txt with one text a line.
    With `rows=STSBenchmark`, or another benchmark (a file too, its commas written %2C: `rows=csv:pairs.csv%2Cscore=label`), an array
    needs no texts: it holds one row for the left text of each pair, then one for the right text of each, in the benchmark's order (part
    after part where it has several), or these two as an array [2, n, d]. A text gets the vector of the first row that is its own; others
    of it may differ by rounding. `name` tells systems apart in tables.
    """

    path: Location
    _: KW_ONLY
    texts: str = "text"
    column: str = "vector"
    name: str = ""
    rows: Execution[NamedBenchmark | None] = None

    views = ("sentence",)
    token_views = ()
    stored = False  # they lie in a file already

    def __post_init__(self) -> None:
        if self.path.path is None or self.path.digest is None:
            raise ModelError(f"vectors are read from a file; start its path with ./, ../, / or ~, as in vectors:./{self.label}")
        if self.file.suffix.removeprefix(".") not in _FORMS:
            raise ModelError(f"{self.label} is none of {', '.join(_FORMS)}; write the vectors of texts in one of these")
        if self.rows and self.file.suffix == ".parquet":
            raise ModelError(f"{self.label} has texts of its own; leave out rows=")

    @property
    def label(self) -> str:
        """What messages call the file."""
        return self.path.label

    @property
    def file(self) -> Path:
        """Where it is."""
        assert self.path.path is not None
        return self.path.path

    @property
    def fingerprint(self) -> Fingerprint:
        """The content of the file and of the texts beside it, or of the pairs whose order its rows have."""
        if self.rows:
            return Fingerprint.of(vectors=self.path.digest, rows=self.rows.digest)
        beside = self._beside
        return Fingerprint.of(vectors=self.path.digest, texts=digest([beside.read_bytes()]) if beside else None)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """The stored vector of each text, float32[u, d]; raises DataError where one is missing, OptionError for a prompt."""
        if prompt:
            raise OptionError("vectors from a file were made with whatever prompt they were made with; leave out prompt=")
        rows, values = self._read
        missing = [place for place, text in enumerate(texts) if text not in rows]
        if missing:
            raise DataError(f"{self.label} has no vector for {len(missing)} of {len(texts)} texts; encode every text of the benchmark")
        return Embeddings({view: values[[rows[text] for text in texts]] for view in views})

    @property
    def _beside(self) -> Path | None:
        """The file with the text of each row of an array: of the same name, one JSON string a line, or one text a line."""
        if self.file.suffix == ".parquet":
            return None
        beside = [path for path in (self.file.with_suffix(".jsonl"), self.file.with_suffix(".txt")) if path.is_file()]
        if not beside:
            raise ModelError(
                f"{self.label} does not say which text a row is of; put {self.file.stem}.jsonl beside it, one text a line as a JSON "
                "string, or name the benchmark whose texts it has in their order with rows="
            )
        return beside[0]

    @property
    def _listed(self) -> tuple[list[str], np.ndarray[Any, Any]]:
        """The text of each row, and the values as they are in the file."""
        if self.rows:
            values = _array(self)
            return self.rows.texts, np.concatenate(values) if values.ndim == 3 and len(values) == 2 else values
        return _parquet(self) if self._beside is None else (_lines(self._beside, self.label), _array(self))

    @cached_property
    def _read(self) -> tuple[dict[str, int], Float32]:
        """The row of each text, and the vectors."""
        texts, values = self._listed
        if values.ndim != 2 or len(values) != len(texts):
            raise DataError(f"{self.label} holds an array of shape {values.shape} for {len(texts)} texts; give one row a text")
        vectors = np.ascontiguousarray(values, dtype=np.float32)
        if not np.isfinite(vectors).all():
            row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
            raise DataError(f"row {row + 1} of {self.label} has a value that is not finite; write it anew")
        rows: dict[str, int] = {}
        for row, text in enumerate(texts):
            if (first := rows.setdefault(text, row)) != row and not _alike(vectors[first], vectors[row]):
                raise DataError(
                    f"rows {first + 1} and {row + 1} of {self.label} give one text two vectors; encode each text in one way only"
                )
        return rows, vectors


def _alike(vector: Float32, other: Float32) -> bool:
    """Whether two vectors of one text differ by no more than batches of different lengths make of one."""
    return float(np.linalg.norm(vector - other)) <= ROUNDING * max(float(np.linalg.norm(vector)), float(np.linalg.norm(other)))


def _lines(path: Path, label: str) -> list[str]:
    try:
        lines = read_text(path).removesuffix("\n").split("\n")
        texts = [json.loads(line) for line in lines] if path.suffix == ".jsonl" else lines
    except (OSError, ValueError, RecursionError):
        raise DataError(f"the texts beside {label} cannot be read; write one text a line, UTF-8 (as a JSON string in .jsonl)") from None
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"the texts beside {label} are not all JSON strings; write one text a line")
    return texts


def _array(of: Vectors) -> np.ndarray[Any, Any]:
    try:
        if of.file.suffix == ".npy":
            loaded: np.ndarray[Any, Any] = np.load(of.file, allow_pickle=False)
            return loaded.astype(np.float32)
        return _safetensor(of.file.read_bytes(), of.column)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DataError(f"{of.label} is not a readable file of one {'array' if of.file.suffix == '.npy' else 'tensor'} of floats") from None


def _safetensor(data: bytes, name: str) -> np.ndarray[Any, Any]:
    """One tensor of a safetensors file: the length of the header (8 bytes), a JSON header, the values."""
    size = int.from_bytes(data[:8], "little")
    header = {key: value for key, value in json.loads(data[8 : 8 + size]).items() if key != "__metadata__"}
    (entry,) = header.values() if len(header) == 1 else (header[name],)
    start, stop = entry["data_offsets"]
    return np.frombuffer(data[8 + size + start : 8 + size + stop], dtype=_DTYPES[entry["dtype"]]).reshape(entry["shape"])


def _parquet(of: Vectors) -> tuple[list[str], np.ndarray[Any, Any]]:
    from stsbench.builtin.benchmarks.readers.parquet import read_parquet  # which brings all readers of benchmarks

    columns = read_parquet(of.file.read_bytes(), of.label).columns
    for name, option in ((of.texts, "texts"), (of.column, "column")):
        if name not in columns:
            raise DataError(f"{of.label} has no column {name!r} for {option}=; it has {', '.join(columns)}")
    texts, rows = list(columns[of.texts]), columns[of.column]
    lengths = {len(row) if isinstance(row, list) else -1 for row in rows}
    if not all(isinstance(text, str) for text in texts) or len(lengths) > 1 or -1 in lengths:
        raise DataError(f"{of.label} must hold a text and a list of numbers of one length in every row")
    try:
        return texts, np.array(rows, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError(f"column {of.column!r} of {of.label} does not hold lists of numbers") from None
