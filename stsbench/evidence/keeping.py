"""Where results are kept, and keeping what a run finishes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import UsageError
from stsbench.evidence.known import Evidence
from stsbench.runner.provenance import provenance
from stsbench.runner.run import Finished
from stsbench.stores.agreement import Disagreement
from stsbench.stores.merge import merge
from stsbench.stores.results import ResultsFolder

TOLERANCE = 2e-5


def every(_record: Record, _file: RecordFile) -> bool:
    """All scores are kept."""
    return True


@dataclass(frozen=True)
class Keep:
    """Where results are kept and how a cell that is computed anew is compared; `evidence` says whose scores are kept (default: all)."""

    folder: ResultsFolder
    tolerance: float = TOLERANCE
    accept: bool = False
    fresh: bool = False
    evidence: Evidence = every

    @classmethod
    def asked(cls, results: str | Path | None, *, fresh: bool, accept: bool, limit: int | None) -> Keep | None:
        """How `results` are kept, if at all; raises UsageError where what is asked of them goes with no such folder."""
        if limit is not None and results is not None:
            raise UsageError("a limited run is for trying out and keeps no record; leave out either the limit or the results folder")
        if results is None and (fresh or accept):
            raise UsageError("fresh and accept are about kept results; name their folder (--results, or results=), or leave them out")
        return None if results is None else cls(ResultsFolder(Path(results)), fresh=fresh, accept=accept)

    def take(self, finished: Finished, code: str) -> tuple[Disagreement, ...]:
        """Keep the records and the scores that are evidence; what disagrees with those that are kept is named."""
        records = finished.file.cells
        scores = {cell: values for cell, values in finished.scores.items() if self.evidence(records[cell], finished.file)}
        file = finished.file.model_copy(update={"provenance": provenance(finished, code)})
        return merge(self.folder, file, scores, tolerance=self.tolerance, accept=self.accept, rests=finished.basis)
