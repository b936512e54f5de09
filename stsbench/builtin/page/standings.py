"""The chart on top: models with their intervals, and what others published as one strip of hollow marks; for a page, and as a picture.

Those like it, a chart a system, show figures within parts and groups of pairs: where systems are strong and where they fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import quantiles
from typing import Final

from stsbench.builtin.page.drawing import Chart
from stsbench.builtin.page.naming import name
from stsbench.builtin.page.opening import named
from stsbench.builtin.page.palette import specification
from stsbench.builtin.writers.wording import capital
from stsbench.contracts.boards.board import Leaderboard, PublishedRow, Row
from stsbench.contracts.boards.tables import Within
from stsbench.contracts.figures import percent, span
from stsbench.contracts.wording import visible
from stsbench.stats.intervals import wilson
from stsbench.stats.metrics import METRICS

MOST_LINES: Final = 14
LANES: Final = 4  # of the strip
NEAR: Final = 1.1  # of a hundred: what is nearer in one lane would hide the other
Bar = tuple[float | None, float, float | None]  # lower limit, value and upper limit as places from 0 to 100


@dataclass(frozen=True, slots=True)
class Scale:
    """Where figures stand from left to right, as places from 0 to 100; what is below `low` is off it."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """The place of a figure, at an edge where it is beyond it."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(2 + 96 * min(max(share, 0.0), 1.0), 1)

    def bar(self, low: float | None, value: float | None, high: float | None) -> Bar | None:
        """A figure with its limits; None where there is no figure on the scale."""
        if value is None or value < self.low:
            return None
        ends = [None if low is None or high is None else self.place(limit) for limit in (low or 0.0, high or 0.0)]
        return ends[0], self.place(value), ends[1]

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Round figures on it, at most seven, with their places."""
        wide = 100 * (self.high - self.low)
        step = next((step for step in (1, 2, 5, 10, 20) if wide / step <= 7), 50)
        first = math.ceil(100 * self.low / step)
        return [(self.place(at * step / 100), str(at * step)) for at in range(first, math.floor(100 * self.high / step) + 1)]


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A model of the chart: its name and figure in words, and its bar."""

    name: str
    figure: str
    limits: str
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Strip:
    """What others published: a mark (place and lane) for each model, how many are below the scale, and the lowest and the highest."""

    number: int
    marks: tuple[tuple[float, int], ...]
    below: int
    lowest: str
    highest: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The chart: its lines from the best down, of how many models in all, and the strip of published figures."""

    lines: tuple[StandingLine, ...]
    total: int
    strip: Strip | None
    ticks: tuple[tuple[float, str], ...]


def scale_of(board: Leaderboard) -> Scale:
    """The scale of all bars of a page: every figure and limit but those of models that lie far below all others."""
    rows = board.compared
    averages = [row.average for row in rows if row.average is not None]
    floor = _floor(averages)
    limits = [limit for row in rows if (row.average or 0.0) >= floor for limit in (row.low, row.average, row.high) if limit is not None]
    lowest = min(limits, default=-math.inf)
    values = [*limits, *(row.average for row in board.published if row.average is not None and row.average >= lowest)]
    return Scale(min(values), max(values)) if values else Scale(0.0, 1.0)


def _floor(values: Sequence[float]) -> float:
    """What lies below it is an outlier: one and a half ranges of the middle half below that half (Tukey's fence)."""
    if len(values) < 4:
        return min(values, default=0.0)
    first, _, third = quantiles(values, method="inclusive")
    return first - 1.5 * (third - first)


def ladder(board: Leaderboard) -> Ladder | None:
    """The chart of a board; None where nothing is ranked and nothing published."""
    rows, scale = board.compared, scale_of(board)
    lines = tuple(line(named(board, row), (row.low, row.average, row.high), scale, "–") for row in rows[:MOST_LINES])
    strip = _strip([row for row in board.published if row.average is not None], scale)
    return Ladder(lines, len(rows), strip, tuple(scale.ticks)) if lines or strip else None


def _strip(rows: Sequence[PublishedRow], scale: Scale) -> Strip | None:
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: row.average or 0.0)
    last = [-math.inf] * LANES
    marks = []
    for place in (scale.place(row.average or 0.0) for row in ordered if (row.average or 0.0) >= scale.low):
        lane = next((lane for lane in range(LANES) if place - last[lane] >= NEAR), min(range(LANES), key=lambda lane: last[lane]))
        last[lane] = place
        marks.append((place, lane))
    ends = [f"{name(row.label)} {percent(row.average)}" for row in (ordered[0], ordered[-1])]
    return Strip(len(rows), tuple(marks), len(rows) - len(marks), *ends)


def intervals(board: Leaderboard) -> Chart | None:
    """The same as a picture: the models on top with their intervals, and a row of what others published."""
    top = board.compared[:MOST_LINES]
    if not top:
        return None
    scale = scale_of(board)
    values = [
        {
            "model": f"{row.rank}. {name(named(board, row))}",
            "average": _percent(row.average),
            "low": _percent(None if row.low is None else max(row.low, scale.low)),  # that of an outlier ends at the edge, as in a ladder
            "high": _percent(row.high),
        }
        for row in top
        if (row.average or 0.0) >= scale.low
    ]
    others = [_percent(row.average) for row in board.published if (row.average or 0.0) >= scale.low]
    line = f"{len(board.published):,} published by others"
    spec = specification(
        "standings",
        values=values,
        models=[*(value["model"] for value in values), line],
        title=measure(board),
        domain=[floor(100 * scale.low) - 1, ceil(100 * scale.high) + 1],
        others=[{"model": line, "average": value} for value in others],
    )
    spec["layer"] = spec["layer"][: 3 if others else 2]  # the last is what others published
    best, last = top[0], top[-1]
    return Chart(
        "intervals",
        "Who leads, and how surely",
        f"The {len(top)} best: the dot is the average, the bar its 95 % interval; hollow is what others published.",
        f"Averages with intervals of {len(top)}, from {visible(named(board, best))} with {percent(best.average)} "
        f"({span(best.low, best.high)}) down to {visible(named(board, last))} with {percent(last.average)}.",
        spec,
    )


def measure(board: Leaderboard) -> str:
    """What the scale of the chart counts."""
    return f"{capital(board.main.title)} × 100, mean over benchmarks"


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


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
