"""Data that the contracts know and nothing scores yet: refused in a sentence, never scored as if they were something else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stsbench.contracts.data import Part
from stsbench.contracts.items import Triplets
from stsbench.errors import DataError, PlanError
from stsbench.runner.system import PlannedBenchmark, PlannedEncoder


def refuse_unbuilt(name: str, parts: Sequence[Part]) -> None:
    """Raises DataError where a benchmark holds triplets."""
    if any(isinstance(part.pairs, Triplets) for part in parts):
        raise DataError(f"{name} holds triplets, which nothing scores yet; give pairs with a gold score each")


def refuse_weights(benchmarks: Iterable[PlannedBenchmark]) -> None:
    """Raises DataError for a benchmark that weighs its pairs, where that would be passed over."""
    for one in benchmarks:
        if any(part.pairs.weights is not None for part in one.parts):
            raise DataError(
                f"{one.name} weighs its pairs, which so far only the figures of a run take into account that keeps no results; "
                "leave the weights out to count all pairs alike"
            )


def refuse_unread(encoder: PlannedEncoder, benchmark: PlannedBenchmark) -> None:
    """Raises PlanError where the encoder, or pair scorer, does not read what the benchmark's pairs are made of."""
    reads = encoder.resolved.component.reads if encoder.resolved else {"text"}
    for kind in sorted(frozenset[str]().union(*(part.pairs.reads for part in benchmark.parts)) - {"text"}):
        if kind not in reads:
            raise PlanError(
                f"{encoder.label} reads {' and '.join(sorted(reads))} only, and {benchmark.name} holds {kind}s; leave out either"
            )
        raise PlanError(f"{benchmark.name} holds {kind}s, which stsbench cannot hand to an encoder yet; leave it out")
