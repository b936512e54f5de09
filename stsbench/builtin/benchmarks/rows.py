"""What a benchmark of rows that somebody names can be told, wherever the rows are; and its parts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part
from stsbench.contracts.kinds import Aggregation, Task
from stsbench.errors import OptionError

from .tables.columns import Blank, Names, to_pairs
from .tables.grades import Grading
from .tables.table import Table

By = Literal["subset", "group"]
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}\Z", re.ASCII)


def checked_name(name: str) -> str:
    """`name` as a benchmark may be shown and recorded; raises OptionError where it is no plain word."""
    if name and not (isinstance(name, str) and _NAME.match(name)):
        raise OptionError("option 'name' takes letters, digits, '.', '_' and '-', 80 at most")
    return name


@dataclass(frozen=True, kw_only=True)
class RowBenchmark(Names):
    """Pairs from rows: which columns hold what, how gold is written, and what the benchmark is called; raises OptionError."""

    decimal: str = ""
    map: Sequence[str] = ()
    blank: Blank = "refuse"
    name: str = ""
    languages: Sequence[str] = ()
    aggregation: Aggregation | None = None
    by: By = "subset"
    task: Task = "graded"

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.grading
        if self.by == "group" and not self.group:
            raise OptionError("by=group needs the column that holds the groups; name it with group=")
        if self.negative and (self.score or self.task != "graded"):
            raise OptionError("negative= makes the rows triplets, which have no score: leave out score= and task=, or negative=")
        if self.negative and self.weight:
            raise OptionError("triplets all count the same: leave out weight=, or negative=")
        if len(set(self.score)) < len(self.score):
            raise OptionError("option 'score' names a column twice; give the column of each rater once")
        if len(self.score) > 1 and self.task == "binary":
            raise OptionError(
                "the mean of several raters is a degree, which task=binary does not take; leave task= out, or name one column"
            )
        checked_name(self.name)

    @cached_property
    def grading(self) -> Grading:
        """How gold is written; raises OptionError."""
        return Grading.of(self.decimal, self.map, self.task)

    def shown_as(self, name: str, *, private: bool = False) -> BenchmarkCard:
        """The card; `name` is what it is called unless a name is given."""
        usual = self.aggregation or "mean"
        return BenchmarkCard(
            self.name or name,
            aggregation=usual,
            languages=tuple(self.languages),
            private=private,
            task="triplets" if self.negative else self.task,
        )

    def pairs_of(self, table: Table, what: str, beside: Path | None = None) -> tuple[Pairs, tuple[str, ...]]:
        """The pairs in `table`, and what a reader should know of how they were read; raises DataError."""
        return to_pairs(table, self, what, self.grading, group_needed=True, blank=self.blank, beside=beside)


def by_group(parts: Iterable[Part], *, private: bool = False) -> tuple[Part, ...]:
    """One part for each group of each part, in order of first appearance; its subset is the group, after a slash where there are several.

    Groups of private data go by their number, since their labels may tell something.
    """
    return tuple(
        Part(part.split, name if part.subset == "default" else f"{part.subset}/{name}", part.pairs.take(rows), part.source)
        for part in parts
        for number, (group, rows) in enumerate(_rows(part.pairs.group).items(), 1)
        for name in [f"group {number}" if private else group]
    )


def _rows(groups: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return rows


def chosen(what: str, asked: Iterable[str], there: Sequence[str], owner: str) -> tuple[str, ...]:
    """The names of `there` that are asked for, in the order of `there`; raises OptionError for one that is not among them."""
    asked = tuple(asked)
    for name in asked:
        if name not in there:
            close = difflib.get_close_matches(name, there, 1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise OptionError(f"{owner} has no {what} {name!r}; {hint}there {'is' if len(there) == 1 else 'are'} {', '.join(there)}")
    return tuple(name for name in there if name in asked)
