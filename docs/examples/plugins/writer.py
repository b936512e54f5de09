"""A writer: a board as a file of values that are separated by tabs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stsbench.plugin import Column, Component, Leaderboard, Row, Writer, columns_in, hookimpl


def missing(row: Row) -> int:
    """How many benchmarks the system has no figure on."""
    return sum(cell.status != "ok" for cell in row.cells)


@dataclass(frozen=True, kw_only=True)
class TabSeparated:
    """The `columns` of a board as ranking.tsv, `figure` being one for each benchmark, and last how many figures are missing."""

    columns: Sequence[str] = ("rank", "system", "average", "figure")

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """Bytes by file name: the same for the same board, so no clock, no version, no path."""
        columns: list[Column[Row]] = [*columns_in(board, self.columns), Column("missing", "Missing", int, missing)]
        written = io.StringIO()
        table = csv.writer(written, delimiter="\t", lineterminator="\n")  # quotes names that hold a tab or a line break
        table.writerow([column.title for column in columns])
        table.writerows([column.text(row) for column in columns] for row in board.rows)
        return {"ranking.tsv": written.getvalue().encode()}


@hookimpl
def stsbench_writers() -> Iterable[Component[Writer]]:
    """The writer `tab-separated`: `writers = ["tab-separated"]` in a board.toml."""
    return [Component("tab-separated", TabSeparated)]
