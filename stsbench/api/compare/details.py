"""Where two systems differ: on benchmarks, by group of pairs, and the single pairs; and where each is strong or fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from stsbench.api.compare.methods import Setting
from stsbench.contracts.boards.tables import Within
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.items import Item
from stsbench.evidence.joint import JointScores
from stsbench.evidence.sampling import FEWEST
from stsbench.stats.comparing.margin import Verdict, judge_margin
from stsbench.stats.comparing.paired import benjamini_hochberg, bootstrap_p, holm, pairs_of
from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.intervals import fisher_z, percentile, wilson
from stsbench.stats.metrics.metric import Metric
from stsbench.stats.orders import midranks
from stsbench.stats.resampling import Sample, resamplable
from stsbench.stats.weights import ROUNDING

Tested = TypeVar("Tested", "Comparison", "GroupDifference")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The better of two systems, the other, and their difference (`benchmark` is `*` for the mean over benchmarks).

    p is adjusted over all pairs of systems, and in differences by benchmark over all benchmarks too; `p_max_t` is of the bootstrap alone.
    `error` is the standard error of the difference, by the influence function.

    A p is None, with a `reason`, where the test is not defined. Where a margin is given, `verdict` is of the first against the second
    and `verdict_of_second` the other way round.
    """

    first: str
    second: str
    benchmark: str
    n: int
    first_value: float
    second_value: float
    difference: float
    low: float
    high: float
    error: float
    p: float | None
    method: str
    p_holm: float | None = None
    p_bh: float | None = None
    p_max_t: float | None
    identical: bool
    reason: str | None = None
    verdict: Verdict | None = None
    verdict_of_second: Verdict | None = None

    def p_among(self, among: int) -> float | None:
        """p with allowance for so many comparisons: by max-T where there is one, of several, and else by Holm."""
        return self.p_max_t if among > 1 and self.p_max_t is not None else self.p_holm

    def judged(self, margin: float | None) -> Comparison:
        """The same with verdicts, where there is a margin in points."""
        if margin is None:
            return self
        ours, theirs = (judge_margin(*limits, margin / 100) for limits in ((self.low, self.high), (-self.high, -self.low)))
        return replace(self, verdict=ours, verdict_of_second=theirs)

    def turned(self) -> Comparison:
        """The same with the other system first, as on other benchmarks, although it is the better one here."""
        values = replace(self, first=self.second, second=self.first, first_value=self.second_value, second_value=self.first_value)
        values = replace(values, verdict=self.verdict_of_second, verdict_of_second=self.verdict)
        return replace(values, difference=-self.difference, low=-self.high, high=-self.low)


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
class DisputedPair:
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

    None for private data, whose labels are private too, unless the setting shows those.
    """
    differences = []
    for benchmark in material:
        if benchmark.private and not setting.private:
            continue
        for part, scores in zip(benchmark.parts, benchmark.scores, strict=True):
            for group, rows in part.pairs.rows_by_label.items():
                differences.append(_group(benchmark, group, part.pairs.take(rows.tolist()), scores[rows][:, list(systems)], setting))
    return with_adjusted(differences)


def with_adjusted(family: Sequence[Tested]) -> list[Tested]:
    """The same with p adjusted over all that have one, by Holm and by Benjamini and Hochberg."""
    p = [each.p for each in family if each.p is not None]
    both = iter(list(zip(holm(p).tolist(), benjamini_hochberg(p).tolist(), strict=True)) if p else [])
    return [each if each.p is None else replace(each, **dict(zip(("p_holm", "p_bh"), next(both), strict=True))) for each in family]


def _group(material: JointScores, group: str, pairs: Pairs, scores: Float64, setting: Setting) -> GroupDifference:
    benchmark, n, metric, gold = material.name, len(pairs), material.metric, pairs.gold
    if n < FEWEST:
        return GroupDifference(benchmark, group, n, reason=f"fewer than {FEWEST} pairs")
    if any((values == values[0]).all() for values in (gold, *scores.T)):
        return GroupDifference(benchmark, group, n, reason="constant gold or scores")
    if not all(resamplable(values, setting.resamples) for values in (gold, *scores.T)):
        first, second = (metric.compute(gold, column, pairs.weights) for column in scores.T)
        return GroupDifference(benchmark, group, n, first, second, first - second, reason="a resample might be constant")
    sample = Sample(gold, scores, np.arange(n), metric=metric, weights=pairs.weights)
    panel = Panel((Benchmarked(f"{benchmark}/{group}", (sample,)),), n)
    (difference,) = panel.differences(panel.draws(setting.resamples, setting.seed), pairs_of(2))
    (first, second), (low, high) = panel.figures[0].tolist(), percentile(difference.draws, setting.level)
    return GroupDifference(benchmark, group, n, first, second, difference.value, low, high, bootstrap_p(difference.draws))


def disagreements(material: Sequence[JointScores], systems: tuple[int, int], setting: Setting) -> list[DisputedPair]:
    """The pairs whose ranks under two systems differ most; of a private benchmark the row only, unless the setting shows more."""
    disputed: list[tuple[float, DisputedPair]] = []
    for benchmark in material:
        hidden = benchmark.private and not setting.private
        for part, scores in zip(benchmark.parts, benchmark.scores, strict=True):
            pairs = part.pairs
            first, second = ((midranks(scores[:, system]) - 0.5) / len(pairs) for system in systems)
            apart = np.abs(first - second)
            for row in np.argsort(-apart, kind="stable")[: setting.pairs].tolist():
                place = (benchmark.name, part.split, part.subset, row + 1, None if hidden else float(pairs.gold[row]))
                texts = (_text(pairs.left[row]), _text(pairs.right[row])) if setting.texts and not hidden else ()
                disputed.append((float(apart[row]), DisputedPair(*place, float(first[row]), float(second[row]), *texts)))
    disputed.sort(key=lambda pair: -pair[0])
    return [pair for _, pair in disputed[: setting.pairs]]


def _text(item: Item) -> str | None:
    return item if isinstance(item, str) else None


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
