"""What a benchmark of rows that somebody names can be told, wherever the rows are: in a file, or in a data set of the hub."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from stsbench.builtin.benchmarks.columns import Blank, Names, to_pairs
from stsbench.builtin.benchmarks.grades import Grading
from stsbench.builtin.benchmarks.table import Table
from stsbench.builtin.benchmarks.task import By
from stsbench.contracts.data import Pairs
from stsbench.contracts.kinds import Aggregation, Task
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.errors import OptionError

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
        _ = self.grading
        if self.by == "group" and not self.group:
            raise OptionError("by=group needs the column that holds the groups; name it with group=")
        checked_name(self.name)

    @cached_property
    def grading(self) -> Grading:
        """How gold is written; raises OptionError."""
        return Grading.of(self.decimal, self.map, self.task)

    def shown_as(self, name: str, *, private: bool = False) -> BenchmarkCard:
        """The card; `name` is what it is called unless a name is given."""
        usual = self.aggregation or "mean"
        return BenchmarkCard(self.name or name, aggregation=usual, languages=tuple(self.languages), private=private, task=self.task)

    def pairs_of(self, table: Table, what: str) -> tuple[Pairs, tuple[str, ...]]:
        """The pairs in `table`, and what a reader should know of how they were read; raises DataError."""
        return to_pairs(table, self, what, self.grading, group_needed=True, blank=self.blank)
