"""Why records of a board are of nothing that is planned: one finding a cause, not one a record."""

from __future__ import annotations

from stsbench.contracts.identity import WHOLE
from stsbench.contracts.records import Record, RecordFile
from stsbench.evidence.contradictions import Finding, finding
from stsbench.evidence.presence import other_data
from stsbench.runner.system import Plan

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
    return [Finding(file.encoder.label, "all systems", "all benchmarks", "all parts", NO_SYSTEM)]


def without_system(file: RecordFile, record: Record) -> Finding:
    """That no system of the plan gives a record, whichever benchmark it is on."""
    stray = finding(file, record, NO_SYSTEM)
    return Finding(stray.encoder, stray.system, "all benchmarks", "all parts", NO_SYSTEM)
