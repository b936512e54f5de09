"""board.csv: a line for each system and benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stsbench.contracts.boards.column import Column, Plain, plain_lines, written_each
from stsbench.contracts.boards.columns import long_table
from stsbench.contracts.boards.tables import SELECTED, portion_columns, portions
from stsbench.contracts.wording import as_cell
from stsbench.stores.canonical import csv_bytes

if TYPE_CHECKING:
    from stsbench.contracts.boards.board import Leaderboard


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvWriter:
    """A long table for spreadsheets and scripts: one line for each system and benchmark; `source` is set for published figures.

    UTF-8, LF, figures to 6 decimals, an empty cell for what is not known. Where there are any, the figures of parts and groups are in
    `portions.csv`, and the best of the grid in `selected.csv`.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The files by name."""
        files = {"board.csv": _table(*long_table(board, self.columns))}
        parts, columns = portions(board), portion_columns(board)
        files |= {"portions.csv": _table(columns, plain_lines(columns, parts))} if parts else {}
        return files | ({"selected.csv": _table(SELECTED, plain_lines(SELECTED, board.selected))} if board.selected else {})


def _table(columns: Sequence[Column[Any]], lines: Iterable[Sequence[Plain]]) -> bytes:
    cells = zip(*map(_cells, zip(*lines, strict=True)), strict=True)
    return csv_bytes([[column.name for column in columns], *cells])


def _cells(values: Sequence[Plain]) -> list[str]:
    """A column's values, which no spreadsheet takes for a formula; a tab or line break that could start one is shown as its code."""
    texts = zip(values, written_each(values), strict=True)
    return [as_cell(text) if isinstance(value, str) else text for value, text in texts]
