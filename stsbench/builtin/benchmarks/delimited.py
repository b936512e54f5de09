"""Delimited text to columns: encoding, byte-order mark, delimiter and quotes, found or given. No message repeats a value."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from stsbench.errors import DataError, OptionError

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How delimited text is written; an empty delimiter or encoding is found from the data. `quote=none` takes quotes as plain text."""

    delimiter: str = ""
    encoding: str = ""
    quote: Literal["double", "none"] = "double"

    @classmethod
    def of(cls, delimiter: str, encoding: str, quote: Literal["double", "none"]) -> Dialect:
        """A checked dialect; raises OptionError for a delimiter that is not one character or a name, and for an unknown encoding."""
        delimiter = DELIMITERS.get(delimiter, delimiter)
        if len(delimiter) > 1:
            raise OptionError(f"option 'delimiter' takes one character, or one of {', '.join(DELIMITERS)}")
        try:
            "".encode(encoding or "utf-8")
        except LookupError:
            raise OptionError("option 'encoding' takes the name of a text encoding, such as utf-8, utf-16, cp1252 or latin-1") from None
        return cls(delimiter, encoding, quote)


def decoded(data: bytes, encoding: str, what: str) -> str:
    """The text of `data` without a byte-order mark: in `encoding`, else as its mark says, else UTF-8.

    Any bytes are text in some eight-bit encoding, so none is guessed: a wrong guess would change texts without a word.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    same = marked and encoding and codecs.lookup(marked.removesuffix("-sig")).name in codecs.lookup(encoding).name
    name = encoding if encoding and not same else marked or "utf-8"
    wide = f"{what} holds zero bytes, as UTF-16 without a byte-order mark does; give encoding=utf-16-le or utf-16-be"
    if name == "utf-8" and b"\0" in data[:4096]:
        raise DataError(wide)
    try:
        text = data.decode(name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(f"{what} is not {name} text (line {line}); give its encoding with encoding=, often cp1252 or latin-1") from error
    if "\0" in text[:4096]:
        raise DataError(wide)
    return text


def read_delimited(data: bytes, dialect: Dialect, fits: Callable[[Sequence[str]], bool], what: str) -> dict[str, list[str]]:
    """Columns of delimited text by header name; `fits` tells a header that has the needed columns, to find the delimiter by."""
    text = decoded(data, dialect.encoding, what)
    delimiter = dialect.delimiter or _found(text, dialect, fits)
    records = (record for record in _records(text, delimiter, dialect) if record)
    number = 0
    try:
        header = [name.strip() for name in next(records, [])]
        if len(set(header)) < len(header):
            raise DataError(f"{what} has two columns of the same name; rename one of them in the header")
        values: list[list[str]] = [[] for _ in header]
        once: dict[str, str] = {}  # a text that comes again is held once
        for number, record in enumerate(records, 1):
            if len(record) != len(header):
                raise DataError(
                    f"row {number} of {what} has {len(record)} fields and the header {len(header)}; "
                    "quote fields that hold the delimiter, or give delimiter= or quote=none"
                )
            for column, value in zip(values, record, strict=True):
                column.append(once.setdefault(value, value))
    except csv.Error:
        raise DataError(
            f"row {number + 1} of {what} has a quote that does not open and close a whole field; "
            "double quotes inside quoted fields, or give quote=none if quotes are plain text"
        ) from None
    return dict(zip(header, values, strict=True))


def _records(text: str, delimiter: str, dialect: Dialect) -> Iterator[list[str]]:
    csv.field_size_limit(2**31 - 1)
    lines = (line[0] for line in _LINE.finditer(text))  # a StringIO would hold four bytes a character
    if dialect.quote == "none":
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _found(text: str, dialect: Dialect, fits: Callable[[Sequence[str]], bool]) -> str:
    """The delimiter under which the header has the needed columns; failing that, the one that makes most columns."""
    headers = {}
    for delimiter in DELIMITERS.values():
        try:
            headers[delimiter] = [name.strip() for name in next((record for record in _records(text, delimiter, dialect) if record), [])]
        except csv.Error:
            headers[delimiter] = []
    return max(headers, key=lambda delimiter: (fits(headers[delimiter]), len(headers[delimiter])))
