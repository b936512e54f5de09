"""Heat maps of a board's averages: similarity x encoder, transform x encoder, pooling x layer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from stsbench.builtin.page.drawing import Chart
from stsbench.builtin.page.naming import short, source
from stsbench.builtin.page.palette import ON_RAMP, PAPER, RAMP
from stsbench.builtin.page.wording import averaged, clipped
from stsbench.contracts.figures import percent

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard, Row

MOST_LINES, MOST_COLUMNS = 40, 14
LEARNT: Final = {"supervised", "leaked"}
_VIEW = re.compile(r"(?P<pooling>[a-z-]+)@(?P<layer>-?\d+(?::-?\d+)?)\Z")

Cells = dict[tuple[str, str], tuple[float, bool]]  # the average at a line and a column, and whether it has seen gold scores


def similarities(board: Leaderboard) -> Chart | None:
    """Every similarity against every encoder and view, in a map for each set of similarities that read the same."""
    rows = [row for row in board.rows if row.similarity and not row.transforms and row.average is not None]
    cells = _best((_similarity(row), source(row), row) for row in rows)
    lying = len({column for _, column in cells}) > len({line for line, _ in cells})  # names are read most easily at the side
    if lying:
        cells = {(column, line): value for (line, column), value in cells.items()}
    return _chart(
        _blocks(cells),
        "similarities",
        "What each similarity makes of each encoder",
        f"{averaged(board)} of every encoder and view with every similarity. An empty place was not measured.",
        "Encoder" if lying else "Similarity",
    )


def _similarity(row: Row) -> str:
    """Its name, and what it is fitted on without the distribution."""
    return clipped(re.sub(r"\bfit=[^/,:]+/", "fit=", short(row.similarity)), 56)


def transforms(board: Leaderboard) -> Chart | None:
    """Every chain of transforms against the vectors that it is applied to, with the primary similarity."""
    rows = [row for row in board.rows if row.primary and row.similarity and row.average is not None]
    changed = {source(row, transforms=False) for row in rows if row.transforms}
    lines = (
        (" → ".join(clipped(short(one), 40) for one in row.transforms) or "as they are", source(row, transforms=False), row) for row in rows
    )
    return _chart(
        [_best((line, column, row) for line, column, row in lines if column in changed)],
        "transforms",
        "What a transform changes",
        f"{averaged(board)} with {short(board.spec.primary)}, of vectors as they are and after each transform.",
        "Transform",
    )


def layers(board: Leaderboard) -> Chart | None:
    """Pooling against layer, with the primary similarity, of the encoder that has most such views."""
    by_encoder: dict[str, list[tuple[str, str, Row]]] = {}
    for row in board.rows:
        view = _VIEW.match(row.view)
        if view and row.primary and not row.transforms and row.average is not None:
            by_encoder.setdefault(row.encoder, []).append((view["pooling"], f"layer {view['layer']}", row))
    if not by_encoder:
        return None
    encoder, cells = max(by_encoder.items(), key=lambda item: (len(item[1]), item[0]))
    return _chart(
        [_best(cells)],
        "layers",
        "Which layer, which pooling",
        f"{averaged(board)} of the views of {short(encoder)} with {short(board.spec.primary)}; a:b is the mean of layers a and b.",
        "Pooling",
        _layer_order,
    )


def _best(cells: Iterable[tuple[str, str, Row]]) -> Cells:
    best: Cells = {}
    for line, column, row in cells:
        value = (row.average or 0.0, bool(LEARNT & set(row.flags)))
        best[line, column] = max(value, best.get((line, column), value))
    return best


def _blocks(cells: Cells) -> list[Cells]:
    """The parts that share no line and no column, largest first: similarities of vectors are none of tokens."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not cells:
        return []
    nodes = {node: place for place, node in enumerate(dict.fromkeys((side, one[side]) for one in cells for side in (0, 1)))}
    ends = [[nodes[side, one[side]] for one in cells] for side in (0, 1)]
    _, labels = connected_components(coo_array(([1] * len(cells), ends), shape=(len(nodes), len(nodes))), directed=False)
    blocks: dict[int, Cells] = {}
    for (place, value), node in zip(cells.items(), ends[0], strict=True):
        blocks.setdefault(int(labels[node]), {})[place] = value
    return sorted(blocks.values(), key=lambda one: (-len(one), min(one)))


