"""Published figures beside a board's own: shown with an interval, and never ranked, for their scores of single pairs are not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stsbench.contracts.boards.board import Cell, Leaderboard, PublishedRow
from stsbench.contracts.boards.published import Figure
from stsbench.contracts.kinds import CORRELATIONS
from stsbench.errors import StoreError
from stsbench.leaderboard.ranking import average
from stsbench.stats.intervals import bonett_wright

FLAG, PUBLISHED = "published", CORRELATIONS[0]  # what rows of published figures are flagged with, and the metric of these


def with_published(board: Leaderboard, figures: Iterable[Figure]) -> Leaderboard:
    """The board with a row for each system in `figures`; raises StoreError where one is not comparable with the board's own."""
    systems: dict[str, list[Figure]] = {}
    for figure in figures:
        if reason := misfit(figure, board):
            raise StoreError(reason)
        systems.setdefault(figure.system, []).append(figure)
    rows = [_row(name, own, board) for name, own in systems.items()]
    rows.sort(key=lambda row: (row.average is None, -(row.average or 0.0), row.label))
    return board.model_copy(update={"published": tuple(rows)})


def misfit(figure: Figure, board: Leaderboard) -> str | None:
    """Why a published figure cannot stand beside the board's own, in one sentence; None if it can."""
    where = f"the published figure of {figure.system} on {figure.benchmark}"
    column = next((one for one in board.columns if one.name == figure.benchmark), None)
    if column is None:
        names = ", ".join(one.name for one in board.columns)
        return f"{where} is of no benchmark of board {board.spec.name!r}, which has {names}; leave it out"
    if board.metrics[0].name != PUBLISHED:
        return f"{where} is a Spearman correlation and the board goes by {board.metrics[0].title}, which are not comparable; leave it out"
    if figure.protocol != board.spec.protocol:
        return f"{where} is of protocol {figure.protocol} and the board of {board.spec.protocol}, which are not comparable; leave it out"
    if figure.n != column.n:
        return (
            f"{where} is over {figure.n:,} pairs and the board's over {column.n:,}: another split or subset, not comparable; leave it out"
        )
    return None


def _row(name: str, figures: Sequence[Figure], board: Leaderboard) -> PublishedRow:
    known = {figure.benchmark: figure for figure in figures}
    return PublishedRow(
        label=name,
        source="; ".join(dict.fromkeys(figure.source for figure in figures)),
        average=average([known[column.name].spearman if column.name in known else None for column in board.columns]),
        cells=tuple(_cell(known.get(column.name), board) for column in board.columns),
        flags=(FLAG,),
    )


def _cell(figure: Figure | None, board: Leaderboard) -> Cell:
    figures: dict[str, float | None] = dict.fromkeys(one.name for one in board.metrics)
    if figure is None:
        return Cell(status="missing", figures=figures)
    limits = bonett_wright(figure.spearman, figure.n) if figure.n > 3 else None
    low, high = limits or (None, None)
    return Cell(status="ok", figures=figures | {PUBLISHED: figure.spearman}, n=figure.n, flags=(FLAG,), low=low, high=high)
