"""Systems on several benchmarks at once: their figures, and how those vary together, by resampling or by influence functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.contracts.defaults import LEVEL
from stsbench.contracts.fingerprint import digest
from stsbench.errors import UsageError
from stsbench.stats.intervals import Interval, fisher_z
from stsbench.stats.metrics.metric import Metric
from stsbench.stats.resampling import Sample, bootstrap, fingerprint, generator_of

from .paired import Difference, difference_errors, rescaled


@dataclass(frozen=True)
class Benchmarked:
    """One benchmark: its lists of pairs with the weight of each in the benchmark's figure, which is their weighted sum."""

    name: str
    samples: tuple[Sample, ...]
    weights: tuple[float, ...] = (1.0,)


@dataclass(frozen=True)
class Panel:
    """s systems on k benchmarks, whose pairs are drawn from `units` units; what benchmarks share is drawn once for all of them."""

    benchmarks: tuple[Benchmarked, ...]
    units: int

    @cached_property
    def influences(self) -> tuple[list[Float64], list[Float64]]:
        """By benchmark the figures float64[s], and the influence of each of its own units on them, float64[own units, s].

        Where texts are drawn, a pair's count is (1 + a)(1 + b) = 1 + a + b + ab with a, b and ab uncorrelated and of variance 1: each
        text carries the influence of its pairs, and two texts together carry it once more. So U.T @ U is the covariance here too.
        """
        figures, values = [], []
        for benchmark in self.benchmarks:
            weighted = list(zip(benchmark.samples, benchmark.weights, strict=True))
            figures.append(np.sum([weight * sample.influences[0] for sample, weight in weighted], axis=0))
            carriers = self._carriers(benchmark)
            parts = [
                (influences, np.searchsorted(carriers, places), weight)
                for sample, weight in weighted
                for influences, places in zip(_carried(sample), self._carry(sample), strict=True)
            ]
            values.append(unit_influence(parts, len(carriers)))
        return figures, values

    def _carriers(self, benchmark: Benchmarked) -> Index:
        """All that carries influence on a benchmark, each once, in order."""
        return np.unique(np.concatenate([places for sample in benchmark.samples for places in self._carry(sample)]))

    def _carry(self, sample: Sample) -> list[Index]:
        """What carries the influence of each pair: its unit or, where texts are drawn, each text and, numbered from `units` on, both."""
        if sample.partners is None:
            return [sample.units]
        return [sample.units, sample.partners, self.units + np.searchsorted(self._both, _both(sample, self.units))]

    @cached_property
    def _both(self) -> Index:
        """All two texts that are paired, each two once."""
        paired = [_both(sample, self.units) for one in self.benchmarks for sample in one.samples if sample.partners is not None]
        return np.unique(np.concatenate([np.empty(0, dtype=np.intp), *paired]))

    @cached_property
    def mean_influences(self) -> Float64:
        """The influence of every unit, and of all two texts that are paired, on the mean over benchmarks, float64[units, s]."""
        figures, values = self.influences
        result: Float64 = np.zeros((self.units + len(self._both), len(figures[0])))
        for benchmark, influences in zip(self.benchmarks, values, strict=True):
            result[self._carriers(benchmark)] += influences
        return result / len(values)

    def _at(self, place: int | None) -> tuple[Float64, Float64]:
        """Figures float64[s] and influences of one benchmark, or of the mean over all."""
        return (self.figures.mean(axis=0), self.mean_influences) if place is None else (self.figures[place], self.influences[1][place])

    def errors(self, pairs: tuple[Index, Index], place: int | None = None) -> Float64:
        """Standard errors of the differences of pairs of systems, float64[m], on one benchmark or on the mean over all."""
        influences = self._at(place)[1]
        return difference_errors(influences.T @ influences, pairs)

    def intervals(self, place: int | None = None, level: float = LEVEL) -> list[Interval]:
        """Of every system's figure on one benchmark or of its mean over all, from the influence functions."""
        figures, influences = self._at(place)
        errors = np.linalg.norm(influences, axis=0)
        return [fisher_z(figure, error, level, self.metric.bounds) for figure, error in zip(figures.tolist(), errors.tolist(), strict=True)]

    def differences(self, draws: Float64, pairs: tuple[Index, Index], place: int | None = None) -> Iterator[Difference]:
        """The first system's figure less the second's, for each pair of systems, on one benchmark or on the mean over all.

        `draws` are those of the panel, float64[b, k, s].
        """
        figures, _ = self._at(place)
        drawn = draws.mean(axis=1) if place is None else draws[:, place]
        for first, second, error in zip(*pairs, self.errors(pairs, place).tolist(), strict=True):
            value = float(figures[first] - figures[second])
            yield Difference(value, error, rescaled(drawn[:, first] - drawn[:, second], value, error))

    @property
    def metric(self) -> Metric:
        """What the figures of all samples are."""
        return self.benchmarks[0].samples[0].metric

    @property
    def figures(self) -> Float64:
        """The figure of every benchmark and system, float64[k, s]."""
        return np.array(self.influences[0])

    def draws(self, resamples: int, seed: int, tell: Callable[[int, int], None] = lambda *_: None) -> Float64:
        """The figures under joint resamples, float64[b, k, s]; benchmarks that share no unit are drawn apart.

        `tell` hears now and then how many of how many resamples are done, those of each draw counted by itself. Raises UsageError where
        a resample leaves a figure undefined.
        """
        result: Float64 = np.zeros((resamples, len(self.benchmarks), len(self.figures[0])))
        total = resamples * len(self._components)
        for before, members in enumerate(self._components):
            rows, samples, units = self._drawn_together(members)
            tell_more = partial(lambda before, done: tell(before + done, total), resamples * before)
            try:
                drawn = bootstrap(samples, units, resamples=resamples, generator=generator_of(self._seed(members, seed)), tell=tell_more)
            except ValueError as error:
                raise UsageError(
                    f"a resample leaves gold or scores constant, and {self.metric.title} undefined; take more pairs, or resample pairs"
                ) from error
            for column, (place, weight) in enumerate(rows):
                result[:, place] += weight * drawn[:, column]
        return result

    def fingerprints(self, resamples: int, seed: int) -> list[dict[str, str]]:
        """What was drawn, for each group of benchmarks that share pairs."""
        return [
            {
                "benchmarks": ", ".join(sorted(self.benchmarks[place].name for place in members)),
                **fingerprint(self._drawn_together(members)[2], resamples, self._seed(members, seed)),
            }
            for members in self._components
        ]

    @cached_property
    def _components(self) -> list[list[int]]:
        """Benchmarks that are drawn together, since they share units."""
        groups: list[tuple[set[int], list[int]]] = []
        for place, benchmark in enumerate(self.benchmarks):
            units = set(_units(benchmark).tolist())
            joined = [group for group in groups if group[0] & units]
            groups = [group for group in groups if not group[0] & units]
            members = sorted([place, *(member for _, members in joined for member in members)])
            groups.append((units.union(*(more for more, _ in joined)), members))
        return sorted(members for _, members in groups)

    def _drawn_together(self, members: Sequence[int]) -> tuple[list[tuple[int, float]], list[Sample], int]:
        """Benchmark and weight of each sample of `members`, the samples with units numbered from 0, and the number of units."""
        units = np.unique(np.concatenate([_units(self.benchmarks[place]) for place in members]))
        rows, samples = [], []
        for place in members:
            for sample, weight in zip(self.benchmarks[place].samples, self.benchmarks[place].weights, strict=True):
                rows.append((place, weight))
                partners = None if sample.partners is None else np.searchsorted(units, sample.partners)
                samples.append(replace(sample, units=np.searchsorted(units, sample.units), partners=partners))
        return rows, samples, len(units)

    def _seed(self, members: Sequence[int], seed: int) -> tuple[int, int]:
        """The seed of a group: of its own benchmarks only, so that a board's other columns change nothing."""
        names = sorted(self.benchmarks[place].name for place in members)
        return seed, int(digest(names)[:8], 16)


def unit_influence(parts: Sequence[tuple[Float64, Index, float]], units: int) -> Float64:
    """Influence of each drawn unit on a weighted sum of correlations, float64[units, s].

    `parts` are (influence float64[n, s], unit of each pair, weight) of each list of pairs; what lists share adds up. The
    covariance of the sums is U.T @ U, and their standard errors are the norms of its columns.
    """
    result = np.zeros((units, parts[0][0].shape[1]))
    for values, rows, weight in parts:
        np.add.at(result, rows, weight / len(values) * values)
    return result


def _carried(sample: Sample) -> list[Float64]:
    """The influence of each pair on what carries it; a pair of a text with itself counts as often as that text."""
    _, values = sample.influences
    if sample.partners is None:
        return [values]
    others = np.where((sample.units == sample.partners)[:, None], 0.0, values)
    return [values, others, others]


def _both(sample: Sample, units: int) -> Index:
    """A number for the two texts of each pair, whichever is left."""
    assert sample.partners is not None
    return np.minimum(sample.units, sample.partners) * units + np.maximum(sample.units, sample.partners)


def _units(benchmark: Benchmarked) -> Index:
    return np.unique(np.concatenate([units for one in benchmark.samples for units in (one.units, one.partners) if units is not None]))
