"""The statistics of a board: computed where the data are, kept beside the records as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stsbench.api.material import Material, Stored, gather, stored_systems
from stsbench.api.panels import panel_of
from stsbench.contracts.board import BoardSpec
from stsbench.contracts.data import Float64
from stsbench.contracts.statistics import Limits, Standing, Statistics
from stsbench.host.registry import Registry
from stsbench.leaderboard.known import column_key, record_stamp
from stsbench.stats.correlation import tie_ceiling
from stsbench.stats.influence import standard_errors
from stsbench.stats.intervals import Interval, fisher_z, percentile
from stsbench.stats.multiplicity import max_t, pairs_of
from stsbench.stats.orders import midranks
from stsbench.stats.panel import Panel
from stsbench.stats.ranking import better_than, chance_of_best, letters, rank_sets
from stsbench.stats.resampling import generator_of

LEVEL, RESAMPLES = 0.95, 9999
MOST = 3e7  # systems x benchmarks x resamples above which influence functions take over


def is_current(folder: Path, spec: BoardSpec, known: Statistics) -> bool:
    """Whether statistics were computed for the figures that the records hold now."""
    stamps = {one.record for one in known.systems}
    return stamps == {record_stamp([one.whole(key) for key in sorted(one.files)]) for one in _complete(folder, spec)}


def _complete(folder: Path, spec: BoardSpec) -> list[Stored]:
    """The board's primary systems that have a figure on every benchmark."""
    systems = [one for one in stored_systems(folder, spec.primary) if one.primary]
    every = {key for one in systems for key in one.files}
    return [one for one in systems if every <= set(one.files) and all(one.whole(key).status == "ok" for key in every)]


def board_statistics(
    folder: Path, spec: BoardSpec, registry: Registry, mirror: str | None = None, *, resamples: int = RESAMPLES, most: float = MOST
) -> Statistics | None:
    """Intervals, rank sets and letters of the board's primary systems that have a figure everywhere; None for fewer than two.

    Raises UsageError, DataError or StoreError where the data, or the scores, are not those of the records.
    """
    complete = _complete(folder, spec)
    if len(complete) < 2:
        return None
    material = gather(folder, complete, spec.benchmarks, registry, mirror)
    own, alike = _distinct(material, complete)
    chosen = [complete[place] for place in own]
    kept = [_taken(one, own) for one in material]
    panel = panel_of(kept, [one.label for one in chosen], "pairs", resamples)
    sampled = len(chosen) * len(kept) * resamples <= most
    if sampled:
        draws = panel.draws(resamples, spec.seed)
        cells = [[percentile(column, LEVEL) for column in draws[:, place].T] for place in range(len(kept))]
        mean_draws = draws.mean(axis=1)
        averages = [percentile(column, LEVEL) for column in mean_draws.T]
    else:
        cells = [_from_influence(values, units) for values, units in zip(*panel.influences, strict=True)]
        units = np.mean(panel.influences[1], axis=0)
        averages = _from_influence(panel.figures.mean(axis=0), units)
        mean_draws = _normal_draws(panel, units, resamples, spec.seed)
    pairs, mean = pairs_of(len(chosen)), panel.figures.mean(axis=0)
    better = better_than(mean, max_t(mean, mean_draws, pairs), pairs, 1 - LEVEL)
    order = np.argsort(-mean, kind="stable").tolist()
    sets, shown, best = rank_sets(better), letters(better | better.T, order), chance_of_best(mean_draws)
    names = [column_key(one.name, one.protocol) for one in material]
    found = []
    for place, one in enumerate(complete):
        to = alike[place]
        file, records = next(iter(one.files.values()))
        limits = {name: Limits(low=cells[row][to].low, high=cells[row][to].high) for row, name in enumerate(names)}
        found.append(
            Standing(
                encoder=file.encoder.ref, fingerprint=file.encoder.fingerprint, view=records[0].view, transforms=records[0].transforms,
                similarity=records[0].similarity or "", record=record_stamp([one.whole(key) for key in sorted(one.files)]),
                cells=limits, average=Limits(low=averages[to].low, high=averages[to].high), best_rank=sets[to][0], worst_rank=sets[to][1],
                letters=shown[to], chance_of_best=float(best[to]), alike=to,
            )
        )  # fmt: skip
    ceilings = {name: _ceiling(one) for name, one in zip(names, material, strict=True)}
    return Statistics(
        mode="bootstrap" if sampled else "influence", level=LEVEL, resamples=resamples, seed=spec.seed,
        generator=tuple(panel.fingerprints(resamples, spec.seed)) if sampled else (), ceilings=ceilings,
        systems=tuple(sorted(found, key=lambda one: one.system)),
    )  # fmt: skip


def _distinct(material: Sequence[Material], systems: Sequence[Stored]) -> tuple[list[int], list[int]]:
    """One system of each set that ranks all pairs alike, and for every system its place among those."""
    keys = [tuple(midranks(scores[:, place]).tobytes() for one in material for scores in one.scores) for place in range(len(systems))]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return [keys.index(key) for key in places], [places[key] for key in keys]


def _taken(one: Material, systems: Sequence[int]) -> Material:
    scores = tuple(own[:, systems] for own in one.scores)
    return Material(one.name, one.protocol, one.aggregation, one.private, one.parts, scores, tuple(one.stored[place] for place in systems))


def _from_influence(values: Float64, units: Float64) -> list[Interval]:
    return [fisher_z(float(value), float(error), LEVEL) for value, error in zip(values, standard_errors(units), strict=True)]


def _normal_draws(panel: Panel, units: Float64, resamples: int, seed: int) -> Float64:
    """Draws with the mean and the covariance that the influence functions give."""
    values, vectors = np.linalg.eigh(units.T @ units)
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = generator_of([seed, 2]).normal(size=(resamples, len(values)))
    result: Float64 = panel.figures.mean(axis=0) + normal @ root.T
    return result


def _ceiling(one: Material) -> float:
    return float(sum(weight * tie_ceiling(pairs.gold) for pairs, _, weight in one.lists()))
