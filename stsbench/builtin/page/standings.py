"""Charts of a board's averages: intervals, encoder x similarity, layer x pooling, quality against cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stsbench.builtin.page.drawing import Chart
from stsbench.builtin.page.palette import ON_RAMP, PAPER, RAMP, SOFT
from stsbench.builtin.page.wording import clipped, count, percent, rank_set, size, span
from stsbench.builtin.writers.text import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Facts, Leaderboard, Row

MOST_SYSTEMS, MOST_LINES, MOST_COLUMNS = 20, 30, 14
_VIEW = re.compile(r"(?P<pooling>[a-z-]+)@(?P<layer>-?\d+(?::-?\d+)?)\Z")


def name(text: str) -> str:
    """A name as charts show it."""
    return clipped(visible(text), 60)


def short(ref: str) -> str:
    """A canonical reference without the distribution."""
    return visible(re.sub(r"^[^:,/]*/", "", ref))


def intervals(board: Leaderboard) -> Chart | None:
    """The averages of the systems on top, with their intervals."""
    top = [row for row in board.rows if row.primary and row.average is not None][:MOST_SYSTEMS]
    if not top:
        return None
    limits = [100 * value for row in top for value in (row.low, row.high, row.average) if value is not None]
    values = [
        {"system": f"{place}. {name(row.label)}", "average": 100 * (row.average or 0), "low": _percent(row.low), "high": _percent(row.high)}
        for place, row in enumerate(top, 1)
    ]
    order = [value["system"] for value in values]
    y = {"field": "system", "type": "nominal", "sort": order, "title": None, "scale": {"paddingInner": 0.35}}
    x = {"type": "quantitative", "title": "Spearman × 100, mean over benchmarks", "scale": {"domain": _domain(limits), "nice": True}}
    spec = {
        "data": {"values": values}, "width": 700, "height": {"step": 26}, "encoding": {"y": y},
        "layer": [
            {"transform": [{"filter": "isValid(datum.low)"}], "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.35, "strokeCap": "round"},
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
        f"Averages with intervals of {len(top)} systems, from {visible(best.label)} with {percent(best.average)} ({span(best.low, best.high)}) "
        f"down to {visible(last.label)} with {percent(last.average)}.",
        spec,
        ("System", "Average", "Interval", "Rank set"),
        tuple(
            (name(row.label), percent(row.average), span(row.low, row.high) or "–", rank_set(row.best_rank, row.worst_rank)) for row in top
        ),
    )


def similarities(board: Leaderboard) -> Chart | None:
    """Every encoder and view against every similarity."""
    cells = _best((_source(row), short(row.similarity), row.average) for row in board.rows if row.similarity and row.average is not None)
    return _grid(
        cells,
        "similarities",
        "What each similarity makes of each encoder",
        "Average Spearman × 100 of every encoder and view with every similarity. An empty place was not measured.",
        ("Encoder", "Similarity"),
    )


def layers(board: Leaderboard) -> Chart | None:
    """Pooling against layer, with the primary similarity, of the encoder that has most such views."""
    by_encoder: dict[str, list[tuple[str, str, float]]] = {}
    for row in board.rows:
        found = _VIEW.match(row.view)
        if found and row.primary and not row.transforms and row.average is not None:
            owner = by_encoder.setdefault(row.encoder, [])
            owner.append((found["pooling"], f"layer {found['layer']}", row.average))
    if not by_encoder:
        return None
    encoder, cells = max(by_encoder.items(), key=lambda item: (len(item[1]), item[0]))
    if len(cells) < 2:
        return None
    return _grid(
        _best(cells),
        "layers",
        "Which layer, which pooling",
        f"Average Spearman × 100 of the views of {short(encoder)} with {short(board.spec.primary)}; a:b is the mean of layers a and b.",
        ("Pooling", "Layer"),
        _layer_order,
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
            return _cost(list(known.values())[:MOST_SYSTEMS], axis)
    return None


def _cost(known: Sequence[tuple[Row, float]], axis: Axis) -> Chart:
    figures = [100 * (row.average or 0) for row, _ in known]
    near = (max(figures) - min(figures)) / 30
    values: list[dict[str, Any]] = []
    for (row, cost), figure in zip(known, figures, strict=True):
        there = next((one for one in values if one["cost"] == cost and abs(one["average"] - figure) < near), None)
        if there is not None:  # names at one place would hide each other
            there["others"] += 1
        values.append({"cost": cost, "average": figure, "name": "" if there else clipped(visible(row.label), 40), "others": 0})
    for one in values:
        one["system"] = one["name"] + (f" + {one['others']} more" if one["others"] else "")
    smallest, largest = (choose(cost for _, cost in known) for choose in (min, max))
    x = {
        "field": "cost", "type": "quantitative", "title": axis.title, "axis": {"format": "~s", "tickCount": 5},
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
    told = (
        f" Measured on {', '.join(map(visible, devices))}; compare only systems measured on one machine."
        if axis.unit.startswith("texts")
        else ""
    )
    return Chart(
        "costs",
        "grid",
        "What quality costs",
        f"Average Spearman × 100 against {axis.unit}, on a logarithmic scale.{told}",
        f"Average against {axis.unit} of {len(known)} systems; the best, {visible(best.label)}, has {percent(best.average)}.",
        spec,
        ("System", "Average", axis.unit.capitalize()),
        tuple((name(row.label), percent(row.average), axis.shown(cost)) for row, cost in known),
    )


def _grid(
    cells: dict[tuple[str, str], float],
    id: str,  # noqa: A002 - it is the chart's
    title: str,
    caption: str,
    names: tuple[str, str],
    key: Callable[[str], Any] | None = None,
) -> Chart | None:
    """A heat map with its figures in it; lines and columns by their best figure, or columns by `key`."""
    if len(cells) < 2:
        return None
    lines, columns = (_by_best(cells, side)[:most] for side, most in ((0, MOST_LINES), (1, MOST_COLUMNS)))
    if key is not None:
        columns = sorted(columns, key=key)
    kept = {place: value for place, value in cells.items() if place[0] in lines and place[1] in columns}
    low, high = min(kept.values()), max(kept.values())
    ordered = sorted(kept.values())
    values = [
        {"line": line, "column": column, "text": percent(value), "step": len(RAMP) * ordered.index(value) // len(ordered)}
        for (line, column), value in sorted(kept.items())
    ]
    steps = list(range(len(RAMP)))
    x = {
        "field": "column",
        "type": "nominal",
        "sort": columns,
        "title": None,
        "axis": {"orient": "top", "labelAngle": -35, "labelLimit": 160},
    }
    y = {"field": "line", "type": "nominal", "sort": lines, "title": None}
    spec = {
        "data": {"values": values}, "width": {"step": 62}, "height": {"step": 28}, "encoding": {"x": x, "y": y},
        "resolve": {"scale": {"color": "independent"}},
        "layer": [
            {"mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2, "cornerRadius": 4}, "encoding": {"color": _steps(steps, RAMP)}},
            {"mark": {"type": "text", "fontSize": 11}, "encoding": {"text": {"field": "text"}, "color": _steps(steps, ON_RAMP)}},
        ],
    }  # fmt: skip
    best = max(kept, key=lambda place: kept[place])
    worst = min(kept, key=lambda place: kept[place])
    shown = tuple((line, *(percent(kept.get((line, column))) for column in columns)) for line in lines)
    return Chart(
        id,
        "grid",
        title,
        caption,
        f"A heat map of {len(lines)} by {len(columns)}. Highest: {best[0]} with {best[1]}, {percent(high)}. "
        f"Lowest: {worst[0]} with {worst[1]}, {percent(low)}.",
        spec,
        (f"{names[0]} / {names[1].lower()}", *columns),
        shown,
    )


def _steps(steps: list[int], colours: Sequence[str]) -> dict[str, Any]:
    return {"field": "step", "type": "ordinal", "legend": None, "scale": {"domain": steps, "range": list(colours)}}


def _source(row: Row) -> str:
    """What a row's vectors come from: its label without the similarity."""
    return name(row.label.rpartition(" · ")[0] or row.label)


def _best(cells: Iterator[tuple[str, str, float]] | Sequence[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for line, column, value in cells:
        found[line, column] = max(value, found.get((line, column), value))
    return found


def _by_best(cells: dict[tuple[str, str], float], side: int) -> list[str]:
    best: dict[str, float] = {}
    for place, value in cells.items():
        best[place[side]] = max(value, best.get(place[side], value))
    return sorted(best, key=lambda one: (-best[one], one))


def _layer_order(column: str) -> tuple[float, str]:
    first, _, second = column.removeprefix("layer ").partition(":")
    return (float(first) + (0.5 if second else 0), column)


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _domain(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or 1.0
    return [round(low - room, 2), round(high + room, 2)]
