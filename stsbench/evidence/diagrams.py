"""What pictures of a board need of the data: scores against gold, and figures by group, of the systems on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64, Part
from stsbench.contracts.diagrams import Density, Diagram, Diagrams, GroupFigure, Misjudged
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import Data, JointScores, joint_scores
from stsbench.evidence.systems import KeptSystem, complete
from stsbench.leaderboard.columns import Key
from stsbench.leaderboard.known import column_key
from stsbench.stats.metrics import figure
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


def board_diagrams(folder: BoardFolder, data: Data) -> Diagrams:
    """The diagrams of the systems on top, on the first twelve benchmarks.

    Raises UsageError, DataError or StoreError where the data, or the scores, are not those of the records.
    """
    chosen = systems_on_top(folder)
    if not chosen:
        return Diagrams(systems=())
    material = joint_scores(folder.results, chosen, folder.spec.benchmarks, data)[:MOST_BENCHMARKS]
    return Diagrams(systems=tuple(sorted((_diagram(one, place, material) for place, one in enumerate(chosen)), key=lambda one: one.system)))


def _diagram(system: KeptSystem, place: int, material: Sequence[JointScores]) -> Diagram:
    key: Key = min(system.files)
    entry, record = system.files[key].file.encoder, system.whole(key)
    scored = [(item, np.concatenate([scores[:, place] for scores in item.scores])) for item in material]
    return Diagram(
        encoder=entry.ref, fingerprint=entry.fingerprint, view=record.view, transforms=record.transforms,
        similarity=record.similarity or "", record=system.stamp,
        densities=tuple(_density(item, scores) for item, scores in scored),
        groups=tuple(figure for item, scores in scored if not item.private for figure in _groups(item, scores)),
    )  # fmt: skip


def _density(item: JointScores, scores: Float64) -> Density:
    gold = np.concatenate([part.pairs.gold for part in item.parts])
    counts, _, _ = np.histogram2d(gold, scores, bins=BINS, range=[_range(gold), _range(scores)])
    filled = [(int(row), int(column), int(counts[row, column])) for row, column in zip(*np.nonzero(counts), strict=True)]
    return Density(
        benchmark=column_key(item.name, item.protocol),
        n=len(gold),
        gold=_range(gold),
        score=_range(scores),
        bins=BINS,
        counts=tuple(filled),
        worst=_worst(item.parts, gold, scores),
    )


def _range(values: Float64) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _worst(parts: Sequence[Part], gold: Float64, scores: Float64) -> tuple[Misjudged, ...]:
    """The pairs whose places by gold and by score lie furthest apart."""
    places = [100 * (midranks(values) - 1) / max(len(values) - 1, 1) for values in (gold, scores)]
    order = np.argsort(-np.abs(places[0] - places[1]), kind="stable")[:WORST]
    rows = [(part, row) for part in parts for row in range(1, len(part.pairs) + 1)]
    return tuple(
        Misjudged(
            split=rows[at][0].split, subset=rows[at][0].subset, row=rows[at][1],
            gold=round(float(places[0][at]), 1), score=round(float(places[1][at]), 1),
        )
        for at in order.tolist()
    )  # fmt: skip


def _groups(item: JointScores, scores: Float64) -> list[GroupFigure]:
    labels = np.array([label for part in item.parts for label in part.pairs.group])
    gold = np.concatenate([part.pairs.gold for part in item.parts])
    if len(labels) != len(gold):
        return []
    name = column_key(item.name, item.protocol)
    groups = []
    for label in sorted(set(labels.tolist())):
        chosen = labels == label
        value = figure(item.metric, gold[chosen], scores[chosen]) if chosen.sum() >= FEWEST else None
        groups.append(GroupFigure(benchmark=name, group=str(label), n=int(chosen.sum()), **item.named(value)))
    return groups
