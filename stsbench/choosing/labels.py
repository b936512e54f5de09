"""What people send back, which nobody can trust: read from the file of a page or a sheet, checked against what was asked."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unicodedata import normalize

from stsbench.builtin.benchmarks.readers.delimited import Dialect
from stsbench.builtin.benchmarks.readers.reading import read_table
from stsbench.builtin.benchmarks.tables.grades import is_number
from stsbench.choosing.folder import JobFolder
from stsbench.choosing.job import HIGHEST, LONGEST_NAME, LOWEST, RaterLabels, Round
from stsbench.choosing.page import FORM, HEADER, VERSION, sides
from stsbench.contracts.reading import name_of, parse_json
from stsbench.contracts.wording import as_cell, counted, of_cell, shows
from stsbench.errors import DataError, UsageError

MOST_BYTES = 5_000_000
_OURS = re.compile(r"(?i)^(?:round|labels)[-_ ]*\d*[-_ ]*|[-_ ]*\(\d+\)$")  # of a file's name, what is no person's

Values = Mapping[str, float | None]


def read_labels(path: Path, folder: JobFolder, rater: str = "") -> list[RaterLabels]:
    """What a file says, by round; `rater` says whose it is, where the file does not. Raises DataError or UsageError in one sentence."""
    what = name_of(path)
    try:
        size = path.stat().st_size if path.is_file() else -1
    except OSError:
        size = -1
    if size < 0:
        raise UsageError(f"{what} is no file that can be read; give the file that a page saved, or a sheet")
    if size > MOST_BYTES:
        raise DataError(f"{what} holds {size / 1e6:z.0f} MB, more than labels are; give the file that a page saved, or a sheet")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{what} cannot be read ({error.strerror}); check that it is a file you may read") from error
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        raise DataError(f"{what} is a page, and holds no label; rate on it in a browser, and give the file that it saves")
    if start in (b"{", b"["):
        said, named, source = _of_page(data, what)
    else:
        (said, named), source = _of_sheet(path, what, folder), None
    if not said:
        raise DataError(f"{what} holds no label; rate some of its pairs first")
    who = _checked_name(rater or named, what)
    rounds = {item: asked for asked in folder.rounds for item in asked.names()}
    _require_asked(said, rounds, what, folder.job.id)
    numbers = sorted({rounds[item].number for item in said})
    if source is not None and [source] != [(folder.job.id, number) for number in numbers]:
        raise DataError(f"{what} does not name the job and the round whose items it rates; give the file as the page saved it")
    return [
        RaterLabels(job=folder.job.id, round=number, rater=who, values={k: v for k, v in said.items() if rounds[k].number == number})
        for number in numbers
    ]


def merged(before: RaterLabels | None, now: RaterLabels, what: str, *, replace: bool) -> RaterLabels:
    """What a person said of a round before and now; raises DataError where they said two things of one item, unless these `replace`."""
    if before is None or replace:
        return now
    old, new = before.without_gaps(), now.without_gaps()
    for item in sorted(old.keys() & new.keys(), key=_place):
        if old[item] != new[item]:
            raise DataError(
                f"{what} rates item {_place(item)} of round {now.round} with {new[item]:zg}, and {now.rater} rated it {old[item]:zg} "
                "before; give --replace to take what is said now, or --rater where this is somebody else"
            )
    return now.model_copy(update={"values": {**before.values, **now.values, **old, **new}})


def _of_page(data: bytes, what: str) -> tuple[Values, str, tuple[Any, Any]]:
    """Values by item, the rater, and job and round, of the file that a page saved."""
    step = "give the file as the page saved it"
    try:
        document = parse_json(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{what} cannot be read as JSON; {step}") from error
    if not isinstance(document, dict) or document.get("form") != FORM or not isinstance(document.get("labels"), list):
        raise DataError(f"{what} holds no labels of a page; {step}")
    if document.get("version") != VERSION:
        raise DataError(f"{what} was saved by the page of another version of stsbench; upgrade stsbench")
    values: dict[str, float | None] = {}
    for number, label in enumerate(document["labels"], 1):
        if not isinstance(label, dict) or not isinstance(item := label.get("item"), str):
            raise DataError(f"label {number} of {what} names no item; {step}")
        _take(values, item, _number(label.get("value"), f"label {number} of {what}"), f"label {number} of {what}")
    named = document.get("rater")
    return values, named if isinstance(named, str) else "", (document.get("job"), document.get("round"))


def _of_sheet(path: Path, what: str, folder: JobFolder) -> tuple[dict[str, float | None], str]:
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
        _take(values, name, _read(str(value or "").strip(), where), where)
    return {name: value for name, value in values.items() if value is not None}, _OURS.sub("", path.stem).strip("-_ ")


def _take(values: dict[str, float | None], item: str, value: float | None, where: str) -> None:
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


def _number(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError(f"{where} has a value that is no number; labels are {LOWEST} to {HIGHEST}")
    return float(value)


def _checked_name(name: str, what: str) -> str:
    """A rater's name as it is shown; raises UsageError for none, and for what is none."""
    name = " ".join(normalize("NFC", name).split())  # names of files may be written otherwise than those that were typed
    if not name:
        raise UsageError(f"{what} does not say whose labels it holds; give --rater NAME")
    if len(name) > LONGEST_NAME or not all(map(shows, name)):
        raise UsageError(
            f"{what} has a name of a rater that is longer than {LONGEST_NAME} characters, or does not print; give --rater NAME"
        )
    return name


def _require_asked(said: Values, rounds: Mapping[str, Round], what: str, job: str) -> None:
    """Raises DataError where an item is none of the job's, or a value is off the scale."""
    others = [item for item in said if item not in rounds]
    if others and not any(item.startswith(f"{job}-") for item in said):
        raise DataError(f"{what} holds labels of another job; give it to `stsbench choose label` with the folder that its page came from")
    if others:
        raise DataError(f"{what} rates {counted(len(others), 'item')} that this job never asked about; give the file as it was saved")
    off = [item for item, value in said.items() if value is not None and not LOWEST <= value <= HIGHEST]
    if off:
        raise DataError(
            f"{what} has {counted(len(off), 'label')} off the scale from {LOWEST} to {HIGHEST}, the first at item {_place(off[0])}; "
            "correct or leave out those labels"
        )


def _place(item: str) -> int:
    """The place of an item in its round."""
    return int(item.rpartition("-")[2])
