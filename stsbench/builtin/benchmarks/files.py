"""Benchmarks from rows that a reference names: those of a data set of the hub, and of a file (csv, tsv, jsonl or parquet).

Files are private unless said otherwise: no message holds a value or a path of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from stsbench.builtin.benchmarks.door import open_rows
from stsbench.builtin.benchmarks.mirror import mirror_of
from stsbench.builtin.benchmarks.readers.delimited import Dialect, Quote
from stsbench.builtin.benchmarks.readers.reading import read_table
from stsbench.builtin.benchmarks.readers.unpacking import MOST_MB
from stsbench.builtin.benchmarks.rows import RowBenchmark, by_group
from stsbench.builtin.benchmarks.tables.columns import to_texts
from stsbench.builtin.benchmarks.tables.table import Table
from stsbench.contracts.components.options import DataFile, Execution
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Part, Source
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.items import Item
from stsbench.errors import DataError, OptionError


@dataclass(frozen=True)
class FileBenchmark(RowBenchmark):
    """The pairs of one file."""

    path: DataFile
    _: KW_ONLY
    unpacked_mb: Execution[int] = MOST_MB
    public: bool = False

    form: ClassVar[str]

    def __post_init__(self) -> None:
        _ = self.dialect
        super().__post_init__()
        if self.unpacked_mb < 1:
            raise OptionError("option 'unpacked_mb' takes a number of megabytes of at least 1")

    @property
    def dialect(self) -> Dialect:
        """How text is written; raises OptionError."""
        return Dialect(optional=True)

    @cached_property
    def card(self) -> BenchmarkCard:
        """What the options say of it; without a name it has the file's if that is public, and else one that tells nothing of it."""
        path = self.path.path
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).strip("-.") if self.public and path else ""
        return self.shown_as(stem or f"private-{(self.path.digest or '')[:8]}{self._chosen}", private=not self.public)

    @property
    def _chosen(self) -> str:
        """What tells two readings of one file apart in a name that may hold no column's name: a hash that only who has the file makes."""
        given = [self.left, self.right, "+".join(self.score), self.group, "" if self.by == "subset" else self.by]
        later = {
            "negative": self.negative,
            "weight": self.weight,
            "items": "+".join(self.items) if "image" in self.items else "",
        }  # where these are not given, names are those from before there were any
        given += [f"{option}={column}" for option, column in later.items() if column]
        given += [f"{label}:{number!r}" for label, number in self.grading.worth.items()]
        return f"-{digest([self.path.digest or '', *given])[:4]}" if any(given) else ""

    def load(self) -> tuple[Part, ...]:
        """The pairs as one part, or one for each group; raises DataError with the rows that are wrong."""
        pairs, notes = self.pairs_of(self._table(self.fits), self.card.name, self._folder)
        parts = (Part("all", "default", pairs, Source("file", notes=notes)),)
        return by_group(parts, private=self.card.private) if self.by == "group" else parts

    def texts(self) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
        """The texts, or images, of both sides, whether the file has scores or not; raises DataError with the rows that are wrong."""
        return to_texts(self._table(self.hold_texts), self, self.card.name, self._folder)

    @property
    def _folder(self) -> Path | None:
        """Where images may lie."""
        return self.path.path.parent if self.path.path else None

    def _table(self, fits: Callable[[Sequence[str]], bool]) -> Table:
        if self.path.path is None:
            raise DataError(f"{self.card.name} names no file; give a path after the colon")
        return read_table(self.path.path, self.form, self.card.name, self.dialect, fits, self.unpacked_mb)


_COLUMNS = (
    "`left`, `right`, `score` and `group` name columns{nested}; one that is not named must be the only one that fits.\n"
    "Several scores, joined by +, are those of several raters: gold is their mean, and `stsbench audit benchmark` says how they agree.\n"
    "`negative` makes the rows triplets without a score: `left` is an anchor that is nearer to `right` than to the text in that column.\n"
    "`weight` names the column that says how much each pair counts.\n"
    "`map=dissimilar:0+similar:1` says what labels are worth, `task=binary` is for gold of 0 and 1 (or false and true), `blank=skip`\n"
    "leaves out rows whose cells are all empty, `blank=unrated` those without a score too, `unpacked_mb` bounds what a packed file may\n"
    "hold. `items=image` is for columns that name images (PNG, JPEG, WEBP) beside the file, `items=image+text` for images and captions.\n"
    "Private unless `public=true`."
)
_NESTED = _COLUMNS.format(nested=", a nested field or an item of a list with dots (`data.pair.0`)")


