"""Files of texts that are no pairs yet: a text a line, or a column of a table. No message repeats a text or a path."""

from __future__ import annotations

from pathlib import Path

from stsbench.builtin.benchmarks.readers.delimited import Dialect, decoded
from stsbench.builtin.benchmarks.readers.reading import FORMS, form_of, read_table
from stsbench.builtin.benchmarks.readers.unpacking import read_bytes
from stsbench.errors import DataError

from .tables.columns import to_column

WHAT = "the file of texts"


def read_texts(path: Path, column: str = "") -> list[str]:
    """The texts of a file in its order, those that are empty left out; raises DataError.

    Of csv, tsv, jsonl and parquet it is the `column`, without which the only one that is named as such columns are; else texts are lines.
    """
    if (form := form_of(path)) in FORMS:
        texts = to_column(read_table(path, form, WHAT, fits=lambda header: not column or column in header), column, WHAT)
    elif column:
        raise DataError("a column is of a table; name a csv, tsv, jsonl or parquet file, or leave --column out for a text a line")
    else:
        lines = decoded(read_bytes(path, WHAT), Dialect(), WHAT).replace("\r\n", "\n").replace("\r", "\n")
        texts = lines.split("\n")  # not `splitlines`, for which lines end within texts, too
    if not (texts := [text for text in texts if text.strip()]):
        raise DataError(f"{WHAT} holds no text; give one a line, or a table with --column")
    return texts
