"""board.csv: a line for each system and benchmark."""

from __future__ import annotations

import csv as tables
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from stsbench.builtin.writers.text import cell_text
from stsbench.contracts.column import Column, Plain
from stsbench.contracts.columns import long_table
from stsbench.contracts.figures import exact
from stsbench.contracts.protocols import Writer
from stsbench.contracts.tables import SELECTED, portion_columns, portions

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Writes `board.csv`, UTF-8, LF, figures to 6 decimals, an empty cell for what is not known.

    Where there are any, the figures of parts and groups are in `portions.csv`, and the best of the grid in `selected.csv`.
    """

    columns: tuple[str, ...] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The files by name."""
        files = {"board.csv": _table(*long_table(board, self.columns))}
        parts, columns = portions(board), portion_columns(board)
        files |= {"portions.csv": _table(columns, _lines(columns, parts))} if parts else {}
        return files | ({"selected.csv": _table(SELECTED, _lines(SELECTED, board.selected))} if board.selected else {})


def csv(*, columns: Sequence[str] = ()) -> Writer:
    """A long table for spreadsheets and scripts: one line for each system and benchmark; `source` is set for published figures."""
    return CsvWriter(tuple(columns))


def _lines(columns: Sequence[Column[T]], rows: Iterable[T]) -> list[list[Plain]]:
    return [[column.plain(row) for column in columns] for row in rows]


def _table(columns: Sequence[Column[Any]], lines: Iterable[Sequence[Plain]]) -> bytes:
    text = io.StringIO(newline="")
    header = [column.name for column in columns]
    tables.writer(text, lineterminator="\n").writerows([header, *([_text(value) for value in line] for line in lines)])
    return text.getvalue().encode()


def _text(value: Plain) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return exact(value)
        case str():
            return cell_text(value)
    return str(value)
