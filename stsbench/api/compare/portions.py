"""Where systems are strong and where they fail: their figures within parts and groups of pairs, each with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from stsbench.contracts.boards.within import Within
from stsbench.contracts.data import Float64, Pairs
from stsbench.evidence.joint import JointScores
from stsbench.evidence.sampling import FEWEST
from stsbench.stats.intervals import fisher_z, wilson
from stsbench.stats.metrics.metric import Metric
from stsbench.stats.weights import ROUNDING


def figures_within(material: Sequence[JointScores], systems: dict[str, int], *, private: bool = False) -> list[Within]:
    """The figure of each of the systems, by label the column of its scores, within every part of several and every group of pairs.

    Groups of private data are left out unless they are asked for.
    """
    return [
        Within(label, benchmark.name, title, len(pairs) // (2 if "triplets" in benchmark.metric.tasks else 1),
               *_figure(benchmark.metric, pairs, scores[:, column]))
        for benchmark in material
        for title, pairs, scores in _portions(benchmark, hidden=benchmark.private and not private)
        for label, column in systems.items()
    ]  # fmt: skip


def _portions(benchmark: JointScores, *, hidden: bool) -> Iterator[tuple[str, Pairs, Float64]]:
    """The name of each portion with its pairs and scores; pairs of parts that are never ranked together are not here either."""
    if len(benchmark.parts) > 1:
        for title, part, scores in zip(benchmark.titles, benchmark.parts, benchmark.scores, strict=True):
            yield title, part.pairs, scores
    if not hidden:
        yield from benchmark.labelled()


def _figure(metric: Metric, pairs: Pairs, scores: Float64) -> tuple[float | None, float | None, float | None]:
    """The figure and its interval: none of too few pairs, or where it is undefined; no interval where the figure is perfect."""
    constant = metric.resampled is not None and metric.resampled.varies and np.ptp(scores) == 0
    if len(pairs) < FEWEST or np.ptp(pairs.gold) == 0 or constant or metric.resampled is None:
        return None, None, None
    value, influence = metric.resampled.influence(pairs.gold, scores, pairs.weights)
    if "triplets" in metric.tasks:
        weights = np.ones(len(pairs) // 2) if pairs.weights is None else pairs.weights[: len(pairs) // 2]
        return value, *wilson(value, float(weights.sum() ** 2 / (weights**2).sum()))
    error = float(np.linalg.norm(influence)) / len(pairs)
    return (value, *fisher_z(value, error, bounds=metric.bounds)) if error > ROUNDING else (value, None, None)
