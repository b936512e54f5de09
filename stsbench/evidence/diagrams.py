"""What pictures of a board need of the data: scores against gold, and figures by group, of the systems on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.boards.statistics import Density, Diagram, Diagrams, GroupFigure, Misjudged
from stsbench.contracts.data import Float64, Part
from stsbench.evidence.candidates import Grid
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores
from stsbench.evidence.systems import KeptSystem, complete
from stsbench.leaderboard.columns import Key
from stsbench.leaderboard.known import column_key
from stsbench.stats.orders import midranks

MOST_SYSTEMS, MOST_BENCHMARKS = 3, 12
BINS = 20
WORST = 3
FEWEST = 5  # pairs of a group below which its figure says nothing


def systems_on_top(folder: BoardFolder) -> list[KeptSystem]:
    """The three best of the systems that are compared, or of the primary ones where none is."""
    compared, primary = folder.compared, [one for one in complete(folder.systems) if one.primary]
    chosen = [one for one in primary if one.key in compared] or primary
    means = {one.label: float(np.mean([one.figure(key) or 0.0 for key in sorted(one.files)])) for one in chosen}
    return sorted(chosen, key=lambda one: (-means[one.label], one.label))[:MOST_SYSTEMS]


def are_current(folder: BoardFolder, known: Diagrams) -> bool:
    """Whether diagrams are of the figures that the systems on top have now."""
    return {one.record for one in known.systems} == {one.stamp for one in systems_on_top(folder)}


def board_diagrams(folder: BoardFolder, grid: Grid) -> Diagrams:
    """The diagrams of the systems on top, on the first twelve benchmarks."""
    chosen = systems_on_top(folder)
    places = {one.key: place for place, one in enumerate(grid.systems)}
    material = grid.taken([places[one.key] for one in chosen])[:MOST_BENCHMARKS]
    return Diagrams(systems=tuple(sorted((_diagram(one, place, material) for place, one in enumerate(chosen)), key=lambda one: one.system)))


def _diagram(system: KeptSystem, place: int, material: Sequence[JointScores]) -> Diagram:
    key: Key = min(system.files)
    entry, record = system.files[key].file.encoder, system.whole(key)
    return Diagram(
        encoder=entry.ref, fingerprint=entry.fingerprint, view=record.view, transforms=record.transforms,
        similarity=record.similarity or "", record=system.stamp,
        densities=tuple(_density(item, place) for item in material),
        groups=tuple(figure for item in material if not item.private for figure in _groups(item, place)),
    )  # fmt: skip


def _density(item: JointScores, place: int) -> Density:
    """What the figure is of: all pairs on one scale, or, where it is a mean over parts, each pair's places within its part."""
    lists = [(pairs.gold, scores[:, place]) for pairs, scores, _ in item.lists()]
    places = [np.concatenate([_places(values) for values in side]) for side in zip(*lists, strict=True)]
    gold, scores = places if len(lists) > 1 else lists[0]
    counts, _, _ = np.histogram2d(gold, scores, bins=BINS, range=[_range(gold), _range(scores)])
    filled = [(int(row), int(column), int(counts[row, column])) for row, column in zip(*np.nonzero(counts), strict=True)]
    return Density(
        benchmark=column_key(item.name, item.protocol),
        n=len(gold),
        parts=len(lists),
        gold=_range(gold),
        score=_range(scores),
        bins=BINS,
        counts=tuple(filled),
        worst=_worst(item.parts, *places),
    )


def _range(values: Float64) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _places(values: Float64) -> Float64:
    """From 0 for the lowest to 100 for the highest."""
    return 100 * (midranks(values) - 1) / max(len(values) - 1, 1)


def _worst(parts: Sequence[Part], gold: Float64, scores: Float64) -> tuple[Misjudged, ...]:
    """The pairs whose places by gold and by score lie furthest apart."""
    order = np.argsort(-np.abs(gold - scores), kind="stable")[:WORST]
    rows = [(part, row) for part in parts for row in range(1, len(part.pairs) + 1)]
    return tuple(
        Misjudged(
            split=rows[at][0].split, subset=rows[at][0].subset, row=rows[at][1],
            gold=round(float(gold[at]), 1), score=round(float(scores[at]), 1),
        )
        for at in order.tolist()
    )  # fmt: skip


def _groups(item: JointScores, place: int) -> list[GroupFigure]:
    key, name = column_key(item.name, item.protocol), item.metric.name
    return [
        GroupFigure(benchmark=key, group=label, n=known.n, **item.named(known.figures.get(name) if known.n >= FEWEST else None))
        for label, known in item.by_label(place).items()
    ]
