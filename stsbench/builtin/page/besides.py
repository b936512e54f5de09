"""What a page tells besides its rows: its data, what choosing comes to, and what flags mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from stsbench.builtin.page.naming import headed
from stsbench.builtin.writers.wording import choices
from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.boards.column import Column, telling
from stsbench.contracts.boards.columns import AnyRow, columns_in
from stsbench.contracts.boards.tables import DATA
from stsbench.contracts.wording import visible

T = TypeVar("T")
MARK: Final = "†"
SEEN: Final = {"supervised", "leaked", "overlap"}
FLAGS: Final = {
    "transductive": "fitted on the very texts that it is measured on, without their gold scores",
    "supervised": "trained or fitted on gold scores",
    "leaked": "trained or fitted on gold scores of some of the pairs that it is measured on; its figure there says little of other data",
    "overlap": "fitted on some of the pairs that it is measured on, without their gold scores",
    "truncated": "more than 1 % of its texts were too long and were cut",
    "differs": "measured on data that differ from the benchmark's expected ones",
    "published": "measured and reported by others",
}


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table that is read as it stands: its columns, and for each line its flags and cells (a text, and an interval)."""

    columns: Sequence[Column[Any]]
    lines: tuple[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], ...]


def plain_table(columns: Iterable[Column[T]], rows: Sequence[T], joint: str = "–") -> PlainTable:
    """The table of these columns, without those that say nothing; `joint` stands between the limits of intervals."""
    columns = telling(columns, rows)
    cells = [list(zip(column.texts(rows, ","), column.spans(rows, joint), strict=True)) for column in columns]
    lines = ((tuple(map(visible, getattr(row, "flags", ()))), tuple(column[place] for column in cells)) for place, row in enumerate(rows))
    return PlainTable(tuple(map(headed, columns)), tuple(lines))


def data(board: Leaderboard) -> PlainTable:
    """The benchmarks of the board."""
    return plain_table(DATA, board.columns)


def selected(board: Leaderboard) -> list[tuple[str, PlainTable]]:
    """What choosing the best system comes to: on halves of the pairs, and on development splits."""
    return [(words, plain_table(columns, rows)) for words, columns, rows in choices(board)]


def flags(board: Leaderboard) -> list[tuple[str, str]]:
    """The flags that the board's rows have, with what each means."""
    raised = {flag for row in board.rows for flag in row.flags}
    return [(flag, told) for flag, told in FLAGS.items() if flag in raised]


def by_texts(board: Leaderboard) -> list[str]:
    """The benchmarks that have intervals by texts."""
    columns: list[Column[AnyRow]] = telling(columns_in(board, ("by_texts",)), board.rows)
    return [visible(board.columns[column.benchmark].name) for column in columns if column.benchmark is not None]
