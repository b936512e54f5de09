"""Tables as they were read, and what is wrong with their rows: every faulty one is counted, the first named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stsbench.contracts.wording import counted
from stsbench.errors import DataError

NAMED = 5  # rows that a message names; the others are counted

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Table:
    """`size` rows of columns by name.

    `labels` holds the names behind columns of class labels, nested as the columns are (see `label_names`). `numbers` are those of the
    rows in their file, from 1, where some were left out. Where a row is a line of text, `lines` has the line on which it begins, from 1,
    and `header` lines come before the first row.
    """

    columns: Columns
    size: int
    labels: Mapping[str, Any] = field(default_factory=dict)
    numbers: Sequence[int] = ()
    lines: Sequence[int] = ()
    header: int = 0

    @classmethod
    def of(cls, columns: Columns) -> Table:
        """A table of columns alone, all of one length."""
        return cls(columns, max(map(len, columns.values()), default=0))

    def take(self, rows: Sequence[int]) -> Table:
        """The chosen rows, in the given order."""
        columns = {name: [values[row] for row in rows] for name, values in self.columns.items()}
        lines = [self.lines[row] for row in rows] if self.lines else ()
        return Table(columns, len(rows), self.labels, [self._number(row) for row in rows], lines, self.header)

    def named(self, rows: Sequence[int]) -> str:
        """Rows (from 0) in words, the first five by their number, with their lines where these are not what the numbers suggest."""
        shown = rows[:NAMED]
        more = f" and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
        said = ("row " if len(rows) == 1 else "rows ") + ", ".join(f"{self._number(row)}" for row in shown) + more
        if self.lines and any(self.lines[row] != self._number(row) + self.header for row in shown):
            said += f" ({'line' if len(shown) == 1 else 'lines'} " + ", ".join(f"{self.lines[row]}" for row in shown) + ")"
        return said

    def _number(self, row: int) -> int:
        return self.numbers[row] if self.numbers else row + 1


def labels_of(feature: Any) -> Any:
    """The names of class labels within a feature as `datasets` writes it: a tuple of names, a dict of fields, a list of one, or None."""
    if isinstance(feature, list):
        return [labels_of(feature[0])] if feature else None
    if not isinstance(feature, dict):
        return None
    if feature.get("_type") == "ClassLabel":
        names = feature.get("names") or ()
        return tuple(map(str, names.values() if isinstance(names, Mapping) else names)) or None
    if isinstance(feature.get("_type"), str):
        return [labels_of(feature["feature"])] if "feature" in feature else None
    return {name: labels_of(inner) for name, inner in feature.items()}


def label_names(labels: Any, path: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the class labels at a path into nested columns, or None where there are none."""
    if isinstance(labels, tuple):
        return None if path else labels
    if isinstance(labels, list):
        return label_names(labels[0], path[1:] if path and path[0].isdecimal() else path)
    return label_names(labels[path[0]], path[1:]) if isinstance(labels, Mapping) and path and path[0] in labels else None


def as_id(value: Any) -> Any:
    """A class label's value, a whole number that stands beside absent values, and so became a float, as the id that it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_PLURAL = {"names": "name", "has": "have", "holds": "hold", "is": "are", "begins": "begin"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: what it says of a row, its verb in braces (`{has} no text`), and what to do about it."""

    says: str
    step: str

    def of(self, several: bool) -> str:
        """What is said of one row, or of several."""
        return re.sub(r"\{(\w+)\}", lambda verb: _PLURAL[verb[1]] if several else verb[1], self.says)


@dataclass
class Faults:
    """Rows (from 0) by what is wrong with them, in the order in which they were found; each by its first fault."""

    rows: dict[Fault, list[int]] = field(default_factory=dict)
    advice: str = ""  # what else may be done
    _known: set[int] = field(default_factory=set)

    def add(self, fault: Fault, row: int) -> None:
        """Note one row."""
        if row not in self._known:
            self._known.add(row)
            self.rows.setdefault(fault, []).append(row)

    def extend(self, fault: Fault, rows: Iterable[int]) -> None:
        """Note several rows of one kind."""
        for row in rows:
            self.add(fault, row)

    def refuse(self, table: Table, what: str) -> None:
        """Raise DataError if there was any fault; `what` names the file."""
        if not self.rows:
            return
        kinds = sorted(self.rows.items(), key=lambda kind: kind[1][0])
        given = dict.fromkeys(fault.step for fault, _ in kinds)  # what begins another says nothing that the other does not
        steps = ", or ".join(step for step in given if not any(other != step and other.startswith(step) for other in given)) + self.advice
        if len(kinds) == 1:
            fault, rows = kinds[0]
            raise DataError(f"{table.named(rows)} of {what} {fault.of(len(rows) > 1)}; {steps}")
        listed = ", ".join(f"{table.named(rows)} {fault.of(len(rows) > 1)}" for fault, rows in kinds)
        raise DataError(f"{counted(len(self._known), 'row')} of {what} cannot be taken: {listed}; {steps}")
