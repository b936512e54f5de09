"""Where systems are strong and where they fail: their figures with intervals within parts and groups of pairs, a chart a system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from stsbench.builtin.page.naming import name
from stsbench.builtin.page.standings import Ladder, Scale, StandingLine
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.boards.tables import Within
from stsbench.contracts.figures import percent, span
from stsbench.stats.intervals import wilson
from stsbench.stats.metrics import METRICS

MOST: Final = 24  # portions of a chart
SYSTEMS: Final = 3
TO: Final = " to "  # within an interval whose limits may be negative

Ladders = list[tuple[str, list[tuple[str, Ladder]]]]  # by benchmark, and by system


def line(label: str, limits: tuple[float | None, float | None, float | None], scale: Scale, joint: str = TO) -> StandingLine:
    """A line of a chart: a figure between its limits."""
    low, value, high = limits
    return StandingLine(name(label), percent(value), span(low, high, joint), scale.bar(low, value, high))


def ladders(figures: Sequence[Within]) -> Ladders:
    """By benchmark, and by system in their order, a line for each portion; all charts of a benchmark have one scale."""
    drawn: Ladders = []
    for benchmark in dict.fromkeys(one.benchmark for one in figures):
        known = [one for one in figures if one.benchmark == benchmark]
        scale = _scale([limit for one in known for limit in (one.low, one.value, one.high) if limit is not None])
        systems = dict.fromkeys(one.system for one in known)
        drawn.append(
            (name(benchmark), [(name(system), _ladder([one for one in known if one.system == system], scale)) for system in systems])
        )
    return drawn


def _scale(limits: Sequence[float]) -> Scale:
    """From 0, or from below it where something is, to 1."""
    return Scale(min([0.0, *limits]), 1.0)


def _ladder(portions: Sequence[Within], scale: Scale) -> Ladder:
    joint = "–" if scale.low >= 0 else TO
    lines = tuple(line(each.name, (each.low, each.value, each.high), scale, joint) for each in portions[:MOST])
    return Ladder(lines, len(portions), None, tuple(scale.ticks))


def shares(board: Leaderboard) -> Ladders:
    """On a board of triplets, the share of them in the right order within each part of the systems on top, with Wilson's interval."""
    if "triplets" not in METRICS[board.main.name].tasks:
        return []
    return ladders([one for row in board.compared[:SYSTEMS] for one in _parts(board, row)])


def _parts(board: Leaderboard, row: Row) -> Iterator[Within]:
    for benchmark, cell in zip(board.columns, row.cells, strict=True):
        for portion in cell.portions:
            share = portion.figures.get(board.main.name)
            if portion.kind == "part" and share is not None:
                shown = portion.name.partition("/")[2] or portion.name  # without the split
                yield Within(row.label, benchmark.name, shown, portion.n // 2, share, *wilson(share, portion.n // 2))
