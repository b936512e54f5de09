"""board.csv: a line for each system and benchmark."""

from __future__ import annotations

import csv as tables
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.writers.entries import FIELDS, Value, entries
from stsbench.builtin.writers.text import cell_text
from stsbench.contracts.protocols import Writer

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Writes `board.csv`, UTF-8, LF, figures to 6 decimals, an empty cell for what is not known."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        text = io.StringIO(newline="")
        lines = ([_text(value) for value in entry] for entry in entries(board))
        tables.writer(text, lineterminator="\n").writerows([list(FIELDS), *lines])
        return {"board.csv": text.getvalue().encode()}


def csv() -> Writer:
    """A long table for spreadsheets and scripts: one line for each system and benchmark; `source` is set for published figures."""
    return CsvWriter()


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{round(value, 6) + 0.0:.6f}"
        case str():
            return cell_text(value)
    return str(value)
