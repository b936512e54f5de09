"""Kept records that a run may repeat without computing them again: those that the scores beside them confirm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from stsbench.contracts.identity import CellId
from stsbench.contracts.kinds import Aggregation
from stsbench.contracts.records import Record, RecordFile, Shown
from stsbench.contracts.ref import Ref
from stsbench.contracts.wording import counted, listed
from stsbench.errors import RefError
from stsbench.evidence.contradictions import contradictions
from stsbench.host.provider import installed
from stsbench.runner.keys import aggregate_key, parse_signature, part_key
from stsbench.runner.record import whole_facts
from stsbench.runner.system import Job, Plan, PlannedBenchmark, System
from stsbench.stats.aggregation import is_pooled
from stsbench.stores.agreement import rests_on
from stsbench.stores.records import scores_path
from stsbench.stores.results import ResultsFolder

FEW = 3  # libraries that are named
_OF_PART = {"split", "subset", "source", "n", "digest"}  # fields of a signature
Place = tuple[str, Shown]  # the key of a record, and what its benchmark is shown as
Known = dict[Place, tuple[Record, RecordFile]]
IsEvidence = Callable[[Record, RecordFile], bool]  # whether the scores of a record are kept beside it


def known_records(folder: ResultsFolder, code: str, evidence: IsEvidence) -> tuple[Known, list[str]]:
    """Records in `folder` that did not fail, were made by the same code and libraries, and are as their scores were measured on.

    Beside them, a sentence for each file with records that are not. Raises StoreError.
    """
    known: Known = {}
    said = []
    for file in folder.files:
        if _made_otherwise(file.provenance, code):
            continue
        candidates = {cell: record for cell, record in file.cells.items() if record.status != "failed"}
        held, shown = set(_confirmed(folder, file, evidence)), file.benchmark.shown
        known.update({(record.key, shown): (record, file) for cell, record in candidates.items() if cell in held})
        if others := candidates.keys() - held:
            here = scores_path(folder.root, file).exists()
            why = "are not those that their scores were measured on" if here else "have no scores beside them"
            said.append(f"{len(others)} kept records of {file.encoder.label} on {file.benchmark.name} {why}, and are computed anew")
    return known, said


def outdated(folder: ResultsFolder, plan: Plan, code: str) -> Iterator[str]:
    """Why cells of the plan are computed anew of which `folder` has a record that was made with other code or libraries, in sentences."""
    why: dict[Place, str] = {}
    for file in folder.files:
        if reason := _made_otherwise(file.provenance, code):
            shown = file.benchmark.shown
            why |= {(record.key, shown): reason for record in file.records}
    missing = ((job, each) for job in plan.jobs for each in zip(plan.benchmarks, job.missing, strict=True))
    places = [_place(job, benchmark, system) for job, (benchmark, systems) in missing for system in systems]
    for reason, cells in Counter(why[place] for place in places if place in why).items():
        yield f"{counted(cells, 'cell is', 'cells are')} computed anew, since what is kept was made {reason}"


def _confirmed(folder: ResultsFolder, file: RecordFile, evidence: IsEvidence) -> Iterator[CellId]:
    """Cells of the records that stand: a part's by the stamp of its scores, that of a whole benchmark by those of its parts.

    Where no scores of a part are to be kept, nothing can say otherwise, and its record stands, if its signature is of the file's encoder.
    """
    scores, wholes = folder.scores(file), file.wholes
    for system, parts in file.parts.items():
        sound = [
            cell
            for cell, part in parts.items()
            if (cell in scores or (part.status != "failed" and not evidence(part, file))) and _is_of(part, file.encoder.ref)
        ]
        yield from sound
        whole = wholes.get(system) if len(sound) == len(parts) else None
        if whole is not None and _stands(whole, list(parts.values()), file.benchmark.aggregation):
            yield whole.cell


def _is_of(record: Record, encoder: str) -> bool:
    """Whether the signature of a record, which its scores confirm, names this encoder, whose options at their defaults are left out."""
    try:
        given, signed = Ref.parse(encoder), Ref.parse(parse_signature(record.signature)["encoder"])
    except (RefError, KeyError):
        return False
    return (given.name, given.target) == (signed.name, signed.target) and {*given.options} <= {*signed.options}


def _shared(record: Record) -> dict[str, str]:
    """What the signatures of a benchmark's parts and that of the whole have in common."""
    try:
        return {name: value for name, value in parse_signature(record.signature).items() if name not in _OF_PART}
    except RefError:
        return {"none": record.signature}


def _stands(whole: Record, parts: Sequence[Record], how: Aggregation) -> bool:
    """Whether the record of a whole benchmark says what those of its parts give; figures over all pairs of several are left open."""
    facts = whole_facts(parts)
    if whole.n != facts["n"] or whole.counts != facts["counts"] or {*whole.flags} != {*facts["flags"]}:
        return False
    return all(_shared(whole) == _shared(part) for part in parts) and (is_pooled(how, len(parts)) or rests_on(whole, parts, how))


def contradicted_wholes(folder: ResultsFolder, plan: Plan, known: Known) -> set[Place]:
    """Known records of whole benchmarks, or of parts of them, whose figures the kept scores do not give: a stamp is no proof, since
    who edits a record can write its scores anew with another."""
    wrong = set()
    for benchmark in plan.benchmarks:
        digests = {(part.split, part.subset): part.pairs.digest for part in benchmark.parts}
        for file in {id(file): file for (_, shown), (_, file) in known.items() if shown == benchmark.shown}.values():
            scores, parts = folder.scores(file), file.parts
            for system, whole in file.wholes.items():
                same = [part for cell, part in parts[system].items() if digests.get((cell.split, cell.subset)) == part.digest]
                alone = file.model_copy(update={"records": (*same, whole)})
                if any(contradictions(alone, scores, benchmark.parts, benchmark.card.aggregation)):
                    wrong.add((whole.key, benchmark.shown))
    return wrong


def with_missing(plan: Plan, places: Collection[Place]) -> Plan:
    """The plan in which systems whose records of whole benchmarks are at these places are computed too."""

    def missing(job: Job, benchmark: PlannedBenchmark, known: tuple[System, ...]) -> tuple[System, ...]:
        measured = () if benchmark.ref in job.unread else job.systems
        return tuple(system for system in measured if system in known or _place(job, benchmark, system) in places)

    jobs = (
        replace(job, missing=tuple(missing(job, one, known) for one, known in zip(plan.benchmarks, job.missing, strict=True)))
        for job in plan.jobs
    )
    return replace(plan, jobs=tuple(jobs))


def _place(job: Job, benchmark: PlannedBenchmark, system: System) -> Place:
    """Where the record of a system on a whole benchmark is kept."""
    keys = [part_key(job.encoder, system, benchmark, part) for part in benchmark.parts]
    return aggregate_key(keys, benchmark.card.aggregation), benchmark.shown


def _made_otherwise(kept: Mapping[str, str], code: str) -> str:
    """By what else than the code and libraries that are here kept records were made, in words; empty where it was by these.

    Of what is released, our own `numerics` speak for stsbench.
    """
    if kept.get("code", "") != code:
        return "by other code than is installed in place here" if code else "by code that was installed in place, as none is here"
    named = {name.removeprefix("version."): known for name, known in kept.items() if name.startswith("version.")}
    libraries = {name: known for name, known in named.items() if name != "python" and not name.startswith("stsbench")}
    others = [
        f"{name} {known} ({f'here {here}' if here else 'not installed here'})"
        for name, known in libraries.items()
        if (here := installed(name)) != known
    ]
    return f"with {listed(others, most=FEW)}" if others else ""
