"""Charts of a board's averages: intervals, and quality against cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stsbench.builtin.page.drawing import Chart
from stsbench.builtin.page.naming import brief, name, short, source
from stsbench.builtin.page.palette import PAPER, SOFT
from stsbench.builtin.page.wording import averaged, clipped
from stsbench.builtin.writers.wording import capital
from stsbench.contracts.figures import count, percent, rank_set, size, span
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Facts, Leaderboard, Row

MOST_SYSTEMS = 20


def leaders(board: Leaderboard) -> list[Row]:
    """The rows of the interval plot, best first."""
    return [row for row in board.rows if row.primary and row.average is not None][:MOST_SYSTEMS]


def intervals(board: Leaderboard) -> Chart | None:
    """The averages of the systems on top, with their intervals."""
    top = leaders(board)
    if not top:
        return None
    names = brief(top)
    limits = [100 * value for row in top for value in (row.low, row.high, row.average) if value is not None]
    values = [
        {"system": f"{place}. {label}", "average": 100 * (row.average or 0), "low": _percent(row.low), "high": _percent(row.high)}
        for place, (row, label) in enumerate(zip(top, names, strict=True), 1)
    ]
    order = [value["system"] for value in values]
    y = {"field": "system", "type": "nominal", "sort": order, "title": None, "scale": {"paddingInner": 0.35}}
    x = {
        "type": "quantitative",
        "title": f"{capital(board.main.title)} × 100, mean over benchmarks",
        "scale": {"domain": _domain(limits), "nice": True},
    }
    spec = {
        "data": {"values": values}, "width": 700, "height": {"step": 26}, "encoding": {"y": y},
        "layer": [
            {"transform": [{"filter": "isValid(datum.low)"}],
             "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.35, "strokeCap": "round"},
             "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}}},
            {"mark": {"type": "circle", "size": 90, "stroke": PAPER, "strokeWidth": 1.5}, "encoding": {"x": {**x, "field": "average"}}},
        ],
    }  # fmt: skip
    best, last = top[0], top[-1]
    return Chart(
        "intervals",
        "lead",
        "Who leads, and how surely",
        f"The {len(top)} best systems with {short(board.spec.primary)}: the dot is the average, the bar its 95 % interval.",
        f"Averages with intervals of {len(top)} systems, from {visible(best.label)} with {percent(best.average)} "
        f"({span(best.low, best.high)}) down to {visible(last.label)} with {percent(last.average)}.",
        spec,
        ("System", "Average", "Interval", "Rank set"),
        tuple(
            (label, percent(row.average), span(row.low, row.high, absent="–"), rank_set(row.best_rank, row.worst_rank))
            for row, label in zip(top, names, strict=True)
        ),
    )


@dataclass(frozen=True)
class Axis:
    """One way to count cost."""

    title: str
    unit: str
    of: Callable[[Facts], float | None]
    shown: Callable[[float | None], str]
    logarithmic: bool


COSTS = (
    Axis("Texts a second (more is cheaper)", "texts a second", lambda facts: facts.texts_per_second, count, True),
    Axis("Bytes a vector", "bytes a vector", lambda facts: facts.bytes_per_vector, size, True),
)


def costs(board: Leaderboard) -> Chart | None:
    """Average against the first cost that at least two systems state."""
    for axis in COSTS:
        known: dict[str, tuple[Row, float]] = {}
        for row in board.rows:  # best first, so that each encoder stands with its best view
            if row.primary and row.average is not None and (cost := axis.of(row.facts)):
                known.setdefault(row.encoder, (row, cost))
        if len(known) > 1:
            return _cost(board, list(known.values())[:MOST_SYSTEMS], axis)
    return None


def _cost(board: Leaderboard, known: Sequence[tuple[Row, float]], axis: Axis) -> Chart:
    figures = [100 * (row.average or 0) for row, _ in known]
    near = (max(figures) - min(figures)) / 30
    wide = (max(cost for _, cost in known) / min(cost for _, cost in known)) ** 0.3
    values: list[dict[str, Any]] = []
    for (row, cost), figure in zip(known, figures, strict=True):
        there = next(
            (
                point
                for point in values
                if max(point["cost"] / cost, cost / point["cost"]) <= wide and point["name"] and abs(point["average"] - figure) < near
            ),
            None,
        )
        if there is not None:  # names at one place would hide each other
            there["others"] += 1
        values.append({"cost": cost, "average": figure, "name": "" if there else clipped(source(row), 40), "others": 0})
    for point in values:
        point["system"] = point["name"] + (f" + {point['others']} more" if point["others"] else "")
    smallest, largest = (choose(cost for _, cost in known) for choose in (min, max))
    x = {
        "field": "cost", "type": "quantitative", "title": axis.title, "axis": {"format": "~s", "tickCount": 5, "grid": False},
        "scale": {"type": "log", "domain": [smallest / 1.6, largest * 5], "nice": False},
    }  # fmt: skip
    y = {"field": "average", "type": "quantitative", "title": "Average", "scale": {"domain": _domain(figures)}}
    spec = {
        "data": {"values": values}, "width": 620, "height": 320, "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "circle", "size": 110, "stroke": PAPER, "strokeWidth": 1.5}},
            {"mark": {"type": "text", "align": "left", "dx": 10, "fontSize": 11, "color": SOFT}, "encoding": {"text": {"field": "system"}}},
        ],
    }  # fmt: skip
    best, _ = max(known, key=lambda one: one[0].average or 0)
    devices = sorted({row.facts.device or "an unknown device" for row, _ in known})
    where = (
        f" Measured on {', '.join(map(visible, devices))}; compare only systems measured on one machine."
        if axis.unit.startswith("texts")
        else ""
    )
    return Chart(
        "costs",
        "grid",
        "What quality costs",
        f"{averaged(board)} against {axis.unit}, on a logarithmic scale.{where}",
        f"Average against {axis.unit} of {len(known)} systems; the best, {visible(best.label)}, has {percent(best.average)}.",
        spec,
        ("System", "Average", axis.unit.capitalize()),
        tuple((name(row.label), percent(row.average), axis.shown(cost)) for row, cost in known),
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _domain(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or 1.0
    return [round(low - room, 2), round(high + room, 2)]
