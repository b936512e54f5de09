"""Benchmarks from a file: csv, tsv, jsonl or parquet. Private unless said otherwise: no message holds a value or a path of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stsbench.builtin.benchmarks.columns import Names, to_pairs
from stsbench.builtin.benchmarks.delimited import Dialect
from stsbench.builtin.benchmarks.parts import by_group
from stsbench.builtin.benchmarks.reading import read_columns
from stsbench.builtin.benchmarks.task import By
from stsbench.contracts.component import Component, DataFile, Location
from stsbench.contracts.data import Part, Source
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.protocols import Aggregation, Benchmark, BenchmarkCard, Suite
from stsbench.contracts.records import Task
from stsbench.errors import DataError, OptionError

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}\Z", re.ASCII)
_MARKS = {"": "", ".": ".", ",": ",", "point": ".", "comma": ","}


def checked_name(name: str) -> str:
    """`name` as a benchmark may be shown and recorded; raises OptionError where it is no plain word."""
    if name and not _NAME.match(name):
        raise OptionError("option 'name' takes letters, digits, '.', '_' and '-', 80 at most")
    return name


@dataclass(frozen=True)
class FileBenchmark:
    """The pairs of one file."""

    form: str
    location: Location
    names: Names
    dialect: Dialect
    decimal: str
    card: BenchmarkCard
    by: By

    @classmethod
    def of(
        cls,
        form: str,
        location: Location,
        names: Names,
        dialect: Dialect,
        decimal: str,
        public: bool,
        name: str,
        languages: Sequence[str],
        aggregation: Aggregation | None,
        by: By,
        task: Task,
    ) -> FileBenchmark:
        """The benchmark that these options describe; raises OptionError."""
        if decimal not in _MARKS:
            raise OptionError("option 'decimal' takes point or comma")
        if by == "group" and not names.group:
            raise OptionError("by=group needs the column that holds the groups; name it with group=")
        own = re.sub(r"[^A-Za-z0-9_.-]+", "-", location.path.stem).strip("-.") if public and location.path else ""
        shown = checked_name(name) or own or f"private-{(location.digest or '')[:8]}{_chosen(names, by)}"
        card = BenchmarkCard(shown, aggregation=aggregation or "mean", languages=tuple(languages), private=not public, task=task)
        return cls(form, location, names, dialect, _MARKS[decimal], card, by)

    def load(self) -> tuple[Part, ...]:
        """The pairs as one part, or one for each group; raises DataError with the row that is wrong."""
        if self.location.path is None:
            raise DataError(f"{self.card.name} names no file; give a path after the colon")
        columns = read_columns(self.location.path, self.form, self.card.name, self.dialect, self.names.fits)
        pairs = to_pairs(columns, self.names, self.card.name, decimal=self.decimal, group_needed=True, task=self.card.task)
        parts = (Part("all", "default", pairs, Source("file")),)
        return by_group(parts, private=self.card.private) if self.by == "group" else parts


def _chosen(names: Names, by: By) -> str:
    """What tells two readings of one file apart in a name that may hold no column's name."""
    given = [names.left, names.right, names.score, names.group, "" if by == "subset" else by]
    return f"-{digest(given)[:4]}" if any(given) else ""


def file_components() -> list[Component[Benchmark | Suite]]:
    """One component for each form of file."""
    return [*map(_delimited, ("csv", "tsv")), *map(_typed, ("jsonl", "parquet"))]


def _delimited(form: str) -> Component[Benchmark | Suite]:
    def build(
        path: DataFile,
        /,
        *,
        left: str = "",
        right: str = "",
        score: str = "",
        group: str = "",
        delimiter: str = "",
        encoding: str = "",
        quote: Literal["double", "none"] = "double",
        decimal: str = "",
        public: bool = False,
        name: str = "",
        languages: Sequence[str] = (),
        aggregation: Aggregation | None = None,
        by: By = "subset",
        task: Task = "graded",
    ) -> Benchmark:
        names, dialect = Names(left, right, score, group), Dialect.of(delimiter, encoding, quote)
        return FileBenchmark.of(form, path, names, dialect, decimal, public, name, languages, aggregation, by, task)

    build.__doc__ = (
        f"Pairs of a {form} file with a header line.\n\n"
        "`left`, `right`, `score` and `group` name columns; delimiter, byte-order mark and decimal comma are found unless given, and\n"
        "other text than UTF-8 needs `encoding`. `quote=none` takes quotes as plain text. `task=binary` is for gold of 0 and 1. Private unless `public=true`."
    )
    return Component(form, build)


def _typed(form: str) -> Component[Benchmark | Suite]:
    def build(
        path: DataFile,
        /,
        *,
        left: str = "",
        right: str = "",
        score: str = "",
        group: str = "",
        decimal: str = "",
        public: bool = False,
        name: str = "",
        languages: Sequence[str] = (),
        aggregation: Aggregation | None = None,
        by: By = "subset",
        task: Task = "graded",
    ) -> Benchmark:
        names = Names(left, right, score, group)
        return FileBenchmark.of(form, path, names, Dialect(), decimal, public, name, languages, aggregation, by, task)

    build.__doc__ = (
        f"Pairs of a {form} file.\n\n"
        "`left`, `right`, `score` and `group` name columns, a nested field with dots. `task=binary` is for gold of 0 and 1.\n"
        "Private unless `public=true`."
    )
    return Component(form, build)
