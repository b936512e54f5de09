"""Where two systems differ: by group of pairs, and the single pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stsbench.api.compare.methods import Setting
from stsbench.contracts.data import Float64
from stsbench.evidence.joint import JointScores
from stsbench.evidence.sampling import FEWEST
from stsbench.stats.intervals import percentile
from stsbench.stats.multiplicity import benjamini_hochberg, holm, pairs_of
from stsbench.stats.orders import midranks
from stsbench.stats.paired import bootstrap_p
from stsbench.stats.panel import Benchmarked, Panel
from stsbench.stats.resampling import Sample, resamplable


@dataclass(frozen=True)
class GroupDifference:
    """Two systems on the pairs of one group; figures are None, with a reason, where the group is too small or constant."""

    benchmark: str
    group: str
    n: int
    first_value: float | None = None
    second_value: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    p_bh: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Disagreement:
    """A pair that two systems rank differently: its row (from 1, within its part), and where each ranks it, from 0 to 1."""

    benchmark: str
    split: str
    subset: str
    row: int
    gold: float | None
    first_rank: float
    second_rank: float
    left: str | None = None
    right: str | None = None


def group_differences(material: Sequence[JointScores], systems: tuple[int, int], setting: Setting) -> list[GroupDifference]:
    """The difference of two systems on every group of at least 10 pairs by paired bootstrap, p adjusted over all groups.

    None for private data, whose labels are private too.
    """
    found = []
    for one in material:
        if one.private:
            continue
        for part, scores in zip(one.parts, one.scores, strict=True):
            for group in sorted(set(part.pairs.group)):
                rows = np.flatnonzero([label == group for label in part.pairs.group])
                found.append(_group(one, group, part.pairs.gold[rows], scores[rows][:, list(systems)], setting))
    tested = [one for one in found if one.p is not None]
    adjusted = [adjust([one.p for one in tested if one.p is not None]).tolist() for adjust in (holm, benjamini_hochberg)]
    both = iter(list(zip(*adjusted, strict=True)))
    return [one if one.p is None else replace(one, **dict(zip(("p_holm", "p_bh"), next(both), strict=True))) for one in found]


def _group(one: JointScores, group: str, gold: Float64, scores: Float64, setting: Setting) -> GroupDifference:
    benchmark, n = one.name, len(gold)
    if n < FEWEST:
        return GroupDifference(benchmark, group, n, reason=f"fewer than {FEWEST} pairs")
    if any((values == values[0]).all() for values in (gold, *scores.T)):
        return GroupDifference(benchmark, group, n, reason="constant gold or scores")
    if not all(resamplable(values, setting.resamples) for values in (gold, *scores.T)):
        first, second = (one.metric.compute(gold, column) for column in scores.T)
        return GroupDifference(benchmark, group, n, first, second, first - second, reason="a resample might be constant")
    panel = Panel((Benchmarked(f"{benchmark}/{group}", (Sample(gold, scores, np.arange(n), metric=one.metric),)),), n)
    (found,) = panel.differences(panel.draws(setting.resamples, setting.seed), pairs_of(2))
    (first, second), (low, high) = panel.figures[0].tolist(), percentile(found.draws, setting.level)
    return GroupDifference(benchmark, group, n, first, second, found.value, low, high, bootstrap_p(found.draws))


def disagreements(material: Sequence[JointScores], systems: tuple[int, int], setting: Setting) -> list[Disagreement]:
    """The pairs whose ranks under two systems differ most; of a private benchmark the row only, no text and no gold."""
    found: list[tuple[float, Disagreement]] = []
    for one in material:
        for part, scores in zip(one.parts, one.scores, strict=True):
            n = len(part.pairs)
            first, second = ((midranks(scores[:, system]) - 0.5) / n for system in systems)
            apart = np.abs(first - second)
            for row in np.argsort(-apart, kind="stable")[: setting.pairs].tolist():
                shown = setting.texts and not one.private
                found.append((
                    float(apart[row]),
                    Disagreement(
                        one.name, part.split, part.subset, row + 1, None if one.private else float(part.pairs.gold[row]),
                        float(first[row]), float(second[row]),
                        part.pairs.left[row] if shown else None, part.pairs.right[row] if shown else None,
                    ),
                ))  # fmt: skip
    found.sort(key=lambda one: -one[0])
    return [one for _, one in found[: setting.pairs]]
