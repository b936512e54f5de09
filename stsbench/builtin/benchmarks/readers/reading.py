"""Files of rows to columns: jsonl, json, csv, tsv and parquet, each also packed. Plain readers, so that errors name the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stsbench.builtin.benchmarks.readers.delimited import Dialect, decoded, read_delimited
from stsbench.builtin.benchmarks.readers.jsonlines import read_json
from stsbench.builtin.benchmarks.readers.parquet import read_parquet
from stsbench.builtin.benchmarks.readers.unpacking import ENDINGS, MOST_MB, read_bytes
from stsbench.builtin.benchmarks.tables.table import Table

FORMS = ("jsonl", "json", "csv", "tsv", "parquet")


def form_of(path: Path) -> str:
    """The ending of a file's name without that of what packs it, which may be one of FORMS."""
    return (path.with_suffix("") if path.suffix.lower() in ENDINGS else path).suffix.lower().removeprefix(".")


def read_table(
    path: Path,
    form: str,
    what: str,
    dialect: Dialect | None = None,
    fits: Callable[[Sequence[str]], bool] = bool,
    most_mb: int = MOST_MB,
) -> Table:
    """The rows of a file of one of FORMS; `what` names the file in messages. Raises DataError, never with a path or value."""
    dialect = dialect or Dialect()
    step = dialect.or_else("unpack or split it, or where the data are meant allow more with unpacked_mb=", "unpack or split it")
    data = read_bytes(path, what, most_mb, step)
    if form == "parquet":
        return read_parquet(data, what, most_mb, step)
    if form in ("jsonl", "json"):
        return read_json(decoded(data, dialect, what), what)
    if form == "tsv" and not dialect.delimiter:
        dialect = replace(dialect, delimiter="\t")
    return read_delimited(data, dialect, fits, what)
