"""Benchmarks from a file: csv, tsv, jsonl or parquet. Private unless said otherwise: no message holds a value or a path of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stsbench.builtin.benchmarks.columns import Blank, Names, to_pairs
from stsbench.builtin.benchmarks.delimited import Dialect, Quote
from stsbench.builtin.benchmarks.grades import Grading
from stsbench.builtin.benchmarks.parts import by_group
from stsbench.builtin.benchmarks.reading import read_table
from stsbench.builtin.benchmarks.task import By
from stsbench.builtin.benchmarks.unpacking import MOST_MB
from stsbench.contracts.component import Component, DataFile, Execution, Location
from stsbench.contracts.data import Part, Source
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.kinds import Aggregation, Task
from stsbench.contracts.protocols import Benchmark, BenchmarkCard, Suite
from stsbench.errors import DataError, OptionError

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}\Z", re.ASCII)


def checked_name(name: str) -> str:
    """`name` as a benchmark may be shown and recorded; raises OptionError where it is no plain word."""
    if name and not _NAME.match(name):
        raise OptionError("option 'name' takes letters, digits, '.', '_' and '-', 80 at most")
    return name


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: its columns, how text and gold are written, what becomes of empty rows, and how much it may hold unpacked."""

    names: Names
    grading: Grading
    dialect: Dialect
    blank: Blank
    unpacked_mb: int

    def __post_init__(self) -> None:
        if self.unpacked_mb < 1:
            raise OptionError("option 'unpacked_mb' takes a number of megabytes of at least 1")


@dataclass(frozen=True)
class FileBenchmark:
    """The pairs of one file."""

    form: str
    location: Location
    reading: Reading
    card: BenchmarkCard
    by: By

    @classmethod
    def of(
        cls,
        form: str,
        location: Location,
        reading: Reading,
        public: bool,
        name: str,
        languages: Sequence[str],
        aggregation: Aggregation | None,
        by: By,
    ) -> FileBenchmark:
        """The benchmark that these options describe; raises OptionError."""
        if by == "group" and not reading.names.group:
            raise OptionError("by=group needs the column that holds the groups; name it with group=")
        own = re.sub(r"[^A-Za-z0-9_.-]+", "-", location.path.stem).strip("-.") if public and location.path else ""
        shown = checked_name(name) or own or f"private-{(location.digest or '')[:8]}{_chosen(location, reading, by)}"
        task = reading.grading.task
        card = BenchmarkCard(shown, aggregation=aggregation or "mean", languages=tuple(languages), private=not public, task=task)
        return cls(form, location, reading, card, by)

    def load(self) -> tuple[Part, ...]:
        """The pairs as one part, or one for each group; raises DataError with the rows that are wrong."""
        if self.location.path is None:
            raise DataError(f"{self.card.name} names no file; give a path after the colon")
        how, what = self.reading, self.card.name
        table = read_table(self.location.path, self.form, what, how.dialect, how.names.fits, how.unpacked_mb)
        pairs, notes = to_pairs(table, how.names, what, how.grading, group_needed=True, blank=how.blank)
        parts = (Part("all", "default", pairs, Source("file", notes=notes)),)
        return by_group(parts, private=self.card.private) if self.by == "group" else parts


def _chosen(location: Location, reading: Reading, by: By) -> str:
    """What tells two readings of one file apart in a name that may hold no column's name: a hash that only who has the file can make."""
    names, worth = reading.names, reading.grading.worth
    given = [names.left, names.right, names.score, names.group, "" if by == "subset" else by]
    given += [f"{label}:{number!r}" for label, number in worth.items()]
    return f"-{digest([location.digest or '', *given])[:4]}" if any(given) else ""


def file_components() -> list[Component[Benchmark | Suite]]:
    """One component for each form of file."""
    return [*map(_delimited, ("csv", "tsv")), _jsonl(), _parquet()]


_COLUMNS = (
    "`left`, `right`, `score` and `group` name columns{nested}; one that is not named must be the only one that fits.\n"
    "`map=dissimilar:0+similar:1` says what labels are worth, `task=binary` is for gold of 0 and 1 (or false and true), `blank=skip`\n"
    "leaves out rows whose cells are all empty, `unpacked_mb` bounds what a packed file may hold. "
)
_NESTED = _COLUMNS.format(nested=", a nested field or an item of a list with dots (`data.pair.0`)")
_PRIVATE = "Private unless `public=true`."


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
        quote: Quote = "auto",
        decimal: str = "",
        map: Sequence[str] = (),  # noqa: A002 - the name of the option
        blank: Blank = "refuse",
        unpacked_mb: Execution[int] = MOST_MB,
        public: bool = False,
        name: str = "",
        languages: Sequence[str] = (),
        aggregation: Aggregation | None = None,
        by: By = "subset",
        task: Task = "graded",
    ) -> Benchmark:
        dialect, grading = Dialect.of(delimiter, encoding, quote), Grading.of(decimal, map, task)
        reading = Reading(Names(left, right, score, group), grading, dialect, blank, unpacked_mb)
        return FileBenchmark.of(form, path, reading, public, name, languages, aggregation, by)

    build.__doc__ = (
        f"Pairs of a {form} file with a header line.\n\n"
        "Delimiter, byte-order mark and decimal comma are found unless given, and other text than UTF-8 needs `encoding`. A quoted\n"
        "field that holds what looks like rows is refused: `quote=none` takes quotes as plain text, `quote=double` takes such a field as meant.\n"
        + _COLUMNS.format(nested="")
        + _PRIVATE
    )
    return Component(form, build)


def _jsonl() -> Component[Benchmark | Suite]:
    def build(
        path: DataFile,
        /,
        *,
        left: str = "",
        right: str = "",
        score: str = "",
        group: str = "",
        encoding: str = "",
        decimal: str = "",
        map: Sequence[str] = (),  # noqa: A002 - the name of the option
        blank: Blank = "refuse",
        unpacked_mb: Execution[int] = MOST_MB,
        public: bool = False,
        name: str = "",
        languages: Sequence[str] = (),
        aggregation: Aggregation | None = None,
        by: By = "subset",
        task: Task = "graded",
    ) -> Benchmark:
        dialect, grading = Dialect.of("", encoding, "auto"), Grading.of(decimal, map, task)
        reading = Reading(Names(left, right, score, group), grading, dialect, blank, unpacked_mb)
        return FileBenchmark.of("jsonl", path, reading, public, name, languages, aggregation, by)

    build.__doc__ = f"Pairs of a jsonl file: an object a line, or a list of objects.\n\n{_NESTED}{_PRIVATE}"
    return Component("jsonl", build)


def _parquet() -> Component[Benchmark | Suite]:
    def build(
        path: DataFile,
        /,
        *,
        left: str = "",
        right: str = "",
        score: str = "",
        group: str = "",
        decimal: str = "",
        map: Sequence[str] = (),  # noqa: A002 - the name of the option
        blank: Blank = "refuse",
        unpacked_mb: Execution[int] = MOST_MB,
        public: bool = False,
        name: str = "",
        languages: Sequence[str] = (),
        aggregation: Aggregation | None = None,
        by: By = "subset",
        task: Task = "graded",
    ) -> Benchmark:
        reading = Reading(Names(left, right, score, group), Grading.of(decimal, map, task), Dialect(optional=True), blank, unpacked_mb)
        return FileBenchmark.of("parquet", path, reading, public, name, languages, aggregation, by)

    build.__doc__ = f"Pairs of a parquet file; the names of class labels are their grades.\n\n{_NESTED}{_PRIVATE}"
    return Component("parquet", build)
