"""The systems of a board with their scores: those compared, and those among which the best is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from stsbench.contracts.identity import SystemId
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores, joint_scores
from stsbench.evidence.systems import KeptSystem, complete
from stsbench.leaderboard.columns import Key
from stsbench.runner.system import PlannedBenchmark
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

    def taken(self, places: Sequence[int]) -> list[JointScores]:
        """The material with the scores of these systems only."""
        return [
            replace(
                joint,
                scores=tuple(own[:, list(places)] for own in joint.scores),
                stored=tuple(joint.stored[place] for place in places),
            )
            for joint in self.material
        ]


def grid_of(
    folder: BoardFolder,
    encoders: Mapping[str, str],
    benchmarks: Mapping[Key, PlannedBenchmark],
    development: Mapping[str, Mapping[Key, PlannedBenchmark]],
) -> Grid:
    """The board's primary systems and those that its `selected` tables choose from, with the data of both; raises as `joint_scores` does.

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
