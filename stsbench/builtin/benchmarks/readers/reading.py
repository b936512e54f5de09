"""Files of rows to columns: jsonl, json, csv, tsv and parquet, each also packed. Plain readers, so that errors name the row.

JSON is an object a line, or one list of objects. No message repeats a value.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from stsbench.builtin.benchmarks.readers.delimited import Dialect, decoded, read_delimited
from stsbench.builtin.benchmarks.readers.parquet import read_parquet
from stsbench.builtin.benchmarks.readers.unpacking import ENDINGS, MOST_MB, read_bytes
from stsbench.builtin.benchmarks.tables.grades import is_exact
from stsbench.builtin.benchmarks.tables.table import Fault, Faults, Table
from stsbench.contracts.reading import RepeatedKey, distinct
from stsbench.errors import DataError

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


_AS_IN = 'write one object a line, as in {"sentence1": "...", "sentence2": "...", "score": 3.5}'
_NO_JSON = Fault("{is} not JSON", _AS_IN)
_DEEP = Fault("{holds} lists or objects nested too deep to be read", "leave out what is nested there")
_TWICE = Fault("{has} a key twice", "leave one of them out")
_NO_OBJECT = Fault("{is} not a JSON object", "write one object a line")
_LONGEST = 400  # digits; a longer whole number is more than any float


def read_json(text: str, what: str) -> Table:
    """Columns of one object a line, or of one list of objects; raises DataError with the rows that are none."""
    faults = Faults()
    rows: list[Any] = []
    lines: array[int] | tuple[()] = ()
    whole = _whole(text, what)
    if whole is None:
        lines = array("q")
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                rows.append(_row(line, len(rows), faults))
                lines.append(number)
    else:
        rows = whole
    for row, value in enumerate(rows):
        if not isinstance(value, dict):
            faults.add(_NO_OBJECT, row)
    faults.refuse(Table({}, len(rows), lines=lines), what)
    names = dict.fromkeys(name for row in rows for name in row)
    return Table({name: [row.get(name) for row in rows] for name in names}, len(rows), lines=lines)


def _whole(text: str, what: str) -> list[Any] | None:
    """The list that the text is, if it is one."""
    if not text.lstrip().startswith("["):
        return None
    try:
        parsed = _parsed(text)
    except RepeatedKey:
        raise DataError(f"{what} has a key twice in one object; leave one of them out") from None
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise DataError(f"{what} is not JSON{where}; {_AS_IN}") from None
    return parsed if isinstance(parsed, list) else None


def _row(line: str, row: int, faults: Faults) -> Any:
    try:
        return _parsed(line)
    except RepeatedKey:
        faults.add(_TWICE, row)
    except RecursionError:
        faults.add(_DEEP, row)
    except ValueError:
        faults.add(_NO_JSON, row)
    return {}


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=_whole_number, parse_float=_fraction, object_pairs_hook=distinct)


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST else float(digits)


def _fraction(digits: str) -> float | Decimal:
    """The number as it is written, where a float would not say so."""
    number = float(digits)
    return number if is_exact(digits, number) else Decimal(digits)
