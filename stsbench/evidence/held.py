"""The results of a run: where they are kept, and as it left them in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile, in_order, together
from stsbench.errors import UsageError
from stsbench.evidence.known import IsEvidence
from stsbench.leaderboard.columns import Key
from stsbench.runner.provenance import provenance as provenance_of
from stsbench.runner.request import Listener
from stsbench.runner.run import Finished
from stsbench.runner.system import PlannedBenchmark
from stsbench.stores.agreement import Disagreement
from stsbench.stores.merge import merge
from stsbench.stores.results import ResultsFolder
from stsbench.stores.scores import Scores

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


def files_of(cells: Iterable[tuple[EncoderEntry, BenchmarkEntry, Record, Mapping[str, str]]]) -> tuple[RecordFile, ...]:
    """Records as files hold them: one for each encoder and benchmark, with the provenance of all."""
    entries: dict[Owner, tuple[EncoderEntry, BenchmarkEntry, list[Record], list[Mapping[str, str]]]] = {}
    for encoder, benchmark, record, provenance in cells:
        _, _, records, accounts = entries.setdefault(owner(encoder, benchmark), (encoder, benchmark, [], []))
        records.append(record)
        accounts += [provenance] if provenance not in accounts else []
    return tuple(
        RecordFile(encoder=encoder, benchmark=benchmark, records=in_order(records), provenance=together(accounts))
        for encoder, benchmark, records, accounts in entries.values()
    )


TOLERANCE = 2e-5


def every(_record: Record, _file: RecordFile) -> bool:
    """All scores are kept."""
    return True


@dataclass(frozen=True)
class Keep:
    """Where results are kept and how a cell that is computed anew is compared; `evidence` says whose scores are kept (default: all).

    `renew` lets data take the place of others of the same name, as a board's do.
    """

    folder: ResultsFolder
    tolerance: float = TOLERANCE
    accept: bool = False
    fresh: bool = False
    evidence: IsEvidence = every
    renew: bool = False

    @classmethod
    def asked(cls, results: str | Path | None, *, fresh: bool, accept: bool, limit: int | None) -> Keep | None:
        """How `results` are kept, if at all; raises UsageError where what is asked of them goes with no such folder."""
        if limit is not None and results is not None:
            raise UsageError("a limited run is for trying out and keeps no record; leave out either the limit or the results folder")
        if results is None and (fresh or accept):
            raise UsageError("fresh and accept are about kept results; name their folder (--results, or results=), or leave them out")
        return None if results is None else cls(ResultsFolder(Path(results)), fresh=fresh, accept=accept, renew=fresh)

    def take(self, finished: Finished, code: str) -> tuple[Disagreement, ...]:
        """Keep the records and the scores that are evidence; what disagrees with those that are kept is named."""
        records = finished.file.cells
        scores = {cell: values for cell, values in finished.scores.items() if self.evidence(records[cell], finished.file)}
        file = finished.file.model_copy(update={"provenance": provenance_of(finished, code)})
        settled = partial(merge, tolerance=self.tolerance, accept=self.accept, renew=self.renew)
        return settled(self.folder, file, scores, rests=finished.basis)
