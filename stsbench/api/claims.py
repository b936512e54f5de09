"""What a board's evidence claims: the kept record and scores of a system on one part, beside the plan's system and data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from stsbench.contracts.data import Float32, Part
from stsbench.contracts.records import Record, RecordFile
from stsbench.leaderboard.columns import aggregates, short
from stsbench.runner.keys import part_key
from stsbench.runner.system import Job, Plan, PlannedBenchmark, System
from stsbench.stats.correlation import Metrics, aggregate, metrics, rankable
from stsbench.stores.agreement import METRIC_TOLERANCE
from stsbench.stores.records import load, load_all, record_path
from stsbench.stores.scores import read_scores


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


@dataclass(frozen=True, eq=False)
class Claim:
    """A record of one part with its kept scores (None: none are kept), and what computes it anew."""

    file: RecordFile
    record: Record
    scores: Float32 | None
    job: Job
    system: System
    benchmark: PlannedBenchmark
    part: Part

    def finding(self, what: str) -> Finding:
        """The claim with what is wrong with it."""
        return finding(self.file, self.record, what)

    def is_made_in(self, root: Path) -> bool:
        """Whether the results under `root` hold the same record and scores."""
        path = record_path(root, self.file)
        if not path.exists():
            return False
        other = load(path)
        own = {record for record in self.file.records if record.system == self.record.system}
        scores = read_scores(root, other).get(self.record.cell)
        if not own <= set(other.records):
            return False
        if scores is None or self.scores is None:
            return scores is self.scores
        return np.array_equal(scores, self.scores)


def finding(file: RecordFile, record: Record, what: str) -> Finding:
    """A finding about a record."""
    system = ", ".join(filter(None, [record.view, *map(short, record.transforms), short(record.similarity or "")]))
    part = "all parts" if record.split == record.subset == "*" else f"{record.split}, {record.subset}"
    return Finding(file.encoder.label, system, file.benchmark.name, part, what)


def claims_of(root: Path, plan: Plan, evidence: Callable[[Record, RecordFile], bool]) -> tuple[list[Claim], list[Finding]]:
    """The claims of the evidence under `root`, and the records that the plan has no system for, or other data, or that lack scores."""
    claims, findings = [], []
    planned = {
        (job.encoder.ref, job.encoder.recorded.hex, benchmark.name, benchmark.card.protocol): (job, benchmark)
        for job in plan.jobs
        for benchmark in plan.benchmarks
    }
    for file in load_all(root):
        place = file.encoder.ref, file.encoder.fingerprint, file.benchmark.name, file.benchmark.protocol
        job, benchmark = planned.get(place, (None, None))
        scores = read_scores(root, file)
        systems = {(one.view, *_refs(one)): one for one in job.systems} if job else {}
        for record in file.records:
            system = systems.get(record.system)
            if record.split == record.subset == "*" and system is not None:
                continue
            if job is None or benchmark is None or system is None:
                findings.append(finding(file, record, "no system of board.toml, with the code and files that are here, gives this record"))
                continue
            part = next((one for one in benchmark.parts if (one.split, one.subset) == (record.split, record.subset)), None)
            if part is None or part_key(job.encoder, system, benchmark, part) != record.key:
                findings.append(finding(file, record, "the record is of other data, options or code than those that are here"))
                continue
            claims.append(Claim(file, record, scores.get(record.cell), job, system, benchmark, part))
            if record.cell not in scores and evidence(record, file) and record.status != "failed":
                findings.append(claims[-1].finding("its scores are evidence and are not kept, or are those of another record"))
    return claims, findings


def _refs(system: System) -> tuple[tuple[str, ...], str]:
    return tuple(one.ref for one in system.transforms), system.similarity.ref if system.similarity else ""


def figure_of(claims: Sequence[Claim]) -> Iterator[Finding]:
    """Claims whose kept scores do not give the kept figures, part by part and over all parts."""
    ordered = sorted((claim for claim in claims if claim.scores is not None), key=lambda claim: (id(claim.file), claim.record.system))
    for _, group in groupby(ordered, key=lambda claim: (id(claim.file), claim.record.system)):
        own = list(group)
        measured = []
        for claim in own:
            assert claim.scores is not None
            found = metrics(claim.part.pairs.gold, claim.scores)
            measured.append(found)
            yield from _differs(claim.file, claim.record, found)
        whole = next((record for record in aggregates(own[0].file) if record.system == own[0].record.system), None)
        if whole is not None and len(own) == len(own[0].benchmark.parts):
            how = own[0].benchmark.card.aggregation
            together = measured[0] if len(own) == 1 else _joint(own) if how == "all" else aggregate(measured, how)
            yield from _differs(own[0].file, whole, together)


def _joint(claims: Sequence[Claim]) -> Metrics:
    """The metrics of all pairs together, the scores of the parts brought to one scale."""
    scores = [claim.scores.astype(np.float64) * 10.0 ** (claim.record.exponent or 0) for claim in claims if claim.scores is not None]
    return metrics(np.concatenate([claim.part.pairs.gold for claim in claims]), rankable(np.concatenate(scores))[0])


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
