"""What people send back, which nobody can trust: read from the file of a page or a sheet, checked against what was asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from stsbench.choosing.folder import JobFolder
from stsbench.choosing.job import HIGHEST, LONGEST_NAME, LOWEST, RaterLabels, Round
from stsbench.choosing.sheet import read_sheet, take
from stsbench.contracts.reading import name_of, parse_json
from stsbench.contracts.wording import counted, shows
from stsbench.errors import DataError, UsageError

MOST_BYTES = 5_000_000
FORM, VERSION = "stsbench labels", 1  # what the page's file says that it is

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
        raise DataError(f"{what} holds {size / 1e6:.0f} MB, more than labels are; give the file that a page saved, or a sheet")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{what} cannot be read ({error.strerror}); check that it is a file you may read") from error
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        said, named, source = _of_page(data, what)
    else:
        (said, named), source = read_sheet(path, what, folder), None
    if not said:
        raise DataError(f"{what} holds no label; rate some of its pairs first")
    who = _checked_name(rater or named, what)
    rounds = _by_item(folder.rounds)
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
                f"{what} rates item {_place(item)} of round {now.round} with {new[item]:g}, and {now.rater} rated it {old[item]:g} before; "
                "give --replace to take what is said now, or --rater where this is somebody else"
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
        take(values, item, _number(label.get("value"), f"label {number} of {what}"), f"label {number} of {what}")
    named = document.get("rater")
    return values, named if isinstance(named, str) else "", (document.get("job"), document.get("round"))


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


def _by_item(rounds: Sequence[Round]) -> dict[str, Round]:
    return {item: asked for asked in rounds for item in asked.names()}


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
