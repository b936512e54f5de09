"""What the contract asks of a writer, rule by rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from stsbench.contracts.boards.board import Leaderboard
from stsbench.testing.boards import HOSTILE, MARK, board, hostile
from stsbench.testing.check import Offered, Rule, expect

_NOT_A_NUMBER = re.compile(rb"\b(nan|inf|infinity)\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class WriterSubject(Offered):
    """A writer under test."""

    def render(self, shown: Leaderboard) -> Mapping[str, bytes]:
        """Files of a board."""
        files: Mapping[str, bytes] = self.built.render(shown)
        return files

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Files of the ordinary board."""
        return self.render(board())


def files_are_bytes(subject: WriterSubject) -> None:
    """`render` gives bytes by file name, for at least one file."""
    expect(isinstance(subject.files, Mapping) and subject.files, f"it returned {subject.files!r:.60}")
    for name, data in subject.files.items():
        expect(isinstance(data, bytes), f"{name!r} is {type(data).__name__}")
        expect(data, f"{name!r} is empty")


def file_names_stay_inside(subject: WriterSubject) -> None:
    """File names are relative, with forward slashes, and never lead out of the board's folder, whatever a board holds.

    Name files by constants; put no name of a board into them.
    """
    for shown in (board(), hostile()):
        for name in subject.render(shown):
            path = PurePosixPath(name)
            inside = bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
            expect(inside and name.isprintable(), f"it names the file {name!r}")


def rendering_is_deterministic(subject: WriterSubject) -> None:
    """The same board gives the same bytes, from this object and from another one of the same reference.

    Leave dates, versions and the order of sets out of the files.
    """
    expect(subject.render(board()) == subject.files, "a second call gave other bytes")
    expect(subject.resolved.build().render(board()) == subject.files, "a second object gave other bytes")


def input_is_untouched(subject: WriterSubject) -> None:
    """The board is left as it is: other writers render it too."""
    for given in (board(), board(("alpha", "beta"), missing=True)):
        before = given.model_copy(deep=True)
        subject.render(given)
        expect(given == before, "the board that was given to render() changed")


def figures_reach_the_files(subject: WriterSubject) -> None:
    """A board with another figure gives other bytes."""
    plain = board()
    row = plain.rows[0]
    cell = row.cells[0].model_copy(update={"figures": {**row.cells[0].figures, row.cells[0].main: 0.25}})
    changed = row.model_copy(update={"cells": (cell, *row.cells[1:]), "average": (0.25 + (row.cells[1].figure or 0.0)) / 2})
    other = plain.model_copy(update={"rows": (changed, *plain.rows[1:])})
    expect(subject.render(other) != subject.files, "a changed Spearman changed nothing")


def unknown_is_no_number(subject: WriterSubject) -> None:
    """A failed or missing cell is shown as such: the board renders, and NaN and infinity occur in no file.

    Take texts from columns (column.text(row)), or write a cell's status and reason where its figure is None.
    """
    for name, data in subject.render(board(("alpha", "beta"), missing=True)).items():
        number = _NOT_A_NUMBER.search(data.replace(b"returned NaN", b""))
        expect(not number, f"{name!r} holds {number.group().decode() if number else ''!r}")


def boards_may_be_empty(subject: WriterSubject) -> None:
    """A board without rows renders."""
    expect(subject.render(board(())), "it returned no files")


def hostile_names_survive(subject: WriterSubject) -> None:
    """Names with markup, control characters, formulas and quotes are shown, and do nothing: the files are UTF-8 without scripts.

    Escape names as the format asks: html.escape, csv.writer, json.dumps.
    """
    texts = {name: data.decode("utf-8") for name, data in subject.render(hostile()).items() if not is_binary(name)}
    expect(set(texts) == {name for name in subject.files if not is_binary(name)}, "names decide which files there are")
    for name, text in texts.items():
        if name.endswith((".md", ".html", ".htm", ".svg")):
            expect("<script>alert" not in text, f"{name!r} holds a script that a name brought")
    if texts:
        everything = "".join(texts.values())
        absent = [label for number, label in enumerate(HOSTILE) if f"{MARK}{number}" not in everything]
        expect(not absent, f"no file holds the row {absent[:1]}")


def is_binary(name: str) -> bool:
    """Whether a file of that name is no text."""
    return name.endswith((".parquet", ".xlsx", ".png", ".pdf", ".zip", ".gz"))


def writer_rules(_: WriterSubject) -> Iterable[Rule]:
    """The rules of every writer."""
    yield from (files_are_bytes, file_names_stay_inside, rendering_is_deterministic, input_is_untouched)
    yield from (figures_reach_the_files, unknown_is_no_number, boards_may_be_empty, hostile_names_survive)
