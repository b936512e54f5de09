"""A board as a table for the terminal, and what went wrong in a run."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Final

from stsbench.api.report import Report
from stsbench.builtin.writers.wording import capital, without_figure
from stsbench.cli.printing.layout import SPARK, interval, print_table, say, tell
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.boards.column import Column, telling
from stsbench.contracts.boards.columns import FORMS, NAMES, VARIANTS, AnyRow, columns_in
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import counted

MORE: Final = ("model more that others published", "models more that others published")
VARIANT: Final = ("variant", "variants")
FEW: Final = 3  # rows of what others published that are shown where not all are


def print_left_out(report: Report) -> None:
    """What a grid left out because it cannot work, on stderr; each reason once."""
    for reason in dict.fromkeys(cell.reason for cell in report.left_out):
        tell(f"left out: {reason}")


def print_troubles(report: Report) -> None:
    """What took no part, how many cells failed, and which disagree with what was kept, at the end and on stderr.

    Why a cell failed was told when it did.
    """
    for place, reason in report.not_run:
        tell(f"failed: {place}: {reason}")
    if failed := len(report.failures()) - len(report.not_run):
        tell(f"error: {counted(failed, 'cell')} failed, for the reasons told above")
    if report.compared and not report.disagreements:
        agree = counted(report.compared, "cell was computed anew, and agrees", "cells were computed anew, and all agree")
        tell(f"{agree} with what was kept")
    for disagreement in report.disagreements:
        tell(f"disagrees: {disagreement}")
    outcomes = {one.replaced for one in report.disagreements}
    if False in outcomes:
        tell(
            "error: what was computed anew disagrees with what was kept, which is left as it was; --accept replaces it, "
            "unless the new computation failed"
        )
    if True in outcomes:
        tell("what was computed anew disagrees with what was kept, and has replaced it, as --accept asks")


def print_board(board: Leaderboard, read: Mapping[str, Sequence[str]] | None = None, *, full: bool = False) -> None:
    """The models of a board and the best few of what others published; all of these, and the models' variants, where it is `full`.

    `read` says by benchmark how its data were read, where a run has just done so.
    """
    notes = [
        f"{column.name}: " + "; ".join([f"n = {column.n:,}, {column.source}", *(read or {}).get(column.ref, ()), *column.notes])
        for column in board.columns
    ]
    reasons = [f"{label} on {name}: {': '.join(filter(None, [cell.status, cell.reason]))}" for label, name, cell in without_figure(board)]
    others = [row for row in board.table if not isinstance(row, Row)][len(board.published) if full else FEW :]
    rows = [row for row in board.table if full or row not in others]
    variants = [row for model in board.models for row in model.variants if row not in rows]
    title = f"{board.spec.title} - {capital(board.main.title)} x 100"
    _print_rows(board, title, columns_in(board, FORMS["terminal"]), rows, [*notes, *reasons, *board.notes])
    if full and variants:
        sys.stdout.write("\n")
        _print_rows(board, "Variants", columns_in(board, ("model", *VARIANTS)), variants, [])
    elif left := [counted(len(some), *words) for some, words in ((others, MORE), (variants, VARIANT)) if some]:
        say(f"Also: {', '.join(left)}; all are in the board's files, and `stsbench show --all` with its folder prints them.")


def _print_rows(board: Leaderboard, title: str, columns: Sequence[Column[AnyRow]], rows: Sequence[AnyRow], notes: Sequence[str]) -> None:
    columns = telling(columns, rows)
    limits = [value for row in board.rows for value in (row.low, row.high) if value is not None]
    scale = (min(limits, default=0.0), max(limits, default=1.0))
    header = [_head(column, scale) for column in columns]
    names, words = (sum(column.name in known for column in columns) for known in (("rank", "model"), NAMES[1:]))
    print_table(title, header, [[_cell(column, row, scale) for column in columns] for row in rows], names, notes, words)


def _head(column: Column[AnyRow], scale: tuple[float, float]) -> str:
    """The head of a column; over drawn intervals, the figures at both ends of the line."""
    if column.kind is tuple:
        low, high = map(percent, scale)
        return low + column.title.lower().center(SPARK - len(low + high)) + high
    return column.title.lower() if column.benchmark is None else column.title


def _cell(column: Column[AnyRow], row: AnyRow, scale: tuple[float, float]) -> str:
    """A value, an interval as a drawing; what is not known is blank where it is no figure."""
    value = column.value(row)
    if value is None:
        status = row.cells[column.benchmark].status if column.benchmark is not None and isinstance(row, Row) else ""
        return status or "-" * (column.kind is float)
    return interval(*value, scale) if isinstance(value, tuple) and len(value) == 3 else column.text(row, joint="-")
