"""What a page tells besides its systems: figures that others published, what choosing comes to, and what flags mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stsbench.builtin.page.wording import NO_FIGURE, percent, span
from stsbench.builtin.writers.wording import ELSEWHERE, ON_HALVES
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Cell, Leaderboard, SelectedRow

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

_HALVES_HEADS: Final = (
    ("Selected", False), ("Among", True), ("Average, held out", True), ("Optimism", True), ("Leads on all pairs", False),
    ("Its average", True), ("Chosen by", True),
)  # fmt: skip
_ELSEWHERE_HEADS: Final = (
    ("Selected", False), ("Among", True), ("Chosen on", False), ("Pairs", True), ("Leads there", False), ("Average", True),
    ("Best average", True), ("Optimism", True),
)  # fmt: skip

Told = tuple[str, str]  # a text or figure, and its interval


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


@dataclass(frozen=True, slots=True)
class Choices:
    """A table of choices made in one way: what it is, its columns (name, and whether it holds numbers), a line for each choice."""

    about: str
    heads: tuple[tuple[str, bool], ...]
    lines: tuple[tuple[Told, ...], ...]


def selected(board: Leaderboard) -> list[Choices]:
    """What choosing the best system comes to: on halves of the pairs, and on development splits."""
    halves = tuple(_on_halves(one) for one in board.selected if not one.development)
    elsewhere = tuple(_elsewhere(one) for one in board.selected if one.development)
    return [
        choices for choices in (Choices(ON_HALVES, _HALVES_HEADS, halves), Choices(ELSEWHERE, _ELSEWHERE_HEADS, elsewhere)) if choices.lines
    ]


def _on_halves(one: SelectedRow) -> tuple[Told, ...]:
    figures = (percent(one.average), span(one.low, one.high)), (percent(one.optimism), "")
    share = "–" if one.share is None else f"{100 * one.share:.0f} %"
    return _plain(visible(one.label), f"{one.among:,}") + figures + _plain(visible(one.chosen), percent(one.observed), share)


def _elsewhere(one: SelectedRow) -> tuple[Told, ...]:
    where = _plain(visible(", ".join(one.development)), f"{one.development_pairs:,}", visible(one.chosen))
    figures = ((percent(one.average), span(one.low, one.high)), (percent(one.observed), ""), (percent(one.optimism), ""))
    return _plain(visible(one.label), f"{one.among:,}") + where + figures


def _plain(*texts: str) -> tuple[Told, ...]:
    return tuple((text, "") for text in texts)


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
