"""The systems of a board with their scores, those among which the best is chosen, and the choice elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import SystemId
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores, joint_scores
from stsbench.evidence.sampling import FEWEST, panel_of
from stsbench.evidence.spec import development_benchmarks
from stsbench.evidence.systems import KeptSystem, complete
from stsbench.leaderboard.columns import Key
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.comparing.panel import Panel
from stsbench.stats.metrics.triplets import together
from stsbench.stats.orders import midranks


@dataclass(frozen=True)
class Grid:
    """Systems with a figure on every benchmark, and the material of their scores.

    `choices` are places of candidates by the label of the `selected` table that chooses from them, `development` the benchmarks on
    which those tables choose that name any.
    """

    systems: tuple[KeptSystem, ...]
    material: tuple[JointScores, ...]
    choices: Mapping[str, tuple[int, ...]]
    development: Mapping[str, Mapping[Key, PlannedBenchmark]] = field(default_factory=dict)

    @cached_property
    def alike(self) -> list[int]:
        """For each system the first that ranks the pairs of every list, whose figures theirs are made of, as it does.

        Where more than ranks settles a figure, as Pearson's correlation, it is the first with the same scores.
        """
        lists = [(midranks if one.metric.ranks else np.asarray, scores) for one in self.material for _, scores, _ in one.lists()]
        ranks = (tuple(settling(scores[:, place]).tobytes() for settling, scores in lists) for place in range(len(self.systems)))
        first: dict[tuple[bytes, ...], int] = {}
        return [first.setdefault(own, place) for place, own in enumerate(ranks)]

    def same(self) -> tuple[tuple[SystemId, ...], ...]:
        """The sets of two or more systems that rank all pairs alike."""
        sets: dict[int, list[SystemId]] = {}
        for place, first in enumerate(self.alike):
            sets.setdefault(first, []).append(self.key(place))
        return tuple(sorted(tuple(sorted(own)) for own in sets.values() if len(own) > 1))

    def key(self, place: int) -> SystemId:
        """What a system is known by in statistics."""
        return self.systems[place].key

    def panel(self, places: Sequence[int], resamples: int) -> Panel:
        """These systems on the pairs of all benchmarks; raises as `panel_of` does."""
        return panel_of(self.taken(places), [self.systems[place].label for place in places], "pairs", resamples)

    def taken(self, places: Sequence[int]) -> list[JointScores]:
        """The material with the scores of these systems only."""
        rows = list(places)
        return [
            replace(joint, scores=tuple(own[:, rows] for own in joint.scores), stored=tuple(joint.stored[row] for row in rows))
            for joint in self.material
        ]


def grid_of(
    folder: BoardFolder,
    encoders: Mapping[str, str],
    benchmarks: Mapping[Key, PlannedBenchmark],
    development: Mapping[str, Mapping[Key, PlannedBenchmark]],
) -> Grid:
    """The board's primary systems and those that its `selected` tables choose from; raises as `joint_scores` does.

    `encoders` are canonical references by what tables call them. What has seen gold scores of the board's pairs is not chosen from: no
    other half of them would be new to it.
    """
    whole = complete(folder.systems)
    honest = [one for one in whole if not any("leaked" in record.flags for record in one.records)]
    candidates = {
        table.label: [system.key for system in honest if not table.encoder or encoders[table.encoder] == system.key.encoder]
        for table in folder.spec.selected
    }
    wanted = {key for keys in candidates.values() for key in keys}
    systems = tuple(one for one in whole if one.primary or one.key in wanted)
    places = {one.key: place for place, one in enumerate(systems)}
    choices = {label: tuple(places[key] for key in keys) for label, keys in candidates.items()}
    return Grid(systems, tuple(joint_scores(folder.results, systems, benchmarks)), choices, development)


def development_stamp(folder: BoardFolder) -> str:
    """A hash of the figures on development splits; empty for a board that chooses on none, or that was not run yet."""
    if not development_benchmarks(folder.spec) or not folder.development.root.is_dir():
        return ""
    return digest(sorted(one.stamp for one in folder.systems_in(folder.development)))[:16]


def choose_on(
    folder: BoardFolder, benchmarks: Mapping[Key, PlannedBenchmark], grid: Grid, places: Sequence[int]
) -> tuple[int, tuple[str, ...], int]:
    """The best of the systems at `places` on the development pairs that no benchmark of the board has: its place in the grid, with
    the names of the benchmarks that these pairs are of, and how many they are.

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
    return places[int(np.argmax(figures))], tuple(one.name for one in material), pairs


def _without(material: JointScores, taken: set[tuple[str, str]]) -> JointScores:
    """The material of the pairs that are not `taken`, and of the triplets of which neither pair is."""
    task = material.metric.tasks[0]
    together_in = [together(task, len(part.pairs)) for part in material.parts]
    free = [np.array([key not in taken for key in part.pairs.keys]) for part in material.parts]
    rows = [own[kept[own].all(axis=1)].T.ravel().tolist() for own, kept in zip(together_in, free, strict=True)]
    parts = tuple(replace(part, pairs=part.pairs.take(own)) for part, own in zip(material.parts, rows, strict=True))
    return replace(material, parts=parts, scores=tuple(own[kept] for own, kept in zip(material.scores, rows, strict=True)))