def _chart(
    blocks: Sequence[Cells],
    id: str,  # noqa: A002 - it is the chart's
    title: str,
    caption: str,
    corner: str,
    key: Callable[[str], Any] | None = None,
) -> Chart | None:
    """Heat maps side by side with their figures in them; lines and columns by their best figure, or columns by `key`."""
    if sum(map(len, blocks)) < 2:
        return None
    maps = []
    for cells in blocks:
        lines, columns = (_by_best(cells, side)[:most] for side, most in ((0, MOST_LINES), (1, MOST_COLUMNS)))
        columns = sorted(columns, key=key) if key else columns
        kept = {place: value for place, value in cells.items() if place[0] in lines and place[1] in columns}
        maps.append((lines, columns, kept))
    every = {place: value for _, _, kept in maps for place, value in kept.items()}
    ordered = sorted(value for value, _ in every.values())
    best, worst = (choose(every, key=lambda place: every[place]) for choose in (max, min))
    if len(every) < sum(map(len, blocks)):
        caption += " Only the highest lines and columns are shown."
    if any(learnt for _, learnt in every.values()):
        caption += " † has seen gold scores."
    lines = list(dict.fromkeys(one for found, _, _ in maps for one in found))
    columns = list(dict.fromkeys(one for _, found, _ in maps for one in found))
    return Chart(
        id,
        "grid",
        title,
        caption,
        f"A heat map of {len(lines)} by {len(columns)}. Highest: {best[0]} with {best[1]}, {percent(ordered[-1])}. "
        f"Lowest: {worst[0]} with {worst[1]}, {percent(ordered[0])}.",
        {"hconcat": [_map(*found, ordered) for found in maps], "spacing": 44, "resolve": {"scale": {"color": "shared"}}},
        (corner, *columns),
        tuple((line, *(_figure(every.get((line, column))) for column in columns)) for line in lines),
    )


def _map(lines: list[str], columns: list[str], kept: Cells, ordered: Sequence[float]) -> dict[str, Any]:
    values = [
        {"line": line, "column": column, "text": _figure(cell), "step": len(RAMP) * ordered.index(cell[0]) // len(ordered)}
        for (line, column), cell in sorted(kept.items())
    ]
    top = {"orient": "top", "labelAngle": -35, "labelLimit": 230}
    return {
        "data": {"values": values}, "width": {"step": 62}, "height": {"step": 28},
        "encoding": {
            "x": {"field": "column", "type": "nominal", "sort": columns, "title": None, "axis": top},
            "y": {"field": "line", "type": "nominal", "sort": lines, "title": None},
        },
        "resolve": {"scale": {"color": "independent"}},
        "layer": [
            {"mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2, "cornerRadius": 4}, "encoding": {"color": _steps(RAMP)}},
            {"mark": {"type": "text", "fontSize": 11}, "encoding": {"text": {"field": "text"}, "color": _steps(ON_RAMP)}},
        ],
    }  # fmt: skip


def _figure(cell: tuple[float, bool] | None) -> str:
    return percent(None) if cell is None else f"{percent(cell[0])}{' †' if cell[1] else ''}"


def _steps(colours: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "step",
        "type": "ordinal",
        "legend": None,
        "scale": {"domain": list(range(len(colours))), "range": list(colours)},
    }


def _by_best(cells: Cells, side: int) -> list[str]:
    best: dict[str, float] = {}
    for place, (value, _) in cells.items():
        best[place[side]] = max(value, best.get(place[side], value))
    return sorted(best, key=lambda one: (-best[one], one))


def _layer_order(column: str) -> tuple[float, str]:
    first, _, second = column.removeprefix("layer ").partition(":")
    return (float(first) + (0.5 if second else 0), column)
