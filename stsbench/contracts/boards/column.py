"""A column as a value: what it says of a row, how that reads, and where tables for people set it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from stsbench.contracts.figures import ABSENT, exact, rank_set, span
from stsbench.contracts.wording import as_cell, visible
from stsbench.contracts.work import Plain

Ends = tuple[float | None, float | None]
Spread = tuple[float, float, float]  # lower limit, value, upper limit
Value = Plain | tuple[int, int] | Spread
Group = Literal["always", "scores", "ranking", "cost", "origin"]
T = TypeVar("T", contravariant=True)


def no_limits(_: object) -> Ends:
    """Those of what is shown without any."""
    return None, None


@dataclass(frozen=True)
class Column(Generic[T]):
    """What one column says of a row; `name` is for scripts and `title` for people, `help` says more.

    `kind` is int, float, bool or str; `range` is of two ranks and `tuple` a `Spread`. `shown` is how a value reads, by default as
    the form prints numbers and words, and `absent` what stands where there is none. Tables for people set `limits` beside the value,
    and leave an `optional` column out where no row has a value. The long table has the columns that are `long`, in their order. `group`
    is where a page shows it, and `benchmark` the place of the only benchmark that it is of.
    """

    name: str
    title: str
    kind: type
    value: Callable[[T], Value]
    shown: Callable[[Any], str] | None = None
    help: str = ""
    group: Group = "always"
    absent: Callable[[T], str] = lambda _: ABSENT
    limits: Callable[[T], Ends] = no_limits
    optional: bool = False
    long: bool = True
    benchmark: int | None = None

    @cached_property
    def right(self) -> bool:
        """Whether it is set to the right: figures and intervals are."""
        return self.kind in (int, float, tuple)

    @cached_property
    def sorts_as_number(self) -> bool:
        """Whether it is sorted by size; a rank set by its best rank, an interval by its lower limit."""
        return self.right or self.kind is range

    def text(self, row: T, whole: str = "", joint: str = "–") -> str:
        """How the value reads, without its limits; `whole` is the format of whole numbers without one, `joint` of intervals."""
        value = self.value(row)
        if value is None:
            return self.absent(row)
        if isinstance(value, tuple):
            return rank_set(*value, joint) if len(value) == 2 else span(value[0], value[2], joint)
        return self.shown(value) if self.shown else format(value, whole if self.kind is int else "")

    def texts(self, rows: Iterable[T], whole: str = "", joint: str = "–") -> list[str]:
        """How the values of all rows read, on one line each, with nothing in them that a page or a terminal would do."""
        return [visible(self.text(row, whole, joint)) for row in rows]

    def values(self, rows: Iterable[T]) -> list[Value]:
        """What it says of all rows."""
        return list(map(self.value, rows))

    def ends(self, rows: Iterable[T]) -> list[Ends]:
        """The limits of the values of all rows."""
        return list(map(self.limits, rows))

    def spans(self, rows: Iterable[T], joint: str = "–") -> list[str]:
        """The limits beside the values of all rows as they read, "" where there are none."""
        return [span(*ends, joint) for ends in self.ends(rows)]

    def sizes(self, rows: Iterable[T]) -> list[str]:
        """What the rows are sorted by where that is a number, "" where it is not known."""
        values = [value[0] if isinstance(value, tuple) else value for value in self.values(rows)]
        return [exact(value).rstrip("0").rstrip(".") if isinstance(value, (int, float)) else "" for value in values]

    def plain(self, row: T) -> Plain:
        """The value for scripts, which have no ranges."""
        value = self.value(row)
        return self.text(row) if isinstance(value, tuple) else value


def plain_lines(columns: Iterable[Column[T]], rows: Iterable[T]) -> list[tuple[Plain, ...]]:
    """A line of values for scripts for each row."""
    columns = list(columns)
    return [tuple(column.plain(row) for column in columns) for row in rows]


def written(value: Plain) -> str:
    """A value for scripts as text: figures to 6 decimals, texts on one line, "" for what is not known."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return exact(value)
    return visible(str(value))


def safe_cells(values: Iterable[Plain]) -> list[str]:
    """A column's values, which no spreadsheet takes for a formula; a tab or line break that could start one is shown as its code."""
    return [as_cell(written(value)) if isinstance(value, str) else written(value) for value in values]


def telling(columns: Iterable[Column[T]], rows: Sequence[T]) -> list[Column[T]]:
    """The columns without those optional ones that say nothing of any row."""
    return [column for column in columns if not column.optional or any(column.value(row) is not None and column.text(row) for row in rows)]
