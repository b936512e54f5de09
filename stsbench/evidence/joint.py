"""What a comparison rests on: the stored scores of several systems, and the gold of the very pairs that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stsbench.contracts.data import Float64, Pairs, Part, Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.kinds import Aggregation
from stsbench.errors import DataError, StoreError, UsageError
from stsbench.evidence.systems import KeptSystem, Results
from stsbench.leaderboard.columns import Key
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.aggregation import in_one_unit, is_pooled, joint_weights, ranked_together, shares
from stsbench.stats.agreement import Agreement, agreement
from stsbench.stats.correlation import tie_ceiling
from stsbench.stats.metrics import METRICS, SPEARMAN, STEPS, Measured, measure
from stsbench.stats.metrics.metric import Metric
from stsbench.stores.drift import METRIC_TOLERANCE


@dataclass(frozen=True)
class JointScores:
    """One benchmark with the scores of all chosen systems: by part its pairs and scores float64[n, s]."""

    name: str
    protocol: str
    aggregation: Aggregation
    private: bool
    parts: tuple[Part, ...]
    scores: tuple[Float64, ...]
    stored: tuple[float, ...]  # the figures in the records, by system
    metric: Metric = SPEARMAN  # what figures are

    def named(self, figure: float | None) -> dict[str, Any]:
        """The fields of a value that holds this figure."""
        return {"main": self.metric.name, "figures": {self.metric.name: figure}}

    @property
    def ceiling(self) -> float:
        """What ties of gold leave of Spearman's correlation; raises ValueError for a list of one pair."""
        return float(sum(weight * tie_ceiling(pairs.gold, pairs.weights) for pairs, _, weight in self.lists()))

    def lists(self) -> list[tuple[Pairs, Float64, float]]:
        """Pairs, scores and weight of each list whose figures the benchmark's is made of."""
        pairs = [part.pairs for part in self.parts]
        if is_pooled(self.aggregation, len(pairs)):
            return [(joined(pairs), np.concatenate(self.scores), 1.0)]
        return list(zip(pairs, self.scores, shares(self.aggregation, [len(one) for one in pairs]), strict=True))

    @property
    def titles(self) -> list[str]:
        """What tells each part from the others: its split, its subset, or both; nothing where there is one."""
        telling = [names for names in zip(*(part.place for part in self.parts), strict=True) if len(set(names)) > 1]
        return [" ".join(names) for names in zip(*telling, strict=True)] or [""] * len(self.parts)

    def labelled(self) -> Iterator[tuple[str, Pairs, Float64]]:
        """The pairs of each label with their scores, of each list of pairs by itself; nothing of a list that has one label."""
        lists = self.lists()
        names = [""] if len(lists) == 1 else [f"{title}: " for title in self.titles]
        for name, (pairs, scores, _) in zip(names, lists, strict=True):
            labels = pairs.rows_by_label
            for label, rows in labels.items() if len(labels) > 1 else ():
                yield name + label, pairs.take(rows.tolist()), scores[rows]

    def by_label(self, place: int) -> dict[str, Measured]:
        """What the pairs of each label give under a system."""
        return {name: measure(pairs.gold, scores[:, place], [self.metric], pairs.weights) for name, pairs, scores in self.labelled()}


def joined(pairs: Sequence[Pairs]) -> Pairs:
    """All pairs in one list; a list that stands alone as it is, with what its raters said."""
    if len(pairs) == 1:
        return pairs[0]
    groups = tuple(label for one in pairs for label in one.group) if all(one.group for one in pairs) else ()
    left, right = tuple(item for one in pairs for item in one.left), tuple(item for one in pairs for item in one.right)
    return Pairs(left, right, np.concatenate([one.gold for one in pairs]), groups, joint_weights(pairs))


def agreed(lists: Sequence[Pairs]) -> Agreement | None:
    """How far raters agree on all lists, whose columns are the same people; None where a list has no ratings, or those of more or fewer."""
    ratings = [one.ratings for one in lists if one.ratings is not None]
    if len(ratings) < len(lists) or len({each.shape[1] for each in ratings}) != 1:
        return None
    return agreement(np.concatenate(ratings), np.random.default_rng(0))


