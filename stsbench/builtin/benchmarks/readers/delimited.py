"""Delimited text to columns: encoding, byte-order mark, delimiter and quotes, found or given. No message repeats a value."""

from __future__ import annotations

import codecs
import csv
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from stsbench.builtin.benchmarks.readers.unpacking import refuse_foreign
from stsbench.builtin.benchmarks.tables.table import Fault, Faults, Table
from stsbench.contracts.wording import counted
from stsbench.errors import DataError, OptionError

Quote = Literal["auto", "double", "none"]

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_SPACED = re.compile(r' +"(?:[^"]|"")*" *')  # as csv quotes a field, but behind a space
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_HINT = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n)')  # a first line by which spreadsheet programs tell each other the delimiter
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How text is written; an empty delimiter or encoding is found from the data. `quote=none` takes quotes as plain text.

    `quote=auto` is `double`, but a quoted field that holds a line end and as many delimiters as a row is refused: it may as well be
    plain quotes around rows. So is one that begins with a space and then a quote, which to a reader of csv is text. `optional` tells
    whether a person can give these options, so that messages may name them.
    """

    delimiter: str = ""
    encoding: str = ""
    quote: Quote = "auto"
    optional: bool = False

    @classmethod
    def of(cls, delimiter: str, encoding: str, quote: Quote) -> Dialect:
        """A checked dialect; raises OptionError for a delimiter that is not one character or a name, and for an unknown encoding."""
        delimiter = DELIMITERS.get(delimiter, delimiter)
        if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
            raise OptionError(f"option 'delimiter' takes one character, no quote and no line end, or one of {', '.join(DELIMITERS)}")
        try:
            "".encode(encoding or "utf-8")
        except (LookupError, ValueError):
            raise OptionError("option 'encoding' takes the name of a text encoding, such as utf-8, utf-16, cp1252 or latin-1") from None
        return cls(delimiter, encoding, quote, optional=True)

    def or_else(self, given: str, otherwise: str) -> str:
        """The next step: with options, where a person can give them, else without."""
        return given if self.optional else otherwise


def decoded(data: bytes, dialect: Dialect, what: str) -> str:
    """The text of `data` without a byte-order mark: in the encoding given, else as its mark says, else UTF-8.

    Any bytes are text in some eight-bit encoding, so none is guessed: a wrong guess would change texts without a word.
    """
    refuse_foreign(data, what)
    encoding = dialect.encoding
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    same = marked and encoding and codecs.lookup(marked.removesuffix("-sig")).name in codecs.lookup(encoding).name
    name = encoding if encoding and not same else marked or "utf-8"
    wide = f"{what} holds zero bytes, as UTF-16 without a byte-order mark does; " + dialect.or_else(
        "give encoding=utf-16-le or utf-16-be", "write it as UTF-8"
    )
    if name == "utf-8" and b"\0" in data[:4096]:
        raise DataError(wide)
    try:
        text = data.decode(name).removeprefix("\ufeff")
    except UnicodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 0
        place = f" (line {line})" if line else ""
        step = dialect.or_else("give its encoding with encoding=, often cp1252 or latin-1", "write it as UTF-8")
        raise DataError(f"{what} is not {name} text{place}; {step}") from error
    if "\0" in text[:4096]:
        raise DataError(wide)
    return text


def read_delimited(data: bytes, dialect: Dialect, fits: Callable[[Sequence[str]], bool], what: str) -> Table:
    """Columns of delimited text by header name; `fits` tells a header that has the needed columns, to find the delimiter by.

    Empty lines are no rows. A row whose cells are all empty is one, of however many cells. A first line `sep=;` is none, and names the
    delimiter where none is given.
    """
    text = decoded(data, dialect, what)
    hint = _HINT.match(text)
    text = text[hint.end() :] if hint else text
    dialect = replace(dialect, delimiter=dialect.delimiter or (hint[1] if hint else _found(text, dialect, fits)))
    records = _records(text, dialect)
    lines = array("q")
    faults = Faults()
    try:
        _, first, swallowed, _ = next(records, (1, [], False, False))
        header = [name.strip() for name in first]
        if swallowed:
            raise DataError(f"the header of {what} has a quoted name that holds a line end and delimiters; {_step(dialect)}")
        if len(set(header)) < len(header):
            raise DataError(f"{what} has two columns of the same name; rename one of them in the header")
        values: list[list[str]] = [[] for _ in header]
        once: dict[str, str] = {}  # a text that comes again is held once
        for line, record, swallowed, spaced in records:
            if swallowed:
                faults.add(_swallowing(dialect), len(lines))
            if spaced:
                faults.add(_spaced(dialect), len(lines))
            if len(record) != len(header) and not any(cell.strip() for cell in record):
                record = [""] * len(header)
            if len(record) != len(header):
                faults.add(_length(len(record), len(header), dialect), len(lines))
            lines.append(line + bool(hint))
            for column, value in zip(values, record, strict=False):
                column.append(once.setdefault(value, value))
    except csv.Error:
        step = dialect.or_else(
            "double quotes inside quoted fields, or give quote=none if quotes are plain text", "double quotes inside quoted fields"
        )
        raise DataError(f"row {len(lines) + 1} of {what} has a quote that does not open and close a whole field; {step}") from None
    table = Table(dict(zip(header, values, strict=True)), len(lines), lines=lines, header=1 + bool(hint))
    faults.refuse(table, what)
    return table


def _swallowing(dialect: Dialect) -> Fault:
    says = "{has} a quoted field that holds a line end and as many delimiters as a row, so plain quotes may have swallowed rows"
    return Fault(says, _step(dialect))


def _spaced(dialect: Dialect) -> Fault:
    step = dialect.or_else("take the space out, or give quote=none if quotes are plain text", "take the space out")
    return Fault("{has} a quoted field behind a space, where quotes are plain text", step)


def _step(dialect: Dialect) -> str:
    return dialect.or_else(
        "give quote=none if quotes are plain text, or quote=double if such fields are meant", "write the data as jsonl or parquet"
    )


def _length(count: int, wanted: int, dialect: Dialect) -> Fault:
    step = dialect.or_else("quote fields that hold the delimiter, or give delimiter= or quote=none", "quote fields that hold the delimiter")
    return Fault(f"{{has}} {counted(count, 'field')} and the header {wanted}", step)


def _records(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str], bool, bool]]:
    """The line on which each record begins, its fields, and whether a field may have swallowed rows, or is quoted behind a space."""
    width = 0
    line = 1
    held: list[str] = []
    reader = _reader(text, dialect, held)
    for record in reader:
        several = reader.line_num > line
        if record:
            width = width or len(record)
            swallowed = several and dialect.quote == "auto" and any(_rows_within(cell, dialect.delimiter, width) for cell in record)
            odd = [cell for cell in record if _SPACED.fullmatch(cell)] if dialect.quote == "auto" else []
            written = "".join(held) if odd else ""  # where a field of such text that is quoted itself has its quotes doubled
            yield line, record, swallowed, any(written.startswith(cell) or dialect.delimiter + cell in written for cell in odd)
        held.clear()
        line = reader.line_num + 1


def _rows_within(cell: str, delimiter: str, width: int) -> bool:
    return ("\n" in cell or "\r" in cell) and cell.count(delimiter) >= max(1, width - 1)


def _reader(text: str, dialect: Dialect, held: list[str]) -> Any:
    """What reads records, and adds each line to `held` as it comes to it."""
    csv.field_size_limit(2**31 - 1)

    def lines() -> Iterator[str]:
        for line in _LINE.finditer(text):  # a StringIO would hold four bytes a character
            held.append(line[0])
            yield line[0]

    if dialect.quote == "none":
        return csv.reader(lines(), delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines(), delimiter=dialect.delimiter, strict=True)


def _found(text: str, dialect: Dialect, fits: Callable[[Sequence[str]], bool]) -> str:
    """The delimiter under which the header has the needed columns; failing that, the one that makes most columns."""
    headers = {}
    for delimiter in DELIMITERS.values():
        try:
            records = _records(text, replace(dialect, delimiter=delimiter))
            headers[delimiter] = [name.strip() for name in next(records, (1, [], False, False))[1]]
        except csv.Error:
            headers[delimiter] = []
    return max(headers, key=lambda delimiter: (fits(headers[delimiter]), len(headers[delimiter])))
