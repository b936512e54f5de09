"""What a board's evidence claims: the kept record and scores of a system on one part, beside the plan's system and data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
from pydantic_core import to_jsonable_python

from stsbench.contracts.data import Part, Ranked
from stsbench.contracts.records import Record, RecordFile
from stsbench.evidence.contradictions import Finding, contradictions, finding, without_data, without_encoder, without_system
from stsbench.runner.keys import aggregate_key, part_key
from stsbench.runner.record import part_facts, whole_facts
from stsbench.runner.system import Job, Plan, PlannedBenchmark, System
from stsbench.stores.records import record_path
from stsbench.stores.results import ResultsFolder

OTHER: Final = "the record is of other data, options or code than those that are here"


@dataclass(frozen=True, eq=False)
class Claim:
    """A record of one part with its kept scores (None: none are kept), and what computes it anew."""

    file: RecordFile
    record: Record
    scores: Ranked | None
    job: Job
    system: System
    benchmark: PlannedBenchmark
    part: Part

    def is_made_in(self, folder: ResultsFolder) -> bool:
        """Whether the results in `folder` hold the same record and scores."""
        path = record_path(folder.root, self.file)
        if not path.exists():
            return False
        other = folder.load(path)
        records = {record for record in self.file.records if record.variant == self.record.variant}
        scores = folder.scores(other).get(self.record.cell)
        if not records <= set(other.records):
            return False
        if scores is None or self.scores is None:
            return scores is self.scores
        return np.array_equal(scores, self.scores)


def claims_of(folder: ResultsFolder, plan: Plan, evidence: Callable[[Record, RecordFile], bool]) -> tuple[list[Claim], list[Finding]]:
    """The claims of the evidence in `folder`, and the records that the plan has no system for, or other data, or that lack scores.

    What one cause keeps from being claimed is one finding: a benchmark, an encoder or a system. What the plan itself failed at is none
    here, since the plan says so.
    """
    claims: list[Claim] = []
    findings: list[Finding] = []
    planned: dict[tuple[str, str, str, str], list[tuple[Job, PlannedBenchmark]]] = {}
    for job in plan.jobs:
        for benchmark in plan.measured(job):
            place = job.encoder.ref, job.encoder.recorded.hex, benchmark.name, benchmark.card.protocol
            planned.setdefault(place, []).append((job, benchmark))  # several jobs, where tables name views of one encoder
    for file in folder.files:
        if (cause := without_data(file, plan)) is not None:
            findings += cause
            continue
        jobs = planned.get((file.encoder.ref, file.encoder.fingerprint, file.benchmark.name, file.benchmark.protocol), [])
        if not jobs:
            findings += without_encoder(file, plan)
            continue
        scores = folder.scores(file)
        systems = {one.variant: (job, one, benchmark) for job, benchmark in jobs for one in job.systems}
        for record in file.records:
            if record.variant not in systems:
                findings.append(without_system(file, record))
                continue
            job, system, benchmark = systems[record.variant]
            if record.is_whole:
                findings += _unfounded(file, record, job, system, benchmark)
                continue
            part = next((one for one in benchmark.parts if one.place == record.place), None)
            if part is None or len(part.pairs) != record.n or part_key(job.encoder, system, benchmark, part) != record.key:
                findings.append(finding(file, record, OTHER))
                continue
            claims.append(Claim(file, record, scores.get(record.cell), job, system, benchmark, part))
            if claims[-1].scores is None and evidence(record, file) and record.status != "failed":
                findings.append(finding(file, record, "its scores are evidence and are not kept, or are those of another record"))
    return claims, list(dict.fromkeys(findings))


def _unfounded(file: RecordFile, whole: Record, job: Job, system: System, benchmark: PlannedBenchmark) -> Iterator[Finding]:
    """Why the record of a whole benchmark does not rest on the records of the benchmark's parts, if it does not."""
    there = {record.place for record in file.records if record.variant == whole.variant}
    missing = [part for part in benchmark.parts if part.place not in there]
    keys = [part_key(job.encoder, system, benchmark, part) for part in benchmark.parts]
    if missing:
        yield finding(file, whole, f"it has no record of {missing[0].split}, {missing[0].subset} beside it, which its figure must rest on")
    elif whole.key != aggregate_key(keys, benchmark.card.aggregation):
        yield finding(file, whole, OTHER)


def figure_of(claims: Sequence[Claim]) -> Iterator[Finding]:
    """Claims whose kept scores do not give the kept figures, part by part and over all parts."""
    for group in _by(claims, lambda claim: (id(claim.file), id(claim.benchmark))):
        scores = {claim.record.cell: claim.scores for claim in group if claim.scores is not None}
        yield from contradictions(group[0].file, scores, group[0].benchmark.parts, group[0].benchmark.card.aggregation)


def facts_of(claims: Sequence[Claim]) -> Iterator[Finding]:
    """Claims whose records say other than the plan what was fitted and seen, of how many pairs, part by part and over all parts."""
    for group in _by(claims, lambda claim: (id(claim.file), claim.record.variant)):
        for claim in group:
            yield from _says(claim.file, claim.record, part_facts(claim.job.encoder, claim.system, claim.part, claim.record.counts))
        whole = group[0].file.wholes.get(group[0].file.system(group[0].record))
        parts = [claim.record for part in group[0].benchmark.parts for claim in group if claim.part is part]
        if whole is not None and len(parts) == len(group[0].benchmark.parts):
            yield from _says(group[0].file, whole, whole_facts(parts))


def _by(claims: Sequence[Claim], place: Callable[[Claim], tuple[Any, ...]]) -> Iterator[list[Claim]]:
    for _, group in groupby(sorted(claims, key=place), key=place):
        yield list(group)


def _says(file: RecordFile, record: Record, facts: Mapping[str, object]) -> Iterator[Finding]:
    """The fields of a record that are not as they must be."""
    for name, value in facts.items():
        if (said := getattr(record, name)) != value:
            shown = [json.dumps(to_jsonable_python(one)) for one in (said, value)]
            yield finding(file, record, f"the record says that {name} is {shown[0]}, and it is {shown[1]}")