def joint_scores(folder: Results, systems: Sequence[KeptSystem], benchmarks: Mapping[Key, PlannedBenchmark]) -> list[JointScores]:
    """The material of these benchmarks, which are loaded: the scores that `folder` keeps of the systems, and the pairs.

    Raises UsageError, DataError or StoreError, in one sentence, where systems were not scored on the same pairs under the same
    protocol, a cell has no figure, scores are not kept or do not give the figures, or the data are not those that were scored.
    """
    material = []
    for key, benchmark in benchmarks.items() if systems else ():
        _require_comparable(systems, key)
        card = systems[0].files[key].file.benchmark
        parts = _matching(benchmark.parts, systems[0], key)
        kept = {id(file): folder.scores(file) for file in (system.files[key].file for system in systems)}
        columns = [[_scores(system, key, part, kept[id(system.files[key].file)]) for system in systems] for part in parts]
        together = _on_one_scale(columns, parts, systems, key, ranked=is_pooled(card.aggregation, len(parts)))
        metric = METRICS[systems[0].main or card.main]
        recorded = metric if metric.kept else METRICS[card.main]
        figures = tuple(_figure(system, key, recorded) for system in systems)
        stacked = tuple(np.column_stack(own).astype(np.float64) for own in together)
        joint = JointScores(card.name, card.protocol, card.aggregation, card.private, parts, stacked, figures, recorded)
        _require_agreement(joint, [system.label for system in systems])
        material.append(replace(joint, metric=metric))
    return material


def _figure(system: KeptSystem, key: Key, metric: Metric) -> float:
    known = system.whole(key).figures
    if metric.name not in known:
        raise UsageError(f"the results on {key[0]} have no {metric.title}; compare by {', '.join(known)}")
    return known[metric.name]


def _require_agreement(joint: JointScores, labels: Sequence[str]) -> None:
    """The stored scores give the stored figures, or something was mixed up, or edited."""
    lists = joint.lists()
    for place, (label, stored) in enumerate(zip(labels, joint.stored, strict=True)):
        columns = [(pairs, scores[:, place], weight) for pairs, scores, weight in lists]
        constant, compute = any(np.ptp(column) == 0 for _, column, _ in columns), joint.metric.compute
        figures = [weight * compute(pairs.gold, column, pairs.weights) for pairs, column, weight in columns if not constant]
        figure = sum(figures) if figures else None
        if figure is None or abs(stored - figure) > METRIC_TOLERANCE:
            given = "none" if figure is None else f"{figure:z.6f}"
            raise StoreError(
                f"the kept scores of {label} on {joint.name} give {given} and its record says {stored:z.6f}; run it again with --fresh"
            )


def _require_comparable(systems: Sequence[KeptSystem], key: Key) -> None:
    name, protocol = key
    for system in systems:
        if key not in system.files:
            other = next((found[1] for found in system.files if found[0] == name), None)
            lack = f"was scored on {name} under protocol {other} and not {protocol}" if other else f"was not scored on {name}"
            owner = next((own.label for own in systems if key in own.files), "none")
            raise UsageError(f"{system.label} {lack}, {owner} was under {protocol}; run both there, or choose with -b")
        record = system.whole(key)
        if record.status != "ok":
            raise UsageError(
                f"{system.label} on {name} is {record.status} ({record.reason}), so there is nothing to compare it by; "
                + STEPS.get(record.reason or "", "name the systems to compare")
            )
    digests = {system.whole(key).digest: system.label for system in systems}
    if len(digests) > 1:
        first, second, *_ = digests.values()
        raise UsageError(f"{first} and {second} were scored on different pairs of {name}; run both again on the same data")


def _matching(loaded: Sequence[Part], system: KeptSystem, key: Key) -> tuple[Part, ...]:
    """The loaded parts that the records are of; raises DataError where their content is another."""
    digests = {(cell.split, cell.subset): record.digest for cell, record in system.files[key].parts.items()}
    parts = tuple(part for part in loaded if (part.split, part.subset) in digests)
    if len(parts) < len(digests) or any(part.pairs.digest != digests[part.split, part.subset] for part in parts):
        raise DataError(f"the data of {key[0]} are not those that the results are of; get them as they were, or run the systems again")
    return parts


def _scores(system: KeptSystem, key: Key, part: Part, scores: Mapping[CellId, Ranked]) -> Ranked:
    if (cell := system.cell(part)) not in scores:
        raise StoreError(f"the scores of {system.label} on {key[0]} are not kept; run it again, a board with --fresh")
    return scores[cell]


def _on_one_scale(
    columns: list[list[Ranked]], parts: Sequence[Part], systems: Sequence[KeptSystem], key: Key, *, ranked: bool
) -> list[list[Float64]]:
    """Scores of several parts on one scale; `ranked` as they were when the figure of all pairs together was computed."""
    exponents = [[system.files[key].parts[system.cell(part)].exponent or 0 for system in systems] for part in parts]
    ends = np.cumsum([len(part.pairs) for part in parts])[:-1]
    result: list[list[Float64]] = [[] for _ in parts]
    for place in range(len(systems)):
        known = [(own[place], powers[place]) for own, powers in zip(columns, exponents, strict=True)]
        whole = ranked_together(known).astype(np.float64) if ranked else in_one_unit(known)
        for part_scores, piece in zip(result, np.split(whole, ends), strict=True):
            part_scores.append(piece)
    return result
