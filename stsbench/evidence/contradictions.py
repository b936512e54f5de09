"""Whether kept scores give the figures of the records beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from stsbench.contracts.data import Part, Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.protocols import Aggregation
from stsbench.contracts.records import Record, RecordFile
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.correlation import Metrics, aggregate, metrics
from stsbench.stores.agreement import METRIC_TOLERANCE, ranked_together
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
    ordered = sorted(file.records, key=lambda record: record.variant)
    for _, group in groupby(ordered, key=lambda record: record.variant):
        records = {record.place: record for record in group}
        own = [(part, record) for part in parts if (record := records.get(part.place)) and record.cell in scores]
        measured = [metrics(part.pairs.gold, scores[record.cell]) for part, record in own]
        for (_, record), found in zip(own, measured, strict=True):
            yield from _differs(file, record, found)
        whole = next((record for record in records.values() if record.is_whole), None)
        if whole is not None and len(own) == len(parts):
            together = measured[0] if len(own) == 1 else _joint(own, scores) if how == "all" else aggregate(measured, how)
            yield from _differs(file, whole, together)


def _joint(own: Sequence[tuple[Part, Record]], scores: Mapping[CellId, Ranked]) -> Metrics:
    """The metrics of all pairs together, the scores of the parts brought to one scale."""
    together = ranked_together((scores[record.cell], record.exponent or 0) for _, record in own)
    return metrics(np.concatenate([part.pairs.gold for part, _ in own]), together)


def _differs(file: RecordFile, record: Record, found: Metrics) -> Iterator[Finding]:
    """The first correlation of a record that is not that of its scores."""
    for name in ("spearman", "pearson", "kendall"):
        value, said = getattr(found, name), getattr(record, name)
        if (value is None) != (said is None) or abs((value or 0) - (said or 0)) > METRIC_TOLERANCE:
            told = ["none" if one is None else f"{one:.6f}" for one in (value, said)]
            yield finding(
                file, record, f"its kept scores give a {name.capitalize()} correlation of {told[0]}, and the record says {told[1]}"
            )
            return
