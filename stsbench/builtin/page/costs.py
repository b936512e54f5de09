"""Quality against cost: a point for every row that was measured."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from stsbench.builtin.page.drawing import Chart
from stsbench.builtin.page.naming import averaged, clipped, name, source
from stsbench.builtin.page.palette import specification
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.boards.column import Column
from stsbench.contracts.boards.columns import AnyRow, columns_in
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import counted, visible

MOST_POINTS: Final = 2000
ROOM: Final = 0.07  # of the range, around the points, for names
SIZE: Final = "bytes_per_vector"
SPEED: Final = "texts_per_second"
COSTS: Final = {  # id and title of the chart by the column that says what a row costs
    SIZE: ("cost-size", "Quality by size of vector"),
    SPEED: ("cost-speed", "Quality by speed"),
}
_SIZED: Final = re.compile(r"/[1-9][0-9]*")  # the dimensions that a view is cut to
KINDS: Final = {
    "model": "filled: a model as it comes",
    "variant": "hollow: a variant of one",
    "gold": "grey: what has seen gold scores",
}


def costs(board: Leaderboard) -> Iterator[Chart]:
    """Average against each cost that at least two rows state."""
    for column in columns_in(board, tuple(COSTS)):
        known = [
            (row, cost) for row in board.rows if row.average is not None and isinstance(cost := column.value(row) or None, (int, float))
        ]
        if len(known) > 1:
            yield _chart(board, known[:MOST_POINTS], column)


def _chart(board: Leaderboard, known: Sequence[tuple[Row, float]], column: Column[AnyRow]) -> Chart:
    amounts, averages = [cost for _, cost in known], [100 * (row.average or 0) for row, _ in known]
    names = _names([row for row, _ in known], amounts)
    sized = _sized([row for row, _ in known]) if column.name == SIZE else [""] * len(known)
    values = [
        {"cost": cost, "average": average, "kind": _kind(row), "name": label, "line": line}
        for (row, cost), average, label, line in zip(known, averages, names, sized, strict=True)
    ]
    values.sort(key=lambda value: value["kind"] == "model")  # drawn last, on top
    low, high, room = min(averages), max(averages), ROOM * (max(averages) - min(averages)) or 1.0
    least, most = min(amounts), max(amounts)
    beside = max((most / least) ** (2 * ROOM), 1.4)  # names stand in the middle above their points, also at the edges
    spec = specification(
        "costs",
        values=values,
        kinds=list(KINDS),
        title=f"{column.title} (logarithmic)",
        round=_round(least / beside, most * beside),
        amounts=[least / beside, most * beside],
        averages=[low - room, high + room],
    )
    spec["layer"] = spec["layer"][not any(sized) :]  # the first is the lines
    best, _ = max(known, key=lambda one: (one[0].honest, one[0].average or 0))
    devices = sorted({visible(row.facts.device) for row, _ in known if row.facts.device})
    where = f" Measured on {', '.join(devices)}; compare only what one machine measured." if column.name == SPEED and devices else ""
    kinds_drawn = {_kind(row) for row, _ in known}
    lines = ["a line: sizes of one model"] if any(sized) else []
    legend = "; ".join([*(words for kind, words in KINDS.items() if kind in kinds_drawn), *lines]).capitalize()
    against = f"{averaged(board)} against {column.title.lower()}"
    return Chart(
        *COSTS[column.name],
        f"{against}, {counted(len(known), 'system')}. {legend}.{where}",
        f"{against} of {counted(len(known), 'system')}; the best, {visible(best.label)}, has {percent(best.average)}.",
        spec,
        ("System", "Average", column.title),
        tuple((name(row.label), percent(row.average), column.text(row)) for row, _ in known),
    )


def _round(low: float, high: float) -> list[float]:
    """The round amounts from `low` to `high`: 1, 2 and 5 of each power of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [amount for power in powers for amount in (10.0**power, 2 * 10.0**power, 5 * 10.0**power) if low <= amount <= high]


def _kind(row: Row) -> str:
    if not row.honest:
        return "gold"
    return "model" if row.main else "variant"


def _sized(rows: Sequence[Row]) -> list[str]:
    """For each row the line of its model's sizes, which are views of one pass (`sentence/64` of `sentence`); "" for what has one size."""
    lines = [" ".join([row.encoder, row.fingerprint, _SIZED.sub("", row.view), *row.transforms, row.similarity]) for row in rows]
    sizes = Counter(lines)
    return [line if sizes[line] > 1 else "" for line in lines]


def _names(rows: Sequence[Row], amounts: Sequence[float]) -> list[str]:
    """Names of the models as they come, each where no better one stands so near that the names would hide each other."""
    averages = [100 * (row.average or 0) for row in rows]
    apart, wide = 0.06 * (max(averages) - min(averages)), (max(amounts) / min(amounts)) ** 0.3
    named: list[tuple[float, float]] = []
    names = []
    for row, cost, average in zip(rows, amounts, averages, strict=True):
        near = any(max(cost / there, there / cost) < wide and abs(average - height) < apart for there, height in named)
        shown = row.main and not near
        named += [(cost, average)] if shown else []
        names.append(clipped(source(row), 32) if shown else "")
    return names
