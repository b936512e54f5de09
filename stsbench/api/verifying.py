"""Whether a board's evidence is what its systems give: pairs drawn at random are encoded and scored anew."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.data import Float64, Index
from stsbench.contracts.records import Record
from stsbench.errors import UsageError
from stsbench.evidence.claims import Claim, claims_of, facts_of, figure_of
from stsbench.evidence.contradictions import Finding, finding
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import choices_of, evidence_of
from stsbench.host import capabilities
from stsbench.runner.request import Request, Setup
from stsbench.runner.run import run
from stsbench.runner.system import Job, Plan, System
from stsbench.stats.aggregation import on_scale
from stsbench.stats.metrics.triplets import together
from stsbench.stats.orders import broken_tie
from stsbench.stats.resampling import generator_of
from stsbench.stores.agreement import judge
from stsbench.stores.drift import Basis, by_chance, shifted
from stsbench.stores.results import ResultsFolder

SAMPLE: Final = 64


@dataclass(frozen=True)
class Verified:
    """What was drawn and found. `seed` repeats the draw; `unscored` cells have no kept scores, and only `full` looks at them.

    `sample` is the number of pairs of a part, None where all were taken.
    """

    sample: int | None
    seed: int
    cells: int
    pairs: int
    unscored: int
    unchanged: int
    findings: tuple[Finding, ...]


def verify_board(
    folder: BoardFolder,
    session: Session,
    *,
    sample: int = SAMPLE,
    seed: int | None = None,
    changed_from: Path | None = None,
    full: bool = False,
) -> Verified:
    """Encode `sample` pairs of every part of every cell with kept scores anew, and compare the scores within the board's tolerance.

    Nothing is read from the cache of vectors. The pairs are drawn anew each time unless `seed` is given: who could foresee them could
    leave them as they are. The scores of the sample must give the figure that the kept ones give, and tie where those that are computed
    anew tie for a reason. The kept scores must also give the kept figures, and the plan what a record says of fits, flags and pairs. A
    system that is fitted on the benchmark's own texts is fitted on all of them, and compared on the sample; with `full`, all pairs are
    compared, and cells without kept scores are computed whole and their figures compared. `changed_from` is an older copy of the board:
    cells that are the same there are left out. Raises UsageError, PluginError or DataError where nothing can be verified.
    """
    if sample < 1:
        raise UsageError(f"the sample is a number of pairs of at least 1 (64 is usual), not {sample}")
    sample = sys.maxsize if full else sample
    seed = secrets.randbits(32) if seed is None else seed
    spec = folder.spec
    plan = session.plan_of_what_can_run(Request(choices_of(spec), spec.benchmarks))
    claims, findings = claims_of(folder.results, plan, evidence_of(spec, session.registry))
    findings = [Finding(one.encoder, one.similarity, one.benchmark, "all parts", one.reason) for one in plan.failed] + findings
    before = None if changed_from is None else ResultsFolder(changed_from)
    changed = [claim for claim in claims if before is None or not claim.is_made_in(before)]
    findings += [*facts_of(changed), *figure_of(changed)]
    verifying = _Verifying(sample, seed, spec.tolerance, session.without_cells.having(cache=None).setup)
    scored = [claim for claim in changed if claim.scores is not None]
    bare = [claim for claim in changed if claim.scores is None]
    for job in plan.jobs:
        drawn = [claim for claim in scored if claim.job is job]
        findings += verifying.compare(plan, job, [claim for claim in drawn if not _has_context(claim.system)], whole=False)
        rest = [claim for claim in drawn if _has_context(claim.system)] + [claim for claim in bare if full and claim.job is job]
        findings += verifying.compare(plan, job, rest, whole=True)
    pairs = sum(len(verifying.rows(claim)) for claim in scored)
    taken, left = (len(changed), 0) if full else (len(scored), len(bare))
    return Verified(None if full else sample, seed, taken, pairs, left, len(claims) - len(changed), tuple(findings))


def _has_context(system: System) -> bool:
    """Whether a score depends on other pairs of the part: on a fit, or on the whole list being there."""
    return any(one.transductive for one in system.components) or capabilities.is_whole(system.scorer.component)


@dataclass(frozen=True)
class _Verifying:
    sample: int
    seed: int
    tolerance: float
    setup: Setup

    def rows(self, claim: Claim) -> Index:
        """The pairs of the claim's part that are drawn, in order, triplets whole; the same for all systems."""
        size = len(claim.part.pairs)
        if size <= self.sample:
            return np.arange(size)
        generator = generator_of([self.seed, int(claim.part.pairs.digest[:8], 16)])
        rows = together(claim.benchmark.card.task, size)
        return np.sort(rows[generator.choice(len(rows), -(-self.sample // rows.shape[1]), replace=False)], axis=None)

    def compare(self, plan: Plan, job: Job, claims: Sequence[Claim], *, whole: bool) -> Iterator[Finding]:
        """Score the claims' parts anew, all pairs or the drawn ones, and name the claims that disagree."""
        if not claims:
            return
        drawn = {id(claim.part): self.rows(claim) for claim in claims}
        benchmarks, missing = [], []
        for benchmark in plan.benchmarks:
            of_benchmark = [claim for claim in claims if claim.benchmark is benchmark]
            parts = [part for part in benchmark.parts if id(part) in drawn]
            if of_benchmark:
                taken = [part if whole else replace(part, pairs=part.pairs.take(drawn[id(part)].tolist())) for part in parts]
                benchmarks.append(replace(benchmark, parts=tuple(taken)))
                missing.append(tuple(dict.fromkeys(claim.system for claim in of_benchmark)))
        again = replace(plan, jobs=(replace(job, missing=tuple(missing)),), benchmarks=tuple(benchmarks))
        for finished in run(again, self.setup):
            records = finished.file.cells
            for claim in claims:
                if claim.benchmark.resolved is finished.benchmark.resolved and claim.record.cell in records:
                    record = records[claim.record.cell]
                    scores = finished.scores.get(claim.record.cell)
                    rows = drawn[id(claim.part)]
                    anew = None if scores is None else (scores[rows] if whole else scores).astype(np.float64)
                    basis = finished.basis(claim.record.cell)
                    what = self._judge(claim, record, anew, rows, basis.take(rows) if basis and whole else basis)
                    if what is not None:
                        yield finding(claim.file, claim.record, what)

    def _judge(self, claim: Claim, record: Record, scores: Float64 | None, rows: Index, basis: Basis | None) -> str | None:
        if claim.scores is None:
            return judge(claim.record, record, self.tolerance, None, None).what or _hidden(claim.record, record)
        if scores is None or basis is None:
            return f"it could not be scored anew: {record.reason}"
        before = on_scale(claim.scores[rows], (claim.record.exponent or 0) - (record.exponent or 0))
        gaps = np.abs(before - scores)
        wrong = int((gaps > self.tolerance * _spread(scores)).sum())
        if not wrong:
            return _moved(before, scores, rows, basis) or _hidden(claim.record, record)
        worst = int(gaps.argmax())
        return (
            f"{wrong} of {len(rows)} pairs drawn have other scores, most of all pair {rows[worst] + 1}: "
            f"{before[worst]:z.7g} in the evidence, {scores[worst]:z.7g} computed anew"
        )


def _moved(before: Float64, scores: Float64, rows: Index, basis: Basis) -> str | None:
    """What scores within the tolerance make of the pairs drawn: another figure, or no ties where there are some for a reason."""
    if (pairs := broken_tie(before, basis.ties)) is not None:
        first, second = (int(rows[pair]) + 1 for pair in pairs)
        return f"pairs {first} and {second} score alike, and {before[pairs[0]]:z.9g} and {before[pairs[1]]:z.9g} in the evidence"
    figures = basis.figure(before), basis.figure(scores)
    if shifted(*figures, by_chance(before, scores, basis)) is None:
        return None
    kept, anew = ("none" if figure is None else f"{figure:z.6f}" for figure in figures)
    return f"scores that differ by less than the tolerance give the {len(rows)} pairs drawn a figure of {kept}, computed anew {anew}"


def _spread(scores: Float64) -> float:
    """What the tolerance is a share of: the range of the scores computed anew, never of those in doubt, in which one outlier would do.

    Of a few pairs, or of scores that hardly differ, the range says less than the scores' own size.
    """
    return max(float(np.ptp(scores)), 0.1 * float(np.abs(scores).max()))


def _hidden(said: Record, anew: Record) -> str | None:
    """What the pairs computed anew show more of than the record admits of all pairs."""
    for name in ("truncated_texts", "zero_vectors"):
        counts = [getattr(one.counts, name) or 0 for one in (said, anew)]
        if counts[1] > counts[0]:
            return f"the record counts {counts[0]} {name.replace('_', ' ')}, and the pairs computed anew have {counts[1]}"
    return None
