"""A round as a spreadsheet: nothing in it is taken for a formula, and what comes back is checked against what went out."""

from __future__ import annotations

import re
from pathlib import Path

from stsbench.builtin.benchmarks.readers.delimited import Dialect
from stsbench.builtin.benchmarks.readers.reading import read_table
from stsbench.builtin.benchmarks.tables.grades import is_number
from stsbench.choosing.folder import JobFolder
from stsbench.choosing.job import HIGHEST, LOWEST, AskedPair, Round
from stsbench.contracts.data import Pairs
from stsbench.contracts.wording import as_cell, of_cell
from stsbench.errors import DataError
from stsbench.stores.canonical import csv_bytes

HEADER = ("item", "text 1", "text 2", f"score {LOWEST} to {HIGHEST}")
_MARK = b"\xef\xbb\xbf"  # by which spreadsheet programs know UTF-8
_OURS = re.compile(r"(?i)^(?:round|labels)[-_ ]*\d*[-_ ]*|[-_ ]*\(\d+\)$")  # of a file's name, what is no person's


def sides(pool: Pairs, item: AskedPair) -> tuple[str, str]:
    """The two texts of an item as they are shown."""
    left, right = (texts[item.row] for texts in pool.texts)
    return (right, left) if item.swapped else (left, right)


def sheet(asked: Round, pool: Pairs) -> bytes:
    """The csv file of a round, with an empty column for what a person says."""
    rows = [[name, *map(as_cell, sides(pool, item)), ""] for name, item in asked.names().items()]
    return _MARK + csv_bytes([HEADER, *rows], quoted=True)


def read_sheet(path: Path, what: str, folder: JobFolder) -> tuple[dict[str, float | None], str]:
    """Values by item, and what the file's name says of whose they are; raises DataError where its texts are not those of its items."""
    table = read_table(path, "csv", what, Dialect(quote="double"))
    lacking = [name for name in HEADER if name not in table.columns]
    if lacking:
        raise DataError(f"{what} has no column {lacking[0]!r}; give the sheet with the columns that it had")
    items = {name: item for asked in folder.rounds for name, item in asked.names().items()}
    values: dict[str, float | None] = {}
    for row, (name, first, second, value) in enumerate(zip(*(table.columns[name] for name in HEADER), strict=True), 1):
        where = f"row {row} of {what}"
        name = str(name or "").strip()
        if not name and not (value or "").strip():
            continue
        if name in items and not all(map(_same, (first, second), sides(folder.pool, items[name]))):
            raise DataError(
                f"{where} has other texts than its item; a part of the sheet was sorted or edited, so restore it and rate again"
            )
        take(values, name, _read(str(value or "").strip(), where), where)
    return {name: value for name, value in values.items() if value is not None}, _OURS.sub("", path.stem).strip("-_ ")


def take(values: dict[str, float | None], item: str, value: float | None, where: str) -> None:
    """Note the value of an item; raises DataError where another was noted before."""
    if values.setdefault(item, value) != value:
        raise DataError(f"{where} gives an item another value than an earlier one does; leave out either")


def _read(text: str, where: str) -> float | None:
    plain = text.replace(",", ".")
    if not text:
        return None
    if not is_number(plain):
        raise DataError(f"{where} has a value that is no number; labels are {LOWEST} to {HIGHEST}, and an empty cell is none")
    return float(plain)


def _same(cell: object, text: str) -> bool:
    """Whether a cell holds that text, as it went out or as a spreadsheet program shows it; white space may be another."""
    given, plain = " ".join(str(cell or "").split()), " ".join(text.split())
    return given in (plain, " ".join(as_cell(text).split())) or of_cell(given) == plain
