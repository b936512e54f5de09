"""Whether kept scores give the figures of the records beside them; and records of nothing that is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stsbench.contracts.data import Part, Ranked
from stsbench.contracts.identity import WHOLE, CellId
from stsbench.contracts.kinds import Aggregation
from stsbench.contracts.records import Record, RecordFile
from stsbench.evidence.presence import other_data
from stsbench.runner.record import positives
from stsbench.runner.system import Plan, PlannedBenchmark
from stsbench.stats.aggregation import over_parts
from stsbench.stats.metrics import METRICS, Measured, measure, metrics_of
from stsbench.stores.drift import METRIC_TOLERANCE
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
        cells = {cell for cell, record in file.cells.items() if (cell.split, cell.subset, record.digest) in known}
        same = {cell: values for cell, values in scores.items() if cell in cells}
        yield from contradictions(file, same, benchmark.parts, benchmark.card.aggregation)


def contradictions(file: RecordFile, scores: Mapping[CellId, Ranked], parts: Sequence[Part], how: Aggregation) -> Iterator[Finding]:
    """The records of `file` whose figures the scores of `parts` do not give, part by part and over all parts together."""
    wanted = metrics_of(file.benchmark.task)
    wholes = file.wholes
    for system, records in sorted(file.parts.items()):
        places = {(cell.split, cell.subset): cell for cell in records if cell in scores}
        scored = [(part, places[part.split, part.subset]) for part in parts if (part.split, part.subset) in places]
        measured = [measure(part.pairs.gold, scores[cell], wanted, part.pairs.weights) for part, cell in scored]
        for (part, cell), figures in zip(scored, measured, strict=True):
            yield from _differs(file, records[cell], figures, [part])
        if system in wholes and len(scored) == len(parts):
            columns = [(scores[cell], records[cell].exponent or 0) for _, cell in scored]
            over_all = over_parts(measured, how, wanted, [part.pairs for part, _ in scored], columns)
            yield from _differs(file, wholes[system], over_all, parts)


def _differs(file: RecordFile, record: Record, measured: Measured, parts: Sequence[Part]) -> Iterator[Finding]:
    """The first figure of a record that is not that of its scores, or its number of positive pairs where it is not that of `parts`."""
    for name in dict.fromkeys([*measured.figures, *record.figures]):
        value, said = measured.figures.get(name), record.figures.get(name)
        if (value is None) != (said is None) or abs((value or 0) - (said or 0)) > METRIC_TOLERANCE:
            shown = ["none" if one is None else f"{one:z.6f}" for one in (value, said)]
            yield finding(file, record, f"its kept scores give {METRICS[name].words} of {shown[0]}, and the record says {shown[1]}")
            return
    if record.status == "ok" and (count := positives(file.benchmark.task, parts)) != record.positives:
        yield finding(file, record, f"{count} of its pairs are positive, and the record says {record.positives}")


NO_SYSTEM = "no system of board.toml, with the code and files that are here, gives this record"


def without_data(file: RecordFile, plan: Plan) -> list[Finding] | None:
    """Why a file of records is of data that the plan does not have: nothing, where the plan says why; None if it has them."""
    name, protocol = file.benchmark.name, file.benchmark.protocol
    here = next((one for one in plan.benchmarks if (one.name, one.card.protocol) == (name, protocol)), None)
    if here is not None and not (other := other_data([file], here)):
        return None
    if here is None and any(one.benchmark != WHOLE for one in plan.failed):
        return []
    names = ", ".join(f"{one.name} ({one.card.protocol}, digest {one.parts[0].pairs.digest[:8]})" for one in plan.benchmarks)
    return [Finding("all encoders", "all systems", name, "all parts", str(other) if here else f"board.toml names other data: {names}")]


def without_encoder(file: RecordFile, plan: Plan) -> list[Finding]:
    """That no encoder of the plan is the one of a file of records, whichever benchmark they are on; nothing, where the plan says why."""
    if any(one.encoder == file.encoder.label for one in plan.failed):
        return []
    there, here = file.provenance.get("instructions"), {dict(job.encoder.fingerprint.fields).get("instructions") for job in plan.jobs}
    why = (
        NO_SYSTEM if there is None or here <= {None, there} else f"it is of the instruction set {there}; verify it on a processor with that"
    )
    return [Finding(file.encoder.label, "all systems", "all benchmarks", "all parts", why)]


def without_system(file: RecordFile, record: Record) -> Finding:
    """That no system of the plan gives a record, whichever benchmark it is on."""
    return replace(finding(file, record, NO_SYSTEM), benchmark="all benchmarks", part="all parts")