@dataclass(frozen=True)
class ParquetBenchmark(FileBenchmark):  # noqa: D101 - its docstring is put together
    __doc__ = f"Pairs of a parquet file; the names of class labels are their grades.\n\n{_NESTED}"
    form = "parquet"


@dataclass(frozen=True, kw_only=True)
class JsonBenchmark(FileBenchmark):  # noqa: D101
    __doc__ = f"Pairs of a jsonl file: an object a line, or a list of objects.\n\n{_NESTED}"
    form = "jsonl"

    encoding: str = ""

    @property
    def dialect(self) -> Dialect:
        """How text is written; raises OptionError."""
        return Dialect.of("", self.encoding, "auto")


@dataclass(frozen=True, kw_only=True)
class CsvBenchmark(FileBenchmark):  # noqa: D101
    __doc__ = (
        "Pairs of a csv file with a header line.\n\n"
        "Delimiter, byte-order mark and decimal comma are found unless given, and other text than UTF-8 needs `encoding`. A quoted\n"
        "field that holds what looks like rows is refused: `quote=none` takes quotes as plain text, `quote=double` such a field as meant.\n"
        + _COLUMNS.format(nested="")
    )
    form = "csv"

    delimiter: str = ""
    encoding: str = ""
    quote: Quote = "auto"

    @property
    def dialect(self) -> Dialect:
        """How text is written; raises OptionError."""
        return Dialect.of(self.delimiter, self.encoding, self.quote)


@dataclass(frozen=True)
class TsvBenchmark(CsvBenchmark):  # noqa: D101
    __doc__ = (CsvBenchmark.__doc__ or "").replace("a csv file", "a tsv file")
    form = "tsv"


FORMS: tuple[type[FileBenchmark], ...] = (CsvBenchmark, TsvBenchmark, JsonBenchmark, ParquetBenchmark)


_REPOSITORY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?\Z", re.ASCII)
_WORD = re.compile(r"\w[\w.-]*\Z", re.ASCII)


@dataclass(frozen=True)
class HubBenchmark(RowBenchmark):
    """Pairs of a public data set on the hub, such as `hub:org/name,left=a,right=b,score=s,split=test`.

    `left`, `right`, `score` and `group` name columns, a nested field or an item of a list with dots (`data.pair.0`); `config` is the
    hub's name for a subset. `map=dissimilar:0+similar:1` says what labels are worth, `blank=skip` leaves out rows whose cells are all
    empty, `blank=unrated` those without a score too, `decimal` is the mark (point or comma) of scores that are text. `task=binary` is
    for gold of 0 and 1. Pin `revision` to a commit, so that the data stay the same.
    """

    repository: str
    _: KW_ONLY
    config: str | None = None
    split: Sequence[str] = ("test",)
    revision: str | None = None
    mirror: Execution[str | None] = None

    def __post_init__(self) -> None:
        if not _REPOSITORY.match(self.repository):
            raise OptionError("hub takes a data set as owner/name after the colon, as in hub:mteb/sts12-sts")
        for option, values in (("config", [] if self.config is None else [self.config]), ("split", self.split)):
            if any(not _WORD.match(value) for value in values):
                raise OptionError(f"option {option!r} takes a plain name (letters, digits, '.', '_', '-'), without slices or folders")
        super().__post_init__()

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that are named, each once."""
        return tuple(dict.fromkeys(self.split)) or ("test",)

    @property
    def card(self) -> BenchmarkCard:
        """What the options say of it; without a name it has the data set's."""
        return self.shown_as(self.repository.replace("/", "--"))

    def load(self) -> tuple[Part, ...]:
        """One part a split, or one for each group of each split; raises DataError in one sentence."""
        parts = tuple(map(self._part, self.splits))
        return by_group(parts) if self.by == "group" else parts

    def _part(self, split: str) -> Part:
        mirror = mirror_of(self.mirror)
        opened = open_rows(self.repository, config=self.config, split=split, revision=self.revision, mirror=mirror)
        pairs, notes = self.pairs_of(opened.table, f"{self.repository} ({split}) from the {opened.kind}")
        return Part(split, self.config or "default", pairs, Source(opened.kind, opened.revision, notes=notes))
