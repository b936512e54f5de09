"""Charts of what takes gold to draw: scores against gold, and figures by group, of the systems on top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stsbench.builtin.page.drawing import Chart
from stsbench.builtin.page.naming import DOT, brief, name
from stsbench.builtin.page.palette import specification
from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.boards.statistics import Density, Diagram
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import visible

MOST_GROUPS: Final = 24
MOST_PANELS: Final = 3


def labelled(board: Leaderboard) -> list[tuple[str, Diagram]]:
    """The diagrams of the compared systems with their labels, best first."""
    known = {one.system: one for one in board.diagrams}
    rows = [row for row in board.compared if row.system in known]
    return [(f"{place}. {told}", known[row.system]) for place, (told, row) in enumerate(zip(brief(rows), rows, strict=True), 1)]


def densities(board: Leaderboard) -> Iterator[Chart]:
    """For every benchmark, that of most pairs first, scores against gold of the three systems on top."""
    drawn = [(label, one) for label, diagram in labelled(board)[:MOST_PANELS] for one in diagram.densities]
    sizes = {one.benchmark: one.n for _, one in drawn}
    for benchmark in sorted(sizes, key=lambda one: -sizes[one]):
        chosen = [(label, one) for label, one in drawn if one.benchmark == benchmark]
        yield _densities(visible(benchmark.rpartition("@")[0]), chosen)


def panels(board: Leaderboard) -> Chart | None:
    """What a page shows of them."""
    return next(densities(board), None)


def _densities(benchmark: str, systems: list[tuple[str, Density]]) -> Chart:
    values = [{"system": _broken(label), **_bin(one, *counted)} for label, one in systems for counted in one.counts]
    n, parts = systems[0][1].n, systems[0][1].parts
    gold, score, within = (
        ("place by gold", "place by score", f", placed within each of {parts} parts") if parts > 1 else ("gold", "score", "")
    )
    spec = specification("densities", values=values, systems=[_broken(label) for label, _ in systems], gold=gold, score=score)
    worst = tuple(
        (label, str(pair.row), "/".join(filter(None, (visible(pair.split), visible(pair.subset)))), f"{pair.gold:.1f}", f"{pair.score:.1f}")
        for label, density in systems
        for pair in density.worst
    )
    return Chart(
        f"gold-{benchmark}",
        benchmark,
        f"{n:,} pairs{within}. Those furthest off are the pairs whose place by score is furthest from their place by gold; "
        "0 is the lowest, 100 the highest.",
        f"Two-dimensional histograms of {score} against {gold} of {len(systems)} systems on {n:,} pairs of {benchmark}{within}; the pairs "
        "furthest off are in the table.",
        spec,
        ("System", "Row", "Split", "Place by gold", "Place by score"),
        worst,
    )


def _broken(label: str) -> str:
    """The label on two lines, after the encoder."""
    return label.replace(DOT, "\n", 1)


def _bin(density: Density, gold: int, score: int, pairs: int) -> dict[str, float]:
    width = (density.gold[1] - density.gold[0]) / density.bins
    level = pairs * density.bins / density.n  # against an even spread along the diagonal
    step = sum(level > limit for limit in (0.02, 0.05, 0.1, 0.2, 0.4, 0.8))
    return {
        "x": density.gold[0] + gold * width, "x2": density.gold[0] + (gold + 1) * width,
        "y": score / density.bins, "y2": (score + 1) / density.bins, "step": step,
    }  # fmt: skip


def groups(board: Leaderboard) -> Iterator[Chart]:
    """For every benchmark with groups, the figures of each system on top within each group."""
    diagrams = labelled(board)
    for benchmark in dict.fromkeys(one.benchmark for _, diagram in diagrams for one in diagram.groups):
        groups_of = [(label, one) for label, diagram in diagrams for one in diagram.groups if one.benchmark == benchmark]
        known = [(label, one) for label, one in groups_of if one.figure is not None]
        names = sorted({one.group for _, one in known})[:MOST_GROUPS]
        if len(names) > 1:
            sizes = {one.group: one.n for _, one in known}
            values = {(label, one.group): one.figure or 0.0 for label, one in known if one.group in names}
            yield _groups(visible(benchmark.rpartition("@")[0]), list(dict.fromkeys(label for label, _ in known)), names, sizes, values)


def _groups(benchmark: str, systems: list[str], names: list[str], sizes: dict[str, int], figures_of: dict[tuple[str, str], float]) -> Chart:
    values = [
        {"system": int(system.partition(".")[0]), "group": f"{name(group)} ({sizes[group]:,})", "value": 100 * value}
        for (system, group), value in figures_of.items()
    ]
    figures = sorted(figures_of.items(), key=lambda item: -item[1])
    return Chart(
        f"groups-{benchmark}",
        benchmark,
        "",
        f"Figures of {len(systems)} systems in {len(names)} groups of {benchmark}, from {percent(figures[0][1])} ({figures[0][0][0]} on "
        f"{visible(figures[0][0][1])}) to {percent(figures[-1][1])} ({figures[-1][0][0]} on {visible(figures[-1][0][1])}).",
        specification("groups", values=values),
        ("System", *(name(group) for group in names)),
        tuple((system, *(percent(figures_of.get((system, group))) for group in names)) for system in systems),
    )
