"""Canonical JSON and CSV: the same value has the same bytes on every machine."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from stsbench.contracts.wording import printable_json


def json_bytes(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys, two spaces of indent, LF and a final newline, what does not print escaped.

    Raises ValueError on NaN and infinity.
    """
    return (printable_json(json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)) + "\n").encode()


def csv_bytes(rows: Iterable[Iterable[object]], *, quoted: bool = False) -> bytes:
    """A table as UTF-8, with LF, and quotes around the cells that need them, or around every cell."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    return stream.getvalue().encode()
