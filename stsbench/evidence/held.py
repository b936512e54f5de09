"""The results of a run as it left them in memory: what a folder of results gives, and the benchmarks that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stsbench.contracts.data import Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile, in_order
from stsbench.host.registry import Registry
from stsbench.runner.refused import refuse_weights
from stsbench.runner.request import Setup
from stsbench.runner.system import PlannedBenchmark
from stsbench.stores.results import ResultsFolder

Scores = Mapping[CellId, Ranked]
Owner = tuple[str, str, str]


def owner(encoder: EncoderEntry, benchmark: BenchmarkEntry) -> Owner:
    """What tells files apart: two encoders of one content, and so of one fingerprint, may have two names."""
    return encoder.ref, encoder.fingerprint, benchmark.ref


@dataclass(frozen=True, eq=False)
class HeldResults:
    """Results as a comparison reads them. `held` are scores by encoder and benchmark; `folder` keeps all others.

    It stands for what loads benchmarks, too, and gives those that were run; `sources` are the references by which they were asked for.
    """

    files: tuple[RecordFile, ...]
    held: Mapping[Owner, Scores]
    benchmarks: Mapping[str, PlannedBenchmark]
    registry: Registry
    setup: Setup
    sources: tuple[str, ...] = ()
    folder: ResultsFolder | None = None
    root: Path | None = field(default=None, init=False)

    def scores(self, file: RecordFile) -> Scores:
        """The scores of the records of a file, by cell; what has none is left out."""
        kept = self.folder.scores(file) if self.folder else {}
        return {**kept, **self.held.get(owner(file.encoder, file.benchmark), {})}

    @property
    def silent(self) -> HeldResults:
        """These: nothing is told of what was loaded before."""
        return self

    def benchmark(self, ref: str) -> PlannedBenchmark:
        """The benchmark that a reference names, as it was run."""
        known = ref in self.benchmarks
        loaded = self.benchmarks[ref if known else str(self.registry.resolve("benchmark", ref, execution=self.setup.execution).ref)]
        refuse_weights([loaded])
        return loaded


def files_of(cells: Iterable[tuple[EncoderEntry, BenchmarkEntry, Record]]) -> tuple[RecordFile, ...]:
    """Records as files hold them: one for each encoder and benchmark."""
    entries: dict[Owner, tuple[EncoderEntry, BenchmarkEntry, list[Record]]] = {}
    for encoder, benchmark, record in cells:
        entries.setdefault(owner(encoder, benchmark), (encoder, benchmark, []))[2].append(record)
    return tuple(
        RecordFile(encoder=encoder, benchmark=benchmark, records=in_order(records)) for encoder, benchmark, records in entries.values()
    )
