"""Gold scores from the values of a column: numbers, marks of decimals and thousands, truth values, labels. No message repeats a value."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from stsbench.contracts.arrays import without_digits
from stsbench.contracts.data import Flags, Float64
from stsbench.contracts.kinds import Task
from stsbench.errors import DataError, OptionError
from stsbench.stats.agreement import mean_rating

from .table import Fault, Faults, Table, as_id

MARKS = {"": "", ".": ".", ",": ",", "point": ".", "comma": ","}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)?\Z", re.IGNORECASE)
_TRUTH = {"true": 1.0, "false": 0.0}

_STEP = "correct or leave out the row, or check score= and decimal="
_MISSING = Fault("{has} a gold score that is missing or not finite", _STEP)
_NOT_NUMBER = Fault("{has} a gold score that is not a number", f"{_STEP}; labels in words take map=, as in map=dissimilar:0+similar:1")
_OTHERWISE = (  # numbers that people write and files do not, by what is said of them
    (
        re.compile(r".*\d\s*%\Z"),
        Fault("{has} a gold score with a percent sign", "write plain numbers, as 85; ranks are the same whatever the scale"),
    ),
    (
        re.compile(r"[-\d.,]+\s*/\s*\d+\Z"),
        Fault(
            "{has} a gold score that is written as a fraction",
            "write what stands before the stroke, if what is behind it is always the same",
        ),
    ),
    (
        re.compile(r"[\u2010-\u2015\u2212\uFE63\uFF0D]\s*\d.*\Z"),
        Fault("{has} a gold score with a minus or dash that is no plain one", "write it as -, the sign on the keyboard"),
    ),
)
_TRUTH_VALUE = Fault("{has} a truth value as gold score", "take the pairs as labelled with task=binary, or check score=")
_NO_WEIGHT = Fault("{has} a weight that is no finite number above 0", "correct the column that weight= names")
_NOTHING = Fault("{has} a weight of which figures keep no digit", "give weights of 1 or so, none a billion times as large as another")
_UNRATED = Fault("{has} no rating by anybody", "leave such rows out")
_UNMAPPED = Fault("{has} a label that map= does not name", "name it, as in map=dissimilar:0+similar:1")
_NO_ID = Fault("{holds} no id of a class label as gold score", "write the column as ids, or without the labels of its definition")
_NOT_TOLD_APART = Fault(
    "{has} a gold score that differs from an earlier one in digits that a 64-bit float does not hold",
    "write scores with 15 digits at most; what all have in common may be subtracted, since ranks are the same",
)
_EXACT = 15  # digits of a number that no other one of so few becomes equal to
_NOT_BINARY = Fault("{has} a label that is neither 0 nor 1", "correct it, or take the pairs as graded")


@dataclass(frozen=True, slots=True)
class Grading:
    """How gold is written. `decimal` is the mark of text (found when empty); `worth` are labels and their numbers.

    With `hidden`, -1 marks a hidden score. The gold of a `binary` task is 0 and 1, or false and true. `ids` takes class labels whose
    names are no numbers by their ids, as the definition of a task may mean them.
    """

    decimal: str = ""
    hidden: bool = False
    task: Task = "graded"
    worth: Mapping[str, float] = field(default_factory=dict)
    ids: bool = False

    @classmethod
    def of(cls, decimal: str, labels: Sequence[str], task: Task) -> Grading:
        """A checked grading; raises OptionError."""
        if decimal not in MARKS:
            raise OptionError("option 'decimal' takes point or comma")
        worth: dict[str, float] = {}
        for text in labels:
            label, _, number = text.rpartition(":")
            if not _NUMBER.match(number) or not math.isfinite(float(number)) or label.strip() in worth:
                raise OptionError("option 'map' takes each label once with what it is worth, as in map=dissimilar:0+similar:1")
            worth[label.strip()] = float(number)
        return cls(MARKS[decimal], task=task, worth=worth)


def grades(
    values: Sequence[Any], names: Sequence[str] | None, grading: Grading, faults: Faults, what: str, beside: Sequence[Sequence[Any]] = ()
) -> Float64:
    """The gold scores, NaN where one is at fault; `names` are those of class labels. Raises DataError where no row alone is at fault.

    What stands `beside`, as the columns of other raters do, tells as the values do what a point means.
    """
    if names is not None and not (grading.ids and not all(map(is_number, names))):
        values = [_name(value, names) for value in values]
        if not grading.worth and not all(_is_grade(name, grading) for name in names):
            raise DataError(
                f"the labels of {what} have names that are no numbers; say what each is worth with map=, as in map=dissimilar:0+similar:1"
            )
    mark = grading.decimal or ("." if grading.worth else _mark(values, (values, *beside), what))
    gold = np.empty(len(values))
    for row, value in enumerate(values):
        grade = value if isinstance(value, Fault) else _grade(value, mark, grading)
        if isinstance(grade, Fault):
            faults.add(grade, row)
            grade = math.nan
        gold[row] = grade
    if not grading.worth:
        faults.extend(_NOT_TOLD_APART, _made_equal(values, gold, mark))
    if grading.task == "binary":
        faults.extend(_NOT_BINARY, np.flatnonzero(~np.isin(gold, (0, 1)) & ~np.isnan(gold)).tolist())
    return gold


def is_exact(text: str, number: float) -> bool:
    """Whether the float that a written number becomes is that of no other number written with so few digits."""
    return len(text) <= _EXACT and (abs(number) >= sys.float_info.min or set(text.lower().partition("e")[0]) <= set("+-0.,"))


def _made_equal(values: Sequence[Any], gold: Float64, mark: str) -> list[int]:
    """The rows whose score is written otherwise than that of an earlier row, as a number, and is the same float."""
    doubtful = {
        number
        for value, number in zip(values, gold.tolist(), strict=True)
        if number == number and not isinstance(value, float) and not is_exact(str(value).strip(), number)
    }
    first: dict[float, Any] = {}
    rows = []
    for row, number in enumerate(gold.tolist() if doubtful else ()):
        exact = values[row]
        if number in doubtful and isinstance(exact, str):
            plain = exact.strip().replace("." if mark == "," else ",", "").replace(mark, ".")
            exact = number if plain.lower() in _TRUTH else Decimal(plain)
        if number in doubtful and first.setdefault(number, exact) != exact:
            rows.append(row)
    return rows


def mean_grades(
    columns: Sequence[Sequence[Any]], names: Sequence[Sequence[str] | None], grading: Grading, faults: Faults, what: str
) -> tuple[Float64, Float64 | None]:
    """The gold scores of one column; or of several, one a rater, their means and the ratings, float64[n, raters], NaN where one is missing.

    As `grades`; a row is at fault where nobody rated it.
    """
    if len(columns) == 1:
        return grades(columns[0], names[0], grading, faults, what), None
    missing = _missing(columns)
    ratings = np.full(missing.shape, math.nan)
    faults.extend(_UNRATED, unrated(columns))
    for rater, values in enumerate(columns):
        rated = np.flatnonzero(~missing[rater])
        wrong = Faults()
        ratings[rater, rated] = grades([values[row] for row in rated.tolist()], names[rater], grading, wrong, what, columns)
        for fault, rows in wrong.rows.items():
            faults.extend(fault, rated[rows].tolist())
    return mean_rating(ratings.T), ratings.T


def read_weights(values: Sequence[Any], grading: Grading, faults: Faults, what: str) -> Float64:
    """The weight of each pair, float64[n], a row without a number above 0 being at fault."""
    weights = grades(values, None, Grading(grading.decimal), Faults(), what)
    faults.extend(_NO_WEIGHT, np.flatnonzero(~(weights > 0)).tolist())
    faults.extend(_NOTHING, np.flatnonzero((weights > 0) & without_digits(weights)).tolist())
    return weights


def unrated(columns: Sequence[Sequence[Any]]) -> list[int]:
    """The rows for which no column of scores says anything."""
    return np.flatnonzero(_missing(columns).all(axis=0)).tolist()


def _missing(columns: Sequence[Sequence[Any]]) -> Flags:
    return np.array([[_is_missing(value) for value in values] for values in columns])


def _is_missing(value: Any) -> bool:
    """Whether a rater said nothing: a null, an empty cell or NaN."""
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, float) and math.isnan(value))


def is_number(text: str) -> bool:
    """Whether text is a number as files have it: what Python reads besides (`1_000`, other scripts' digits) is none."""
    return _NUMBER.match(text.strip()) is not None


def require_public(gold: Float64, hidden: bool, table: Table, what: str) -> None:
    """Raise DataError where gold scores are -1 because they are hidden."""
    rows = np.flatnonzero(gold == -1)
    if len(rows) and (hidden or 1 < len(gold) == len(rows)):
        raise DataError(
            f"{table.named([int(rows[0])])} of {what} has the gold score -1, which stands for a hidden one "
            f"(so have {len(rows):,} of {len(gold):,}); choose a split whose scores are public"
        )


def _name(value: Any, names: Sequence[str]) -> Any:
    """The name of a class label, None for -1, the label that is not known, and a fault for what is no id; None and NaN stay."""
    value = as_id(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else None
    return value if value is None or value != value or value in names else _NO_ID


def _is_grade(name: str, grading: Grading) -> bool:
    text = name.strip()
    return bool(_NUMBER.match(text.replace(",", "."))) or (grading.task == "binary" and text.lower() in _TRUTH)


def _grade(value: Any, mark: str, grading: Grading) -> float | Fault:
    if value is None:
        return _MISSING
    if grading.worth:
        label = str(value).lower() if isinstance(value, bool) else str(value).strip()
        return grading.worth.get(label, _UNMAPPED if label else _MISSING)
    if isinstance(value, bool):
        return float(value) if grading.task == "binary" else _TRUTH_VALUE
    if isinstance(value, str):
        return _read(value.strip(), mark, grading)
    if not isinstance(value, Real | Decimal):  # bytes too: Python would take b"1_0" for 10
        return _NOT_NUMBER
    try:
        number = float(value)
    except (OverflowError, ValueError):  # of a signalling NaN
        return _MISSING
    return number if math.isfinite(number) else _MISSING


def _read(text: str, mark: str, grading: Grading) -> float | Fault:
    if (truth := _TRUTH.get(text.lower())) is not None:
        return truth if grading.task == "binary" else _TRUTH_VALUE
    other = "." if mark == "," else ","
    if other in text:  # it can only part thousands, and only where somebody said which mark is which
        if not grading.decimal or not _grouped(text.partition(mark)[0], other):
            return _no_number(text)
        text = text.replace(other, "")
    text = text.replace(mark, ".")
    if _NUMBER.match(text) and math.isfinite(float(text)):
        return float(text)
    return _MISSING if _NO_NUMBER.match(text) or _NUMBER.match(text) else _no_number(text)


def _no_number(text: str) -> Fault:
    """What is wrong with a text that is no number."""
    return next((fault for form, fault in _OTHERWISE if form.match(text)), _NOT_NUMBER)


def _grouped(text: str, mark: str) -> bool:
    """Whether every `mark` parts thousands: one to three digits, then three after each mark."""
    return re.fullmatch(rf"[+-]?[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+", text) is not None


def _mark(values: Sequence[Any], beside: Sequence[Sequence[Any]], what: str) -> str:
    """The decimal mark of numbers that are text. Raises DataError where it may as well part thousands.

    A comma that three digits follow may do so. A point may where other numbers have none, be they text or not, of this rater or another:
    `1.000` beside `950`.
    """
    texts = [value.strip() for value in values if isinstance(value, str)]
    marks = [mark for mark in ",." if any(mark in text for text in texts)]
    if len(marks) != 1:
        return "."
    marked = [text for text in texts if marks[0] in text]
    parted = all(_grouped(text, marks[0]) for text in marked)
    if parted and (marks[0] == "," or any(_is_whole(value) for column in beside for value in column)):
        mark, digits = ("comma", "a comma") if marks[0] == "," else ("point", "a point")
        other = "point" if mark == "comma" else "comma"
        raise DataError(
            f"three digits follow {digits} in every gold score of {what} that has one, so it may be a decimal {mark} or part thousands; "
            f"give decimal={mark} for the first, or decimal={other} for the second"
        )
    return marks[0]


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number, or text of digits alone."""
    return value.strip().lstrip("+-").isdecimal() if isinstance(value, str) else isinstance(value, int) and not isinstance(value, bool)
