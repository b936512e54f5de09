"""What moved on a board, as Markdown for a comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stsbench.builtin.writers.markdown import markdown_table, markdown_text
from stsbench.builtin.writers.wording import capital
from stsbench.contracts.figures import percent, points, span
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.wording import counted

if TYPE_CHECKING:
    from stsbench.api.differences import BoardDifference, Line, Move

SHOWN = 50  # lines of a table; a comment has a limit, and the whole is in --json


def markdown(moved: BoardDifference) -> str:
    """Tables of the figures that moved and of the systems that came and went, with what is left out counted."""
    return "\n".join(_blocks(moved)) + "\n"


def _blocks(moved: BoardDifference) -> Iterator[str]:
    yield f"### {markdown_text(moved.title)}\n"
    if not (moved.moved or moved.added or moved.removed):
        yield f"Nothing moved: {counted(moved.systems, 'system has', 'systems have')} the same figures as before."
        return
    sure = sum(bool(move.significant) for move in moved.moved)
    yield (
        f"{counted(len(moved.moved), 'figure')} moved ({sure} significantly), "
        f"{counted(len(moved.added), 'system')} came and {len(moved.removed)} went. "
        f"{capital(moved.figure)} x 100; the interval is that of the difference (95 %, paired bootstrap).\n"
    )
    if moved.moved:
        header = ("System", "Benchmark", "Old", "New", "Difference", "Interval", "Significant", "Rank")
        yield markdown_table(header, map(_move, moved.moved[:SHOWN]), (2, 3, 4))
        yield from _rest(len(moved.moved))
        for reason in sorted({move.unknown for move in moved.moved if move.unknown}):
            yield f"\nNo interval: {markdown_text(reason)}."
    for name, lines in (("Added", moved.added), ("Removed", moved.removed)):
        if lines:
            yield "\n" + markdown_table((name, "Rank", "Average", "Interval"), map(_line, lines[:SHOWN]), (1, 2))
            yield from _rest(len(lines))


def _move(move: Move) -> tuple[str, ...]:
    gap = "–" if move.old is None or move.new is None else points(move.new - move.old)
    sure = {None: "unknown", True: "**yes**", False: "no"}[move.significant]
    rank = _rank(move.new_rank) if move.old_rank == move.new_rank else f"{_rank(move.old_rank)} → {_rank(move.new_rank)}"
    benchmark = "average" if move.benchmark == WHOLE else markdown_text(move.benchmark)
    interval = span(move.low, move.high, " to ", points, "–")
    return (markdown_text(move.system), benchmark, percent(move.old), percent(move.new), gap, interval, sure, rank)


def _line(line: Line) -> tuple[str, ...]:
    return (markdown_text(line.system), _rank(line.rank), percent(line.average), span(line.low, line.high, " to ", absent="–"))


def _rest(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"\n{counted(count - SHOWN, 'more line is', 'more lines are')} in `stsbench leaderboard diff --json`."


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)
