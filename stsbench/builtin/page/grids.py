"""Heat maps of a board's averages: similarity x encoder, transform x encoder, layer x pooling."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from stsbench.builtin.page.drawing import Chart, HeatMap
from stsbench.builtin.page.naming import averaged, clipped, short, source
from stsbench.builtin.page.palette import STEPS, specification
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import counted, visible

MOST_LINES, MOST_COLUMNS = 40, 14
DENSE, LINE = 0.75, 0.5  # the least share of a map's places, and of those of one of its lines, that have a figure
_VIEW = re.compile(r"(?P<pooling>[a-z-]+)@(?P<layer>-?\d+(?::-?\d+)?)\Z")

K = TypeVar("K")
Cells = dict[tuple[str, str], float]  # the average at a line and a column


def similarities(board: Leaderboard) -> Chart | None:
    """Every similarity against every encoder and view, in maps that have a figure nearly everywhere."""
    rows = [row for row in _honest(board) if row.similarity and not row.transforms]
    return _chart(
        _blocks(_best((_similarity(row), source(row), row) for row in rows)),
        "similarities",
        "Similarity by encoder",
        f"{averaged(board)} of every encoder and view with every similarity; what has seen gold scores is left out.",
        "Similarity",
    )


def _similarity(row: Row) -> str:
    """Its name, and what it is fitted on without the distribution."""
    return clipped(re.sub(r"\bfit=[^/,:]+/", "fit=", short(row.similarity)), 56)


def transforms(board: Leaderboard) -> Chart | None:
    """Every chain of transforms against the vectors that it is applied to, with the primary similarity."""
    rows = [(source(row, transforms=False), row) for row in _honest(board) if row.primary and row.similarity]
    changed = {column for column, row in rows if row.transforms}
    cells = ((" → ".join(clipped(short(one), 40) for one in row.transforms) or "as they are", column, row) for column, row in rows)
    return _chart(
        _blocks(_best(cell for cell in cells if cell[1] in changed)),
        "transforms",
        "What a transform changes",
        f"{averaged(board)} with {short(board.spec.primary)}, of vectors as they are and after each transform.",
        "Transform",
    )


def layers(board: Leaderboard) -> Chart | None:
    """Pooling against layer, with the primary similarity, of the encoder that has most such views."""
    by_encoder: dict[str, list[tuple[str, str, Row]]] = {}
    for row in _honest(board):
        view = _VIEW.match(row.view)
        if view and row.primary and not row.transforms:
            by_encoder.setdefault(row.encoder, []).append((f"layer {view['layer']}", view["pooling"], row))
    if not by_encoder:
        return None
    _, cells = max(by_encoder.items(), key=lambda item: (len(item[1]), item[0]))
    return _chart(
        _blocks(_best(cells)),
        "layers",
        "Which layer, which pooling",
        f"{averaged(board)} of the views of {visible(cells[0][2].model)} with {short(board.spec.primary)}; a:b is the mean of layers "
        "a and b.",
        "Layer",
        _layer_order,
    )


def _honest(board: Leaderboard) -> list[Row]:
    """The rows with an average that have seen no gold scores."""
    return [row for row in board.rows if row.average is not None and row.honest]


def _best(cells: Iterable[tuple[str, str, Row]]) -> Cells:
    return _largest(((line, column), row.average or 0.0) for line, column, row in cells)


def _largest(values: Iterable[tuple[K, float]]) -> dict[K, float]:
    largest: dict[K, float] = {}
    for key, value in values:
        largest[key] = max(value, largest.get(key, value))
    return largest


def _blocks(cells: Cells) -> list[Cells]:
    """The maps that the cells make: lines with the same columns stand together, and so do sets of them while few places are empty."""
    columns: dict[str, set[str]] = {}
    for line, column in cells:
        columns.setdefault(line, set()).add(column)
    groups: list[tuple[set[str], set[str]]] = []  # lines and columns
    for wide in sorted({frozenset(found) for found in columns.values()}, key=lambda found: (-len(found), sorted(found))):
        lines = {line for line, found in columns.items() if found == wide}
        for known_lines, known in groups:
            both, either = known_lines | lines, known | wide
            filled = [len(columns[line]) / len(either) for line in both]
            if wide & known and min(filled) >= LINE and sum(filled) >= DENSE * len(both):
                known_lines |= lines
                known |= wide
                break
        else:
            groups.append((lines, set(wide)))
    return [{place: value for place, value in cells.items() if place[0] in lines} for lines, _ in groups]


def _chart(
    blocks: Sequence[Cells],
    id: str,  # noqa: A002 - it is the chart's
    title: str,
    caption: str,
    corner: str,
    key: Callable[[str], Any] | None = None,
) -> Chart | None:
    """Heat maps with their figures in them; lines and columns by their best figure, or lines by `key`.

    In a picture they stand side by side, the first of many above the others.
    """
    if sum(map(len, blocks)) < 2:
        return None
    maps = []
    for cells in blocks:
        lines, columns = (_by_best(cells, side)[:most] for side, most in ((0, MOST_LINES), (1, MOST_COLUMNS)))
        lines = sorted(lines, key=key) if key else lines
        kept = {place: value for place, value in cells.items() if place[0] in lines and place[1] in columns}
        maps.append((lines, columns, kept))
    every = {place: value for _, _, kept in maps for place, value in kept.items()}
    ordered = sorted(every.values())
    rows = (maps[:1], maps[1:]) if len(maps) > 2 else (maps,)
    best, worst = (choose(every, key=lambda place: every[place]) for choose in (max, min))
    if len(every) < sum(map(len, blocks)):
        caption += " Only the highest lines and columns are shown."
    return Chart(
        id,
        title,
        caption,
        f"{counted(len(maps), 'heat map')} of {len(every):,} figures. Highest: {best[0]} with {best[1]}, {percent(ordered[-1])}. "
        f"Lowest: {worst[0]} with {worst[1]}, {percent(ordered[0])}.",
        {"vconcat": [{"hconcat": [_map(*found, ordered) for found in row], "spacing": 44} for row in rows], "spacing": 30},
        maps=tuple(_heat_map(corner, *found, ordered) for found in maps),
    )


def _heat_map(corner: str, lines: list[str], columns: list[str], kept: Cells, ordered: Sequence[float]) -> HeatMap:
    def cell(place: tuple[str, str]) -> tuple[str, int] | None:
        return (percent(kept[place]), _step(kept[place], ordered)) if place in kept else None

    return HeatMap((corner, *columns), tuple((line, tuple(cell((line, column)) for column in columns)) for line in lines))


def _step(value: float, ordered: Sequence[float]) -> int:
    return STEPS * bisect_left(ordered, value) // len(ordered)


def _map(lines: list[str], columns: list[str], kept: Cells, ordered: Sequence[float]) -> dict[str, Any]:
    values = [
        {"line": line, "column": column, "text": percent(value), "step": _step(value, ordered)}
        for (line, column), value in sorted(kept.items())
    ]
    return specification("grid", values=values, lines=lines, columns=columns)


def _by_best(cells: Cells, side: int) -> list[str]:
    best = _largest((place[side], value) for place, value in cells.items())
    return sorted(best, key=lambda one: (-best[one], one))


def _layer_order(line: str) -> tuple[float, str]:
    first, _, second = line.removeprefix("layer ").partition(":")
    return (float(first) + (0.5 if second else 0), line)


GRIDS: Final = (similarities, transforms, layers)
