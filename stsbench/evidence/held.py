"""The results of a run as it left them in memory: what a folder of results gives, and the benchmarks that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stsbench.contracts.data import Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile, in_order
from stsbench.leaderboard.columns import Key
from stsbench.runner.request import Listener
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

    `benchmarks` are those that were run, and `listen` is who was told of the run.
    """

    files: tuple[RecordFile, ...]
    held: Mapping[Owner, Scores]
    benchmarks: Mapping[Key, PlannedBenchmark]
    listen: Listener
    folder: ResultsFolder | None = None
    root: Path | None = field(default=None, init=False)

    def scores(self, file: RecordFile) -> Scores:
        """The scores of the records of a file, by cell; what has none is left out."""
        kept = self.folder.scores(file) if self.folder else {}
        return {**kept, **self.held.get(owner(file.encoder, file.benchmark), {})}

    def benchmarks_of(self, *_: object) -> Mapping[Key, PlannedBenchmark]:
        """The benchmarks that were run."""
        return self.benchmarks


def files_of(cells: Iterable[tuple[EncoderEntry, BenchmarkEntry, Record]]) -> tuple[RecordFile, ...]:
    """Records as files hold them: one for each encoder and benchmark."""
    entries: dict[Owner, tuple[EncoderEntry, BenchmarkEntry, list[Record]]] = {}
    for encoder, benchmark, record in cells:
        entries.setdefault(owner(encoder, benchmark), (encoder, benchmark, []))[2].append(record)
    return tuple(
        RecordFile(encoder=encoder, benchmark=benchmark, records=in_order(records)) for encoder, benchmark, records in entries.values()
    )
