"""The paired bootstrap: every system of a list of pairs under the same resamples, and lists that share pairs under one draw."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

from stsbench.contracts.data import Float32, Float64, Index, frozen
from stsbench.stats.metrics import SPEARMAN
from stsbench.stats.weights import Counts

from .metrics.metric import Metric, Resampled

CHUNK = 128  # resamples at a time: part of what a seed means, since it settles the order in which numbers are drawn
MOST = 1_000_000  # resamples that anybody can use; more would only take memory
UNLIKELY = 1e-6  # a resample that leaves a correlation undefined must be less likely than this among all


@dataclass(frozen=True)
class Sample:
    """One list of n pairs that every system scored: gold float64[n], scores float64[n, s]; `metric` is their figure.

    `units` intp[n] is what is drawn for each pair, by its place in a common list of units: lists that share pairs share units, and
    pairs of one cluster are one unit. With `partners` a pair's count is the product of two counts, those of its two texts (the node,
    or pigeonhole, bootstrap: Owen 2007); for a pair of a text with itself it is the one count. With `weights` float64[n] each pair counts
    as often as its weight says, in every resample and in the figure.
    """

    gold: Float64
    scores: Float64
    units: Index
    partners: Index | None = None
    _: KW_ONLY
    metric: Metric = SPEARMAN
    weights: Float64 | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "gold", frozen(np.asarray(self.gold, dtype=np.float64)))
        object.__setattr__(self, "scores", frozen(np.asarray(self.scores, dtype=np.float64)))
        if self.scores.ndim != 2 or not len(self.gold) == len(self.scores) == len(self.units):
            raise ValueError("gold, scores and units must have one row a pair")
        if not (np.isfinite(self.gold).all() and np.isfinite(self.scores).all()):
            raise ValueError("gold and scores must be finite")

    @cached_property
    def resampled(self) -> Resampled:
        """How the figure is resampled; raises ValueError where that is not known."""
        if self.metric.resampled is None:
            raise ValueError(f"it is not known how {self.metric.title} is resampled")
        return self.metric.resampled

    @cached_property
    def influences(self) -> tuple[Float64, Float64]:
        """The figures of all systems, float64[s], and the influence of each pair on them, float64[n, s]."""
        figures, values = zip(*(self.resampled.influence(self.gold, column, self.weights) for column in self.scores.T), strict=True)
        return np.array(figures), np.column_stack(values)

    def counts(self, drawn: Float32) -> Counts:
        """How often each pair is in each resample, [n, c], from the counts of all units; float64 where pairs have weights."""
        counts: Float32 = drawn[self.units]
        if self.partners is not None:
            counts = counts * np.where((self.units == self.partners)[:, None], np.float32(1), drawn[self.partners])
        return counts if self.weights is None else counts * self.weights[:, None]


def shared_units(keys: Sequence[Sequence[Hashable]]) -> tuple[list[Index], int]:
    """A unit for every pair of several lists, and their number: a pair that several lists hold under one key is one unit.

    A key that a list holds twice is two units there, so that each list alone is resampled pair by pair.
    """
    places: dict[Hashable, int] = {}
    units = []
    for pairs in keys:
        seen: Counter[Hashable] = Counter()
        rows = []
        for key in pairs:
            rows.append(places.setdefault((key, seen[key]), len(places)))
            seen[key] += 1
        units.append(np.asarray(rows, dtype=np.intp))
    return units, len(places)


def draw(units: int, resamples: int, generator: np.random.Generator) -> Iterator[Float32]:
    """Counts of `units` drawn with replacement, float32[units, c], for CHUNK resamples at a time (fewer in the last)."""
    for start in range(0, resamples, CHUNK):
        columns = min(CHUNK, resamples - start)
        chosen = generator.integers(0, units, size=(columns, units))
        counts = np.empty((columns, units), dtype=np.float32)
        for row, places in zip(counts, chosen, strict=True):  # one at a time: what is counted into stays in cache
            row[:] = np.bincount(places, minlength=units)
        yield np.ascontiguousarray(counts.T)


def bootstrap(
    samples: Sequence[Sample], units: int, *, resamples: int, generator: np.random.Generator, tell: Callable[[int], None] = lambda _: None
) -> Float64:
    """The figure of every resample, list and system, float64[b, k, s]: one draw of the units serves all lists and systems.

    `tell` hears now and then how many resamples are done. Raises ValueError where `resamples` is below 1, or `resamplable` fails.
    """
    if resamples < 1:
        raise ValueError(f"the number of resamples is at least 1, not {resamples}")
    figures = [one.resampled.under(one.gold, one.scores) for one in samples]
    result = np.empty((resamples, len(samples), samples[0].scores.shape[1]))
    row = 0
    for drawn in draw(units, resamples, generator):
        rows = slice(row, row + drawn.shape[1])
        for place, (sample, figures_under) in enumerate(zip(samples, figures, strict=True)):
            result[rows, place] = figures_under(sample.counts(drawn))
        row = rows.stop
        tell(row)
    return result


def resamplable(values: Float64, resamples: int) -> bool:
    """Whether values vary enough that no resample is constant: the chance of one among all is below 1e-6."""
    n = len(values)
    most = int(np.unique(values, return_counts=True)[1].max())
    return resamples * (most / n) ** n < UNLIKELY


def fingerprint(units: int, resamples: int, seed: Sequence[int]) -> dict[str, str]:
    """What tells whether two machines drew the same numbers: seed, numpy's version, CRC-32 of the first chunk of counts."""
    first = next(draw(units, resamples, generator_of(seed)))
    crc = zlib.crc32(first.astype("<f4").tobytes())
    return {"seed": "-".join(map(str, seed)), "generator": "PCG64", "numpy": np.__version__, "counts_crc32": f"{crc:08x}"}


def generator_of(seed: Sequence[int]) -> np.random.Generator:
    """The generator that `seed` names: PCG64, by name, since numpy's default may change."""
    return np.random.Generator(np.random.PCG64(list(seed)))
