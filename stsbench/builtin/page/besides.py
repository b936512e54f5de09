"""What a page tells besides its systems: figures that others published, what choosing comes to, and what flags mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stsbench.builtin.page.wording import NO_FIGURE, percent, span
from stsbench.builtin.writers.text import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Cell, Leaderboard

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

Told = tuple[str, str]  # a figure, and its interval


def flags(board: Leaderboard) -> list[tuple[str, str]]:
    """The flags that the board's rows have, with what each means."""
    found = {flag for row in board.rows for flag in row.flags}
    return [(flag, told) for flag, told in FLAGS.items() if flag in found]


def published(board: Leaderboard) -> list[dict[str, Any]]:
    """A line for every system whose figures others published."""
    return [
        {
            "label": visible(row.label),
            "flags": [visible(flag) for flag in row.flags],
            "average": percent(row.average),
            "cells": [_told(cell) for cell in row.cells],
            "source": visible(row.source),
        }
        for row in board.published
    ]


def selected(board: Leaderboard) -> list[tuple[str, tuple[Told, ...]]]:
    """A line for every choice: among how many, the held-out average, the optimism, who leads on all pairs with what, and how often."""
    return [
        (
            visible(one.label),
            (
                (f"{one.among:,}", ""),
                (percent(one.average), span(one.low, one.high)),
                (percent(one.optimism), ""),
                (visible(one.chosen), ""),
                (percent(one.observed), ""),
                (f"{100 * one.share:.0f} %", ""),
            ),
        )
        for one in board.selected
    ]


def by_texts(board: Leaderboard) -> list[str]:
    """The benchmarks that have intervals by texts."""
    return [
        visible(column.name)
        for place, column in enumerate(board.columns)
        if any(row.cells[place].texts_low is not None for row in board.rows)
    ]


def _told(cell: Cell) -> Told:
    if cell.status == "ok" and cell.spearman is not None:
        return percent(cell.spearman), span(cell.low, cell.high)
    return NO_FIGURE[cell.status], ""
