"""Whether kept scores give the figures of the records beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stsbench.contracts.data import Part, Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.kinds import Aggregation
from stsbench.contracts.records import Record, RecordFile
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.aggregation import over_parts
from stsbench.stats.metrics import METRICS, Measured, measure, metrics_of
from stsbench.stores.agreement import METRIC_TOLERANCE
from stsbench.stores.results import ResultsFolder


@dataclass(frozen=True)
class Finding:
    """A cell whose evidence is not what its system gives, and why; no text of the data is in it."""

    encoder: str
    system: str
    benchmark: str
    part: str
    what: str

    def __str__(self) -> str:
        return f"{self.encoder} ({self.system}) on {self.benchmark} ({self.part}): {self.what}"


def finding(file: RecordFile, record: Record, what: str) -> Finding:
    """A finding about a record."""
    return Finding(file.encoder.label, record.variant.label, file.benchmark.name, record.cell.part, what)


def contradicted(folder: ResultsFolder, loaded: Mapping[str, PlannedBenchmark]) -> Iterator[Finding]:
    """The records in `folder` whose figures their kept scores do not give; those of other data than are `loaded` are passed over."""
    for file in folder.files:
        if file.benchmark.ref not in loaded or not (scores := folder.scores(file)):
            continue
        benchmark = loaded[file.benchmark.ref]
        known = {(*part.place, part.pairs.digest) for part in benchmark.parts}
        cells = {record.cell for record in file.records if (*record.place, record.digest) in known}
        yield from contradictions(
            file, {cell: own for cell, own in scores.items() if cell in cells}, benchmark.parts, benchmark.card.aggregation
        )


def contradictions(file: RecordFile, scores: Mapping[CellId, Ranked], parts: Sequence[Part], how: Aggregation) -> Iterator[Finding]:
    """The records of `file` whose figures the scores of `parts` do not give, part by part and over all parts together."""
    wanted = metrics_of(file.benchmark.task)
    for _, group in sorted(file.systems.items()):
        records = {record.place: record for record in group}
        own = [(part, record) for part in parts if (record := records.get(part.place)) and record.cell in scores]
        measured = [measure(part.pairs.gold, scores[record.cell], wanted, part.pairs.weights) for part, record in own]
        for (_, record), found in zip(own, measured, strict=True):
            yield from _differs(file, record, found)
        whole = next((record for record in records.values() if record.is_whole), None)
        if whole is not None and len(own) == len(parts):
            columns = [(scores[record.cell], record.exponent or 0) for _, record in own]
            yield from _differs(file, whole, over_parts(measured, how, wanted, [part.pairs for part, _ in own], columns))


def _differs(file: RecordFile, record: Record, found: Measured) -> Iterator[Finding]:
    """The first figure of a record that is not that of its scores."""
    for name in dict.fromkeys([*found.figures, *record.figures]):
        value, said = found.figures.get(name), record.figures.get(name)
        if (value is None) != (said is None) or abs((value or 0) - (said or 0)) > METRIC_TOLERANCE:
            told = ["none" if one is None else f"{one:.6f}" for one in (value, said)]
            yield finding(file, record, f"its kept scores give {METRICS[name].words} of {told[0]}, and the record says {told[1]}")
            return
