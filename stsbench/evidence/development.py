"""Systems of a board chosen on pairs that it does not rank them by: their results, and the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stsbench.contracts.fingerprint import digest
from stsbench.errors import UsageError
from stsbench.evidence.candidates import Grid
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores, joint_scores
from stsbench.evidence.sampling import FEWEST, panel_of
from stsbench.evidence.spec import development_benchmarks
from stsbench.leaderboard.columns import Key
from stsbench.runner.system import PlannedBenchmark


@dataclass(frozen=True)
class Chosen:
    """The place in the grid of the system that leads on `pairs` development pairs of `benchmarks`."""

    place: int
    benchmarks: tuple[str, ...]
    pairs: int


def development_stamp(folder: BoardFolder) -> str:
    """A hash of the figures on development splits; empty for a board that chooses on none, or that was not run yet."""
    if not development_benchmarks(folder.spec) or not folder.development.root.is_dir():
        return ""
    return digest(sorted(one.stamp for one in folder.systems_in(folder.development)))[:16]


def choose_on(folder: BoardFolder, benchmarks: Mapping[Key, PlannedBenchmark], grid: Grid, places: Sequence[int]) -> Chosen:
    """The best of the systems at `places` on the development pairs that no benchmark of the board has.

    Pairs are the same whatever their order, case and punctuation. Raises UsageError where a system has no figure there, or fewer than
    10 pairs are left; else as `joint_scores` does.
    """
    stored = {one.key: one for one in folder.systems_in(folder.development)}
    if missing := [grid.systems[place].label for place in places if grid.key(place) not in stored]:
        raise UsageError(f"{missing[0]} has no results on {', '.join(name for name, _ in benchmarks)}; run the board again")
    systems = [stored[grid.key(place)] for place in places]
    taken = {key for one in grid.material for part in one.parts for key in part.pairs.keys}
    material = [_without(one, taken) for one in joint_scores(folder.development, systems, benchmarks)]
    for joint in material:
        if few := [pairs for pairs, _, _ in joint.lists() if len(pairs) < FEWEST]:
            raise UsageError(
                f"a part of {joint.name} has {len(few[0])} pairs that the board does not have, and a choice takes {FEWEST}; "
                "name another split"
            )
    figures = panel_of(material, [one.label for one in systems], "pairs", 1).figures.mean(axis=0)
    pairs = sum(len(part.pairs) for one in material for part in one.parts)
    return Chosen(places[int(np.argmax(figures))], tuple(one.name for one in material), pairs)


def _without(material: JointScores, taken: set[tuple[str, str]]) -> JointScores:
    """The material of the pairs that are not `taken`."""
    rows = [[row for row, key in enumerate(part.pairs.keys) if key not in taken] for part in material.parts]
    parts = tuple(replace(part, pairs=part.pairs.take(own)) for part, own in zip(material.parts, rows, strict=True))
    return replace(material, parts=parts, scores=tuple(own[kept] for own, kept in zip(material.scores, rows, strict=True)))
