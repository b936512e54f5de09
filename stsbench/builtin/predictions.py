"""Scores that another program made, read from a file: a pair scorer without a model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stsbench.builtin.benchmarks.readers.reading import FORMS, form_of, read_table
from stsbench.contracts.components.options import Location
from stsbench.contracts.data import Float64
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import DataError, ModelError

from .benchmarks.tables.columns import guessed
from .benchmarks.tables.grades import is_number
from .benchmarks.tables.table import Columns

_NAMES = ("prediction", "predictions", "pred", "similarity", "score", "scores")  # of the column of scores


@dataclass(frozen=True)
class Predictions:
    """The scores of a file: looked up by the two texts of a pair where it holds texts, else taken row by row."""

    label: str
    path: Path
    digest: str
    columns: dict[str, str]
    part: tuple[str, str] | None = None

    whole = True  # rows can only be matched when all pairs of a part are asked for at once

    def for_part(self, split: str, subset: str) -> Predictions:
        """The same, with those rows only that the file's columns `split` and `subset` (either, or none) say are of that part."""
        return replace(self, part=(split, subset))

    @property
    def fingerprint(self) -> Fingerprint:
        """The content of the file; which columns are read is in the options."""
        return Fingerprint.of(scores=self.digest)

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The prediction of each pair, float64[n]; raises DataError where one is missing, repeated with another value, or no number."""
        keys, values, columns = self._read
        if keys is None:
            if len(values) != len(left):
                raise DataError(
                    f"{self.label} has {len(values)} scores and the benchmark's part {len(left)} pairs; give one score a pair in its order "
                    "(with columns split and subset where there are several parts), or add the columns left and right with the two texts"
                )
            sides = [(list(column), list(side)) for column in columns.values() for side in (left, right)]
            if any(column != side and Counter(map(str, column)) == Counter(side) for column, side in sides):
                raise DataError(
                    f"{self.label} holds the texts of the pairs in another order; name its columns of texts with left= and right="
                )
            return values.copy()
        known: dict[tuple[str, str], float] = {}
        for row, (key, value) in enumerate(zip(keys, values.tolist(), strict=True), 1):
            if known.setdefault(key, value) != value:
                raise DataError(f"row {row} of {self.label} gives a pair another score than an earlier row; leave one of them out")
        missing = [row for row, key in enumerate(zip(left, right, strict=True), 1) if key not in known]
        if missing:
            raise DataError(
                f"{self.label} has no score for {len(missing)} of {len(left)} pairs, the first being pair {missing[0]}; predict every pair"
            )
        return np.array([known[key] for key in zip(left, right, strict=True)], dtype=np.float64)

    @cached_property
    def _read(self) -> tuple[list[tuple[str, str]] | None, Float64, Columns]:
        """The texts of each row, or None, its score, and all columns."""
        if self.path.suffix == ".npy":
            return None, _numbers(_array(self.path, self.label).tolist(), self.label), {}
        if (form := form_of(self.path)) not in FORMS:
            raise DataError(f"{self.label} is none of {', '.join(FORMS)} and npy; write the scores in one of these")
        columns = self._of_part(read_table(self.path, form, self.label).columns)
        values = _numbers(columns[_column(columns, self.columns["column"], "column", self.label)], self.label)
        left, right = (_column(columns, self.columns[side], side, self.label) for side in ("left", "right"))
        if not left and not right:
            return None, values, columns
        if not left or not right:
            raise DataError(f"{self.label} has one column of texts; name both with left= and right=, or give scores alone")
        return [(str(one), str(other)) for one, other in zip(columns[left], columns[right], strict=True)], values, columns

    def _of_part(self, columns: Columns) -> Columns:
        wanted = dict(zip(("split", "subset"), self.part or (), strict=False))
        keep = [
            all(str(columns[name][row]) == value for name, value in wanted.items() if name in columns)
            for row in range(len(next(iter(columns.values()), ())))
        ]
        return {name: [value for value, own in zip(values, keep, strict=True) if own] for name, values in columns.items()}


def scores(path: Location, /, *, left: str = "", right: str = "", column: str = "", name: str = "") -> Predictions:
    """Scores from a file that another program wrote: csv, tsv, jsonl, parquet or npy.

    Where two columns of texts are named by `left` and `right`, or have names that are usual for them, a score is looked up by the two
    texts, exactly as the benchmark has them; else scores stand in the order of the benchmark's pairs. Columns `split` and `subset` say
    which part of a benchmark of several a row is of. `column` names the column of scores; `name` tells systems apart in tables.
    """
    del name
    if path.path is None or path.digest is None:
        raise ModelError(f"scores are read from a file; start its path with ./, ../, / or ~, as in scores:./{path.label}")
    if path.path.is_dir():
        raise ModelError(f"{path.label} is a folder; name the file with the scores")
    return Predictions(path.label, path.path, path.digest, {"left": left, "right": right, "column": column})


def _column(columns: Columns, given: str, what: str, label: str) -> str:
    """The name of a column: the given one, else the only known name; empty where texts have none."""
    if given:
        if given not in columns:
            raise DataError(f"{label} has no column {given!r} for {what}=; it has {', '.join(columns)}")
        return given
    candidates = [name for name in columns if name.lower() in _NAMES] if what == "column" else guessed(columns, what)
    if what == "column" and not candidates and len(columns) == 1:
        candidates = list(columns)
    if len(candidates) > 1 or (what == "column" and not candidates):
        there = f" ({', '.join(candidates)} may)" if candidates else ""
        raise DataError(
            f"{label} does not say which column holds the {what if what != 'column' else 'scores'}{there}; name it with {what}="
        )
    return candidates[0] if candidates else ""


def _numbers(values: Sequence[Any], label: str) -> Float64:
    numbers = np.empty(len(values))
    for row, value in enumerate(values):
        try:
            numbers[row] = float(value) if not isinstance(value, str) or is_number(value) else math.nan
        except (TypeError, ValueError):
            numbers[row] = math.nan
        if not math.isfinite(numbers[row]):
            raise DataError(f"row {row + 1} of {label} has no finite score; predict every pair")
    return numbers


def _array(path: Path, label: str) -> np.ndarray[Any, Any]:
    try:
        array: np.ndarray[Any, Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        raise DataError(f"{label} is not a readable npy file of numbers; write it anew with numpy.save") from None
    if array.ndim != 1:
        raise DataError(f"{label} holds an array of shape {array.shape}; scores are one number a pair")
    return array
