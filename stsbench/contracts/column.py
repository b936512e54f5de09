"""A column as a value: what it says of a row, how that reads, and where tables for people set it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from stsbench.contracts.figures import ABSENT, rank_set, span

Ends = tuple[float | None, float | None]
Spread = tuple[float, float, float]  # lower limit, value, upper limit
Plain = str | int | float | bool | None
Value = Plain | tuple[int, int] | Spread
Group = Literal["always", "scores", "ranking", "cost", "origin"]
T = TypeVar("T", contravariant=True)


def _no_limits(_: object) -> Ends:
    return None, None


def _dash(_: object) -> str:
    return ABSENT


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
    absent: Callable[[T], str] = _dash
    limits: Callable[[T], Ends] = _no_limits
    optional: bool = False
    long: bool = True
    benchmark: int | None = None

    @property
    def right(self) -> bool:
        """Whether it is set to the right: figures and intervals are."""
        return self.kind in (int, float, tuple)

    @property
    def sorts_as_number(self) -> bool:
        """Whether it is sorted by size; a rank set by its best rank, an interval by its lower limit."""
        return self.right or self.kind is range

    def text(self, row: T, whole: str = "", joint: str = "–") -> str:
        """How the value reads, without its limits; `whole` is the format of whole numbers that do not say their own, `joint` of intervals."""
        value = self.value(row)
        if value is None:
            return self.absent(row)
        if isinstance(value, tuple):
            return rank_set(*value, joint) if len(value) == 2 else span(value[0], value[2], joint)
        return self.shown(value) if self.shown else format(value, whole if self.kind is int else "")

    def plain(self, row: T) -> Plain:
        """The value for scripts, which have no ranges."""
        value = self.value(row)
        return self.text(row) if isinstance(value, tuple) else value


def telling(columns: Iterable[Column[T]], rows: Sequence[T]) -> list[Column[T]]:
    """The columns without those optional ones that say nothing of any row."""
    return [column for column in columns if not column.optional or any(column.value(row) is not None for row in rows)]
