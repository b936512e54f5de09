"""board.csv: a line for each system and benchmark."""

from __future__ import annotations

import csv as tables
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.writers.entries import FIELDS, PORTION_FIELDS, SELECTED_FIELDS, Value, entries, portion_entries, selected_entries
from stsbench.builtin.writers.text import cell_text
from stsbench.contracts.figures import recorded
from stsbench.contracts.protocols import Writer

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Writes `board.csv`, UTF-8, LF, figures to 6 decimals, an empty cell for what is not known.

    Where there are any, the figures of parts and groups are in `portions.csv`, and the best of the grid in `selected.csv`.
    """

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        files = {"board.csv": _table(list(FIELDS), entries(board))}
        portions, chosen = list(portion_entries(board)), list(selected_entries(board))
        files |= {"portions.csv": _table(list(PORTION_FIELDS), portions)} if portions else {}
        return files | ({"selected.csv": _table(list(SELECTED_FIELDS), chosen)} if chosen else {})


def csv() -> Writer:
    """A long table for spreadsheets and scripts: one line for each system and benchmark; `source` is set for published figures."""
    return CsvWriter()


def _table(header: list[str], rows: Iterable[Sequence[Value]]) -> bytes:
    text = io.StringIO(newline="")
    tables.writer(text, lineterminator="\n").writerows([header, *([_text(value) for value in row] for row in rows)])
    return text.getvalue().encode()


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{recorded(value):.6f}"
        case str():
            return cell_text(value)
    return str(value)
