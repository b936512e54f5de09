"""Measuring systems by other figures than Spearman, from one encode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import to_jsonable_python

from stsbench.api.session import Session
from stsbench.audit.beyond import Beyond, Graded, Settings, beyond, one_sided
from stsbench.audit.searching import Search
from stsbench.contracts.data import Part
from stsbench.contracts.ref import CHAIN, short
from stsbench.errors import DataError, StsbenchError, UsageError
from stsbench.runner.request import Request
from stsbench.runner.run import EncodedJob, Finished, score_benchmark
from stsbench.runner.system import Plan, PlannedBenchmark, System
from stsbench.stats.aggregation import on_scale
from stsbench.stats.retrieval import Ranking

MOST = 2_000_000


@dataclass(frozen=True)
class MeasuredCell:
    """The figures of one system on one part of a benchmark, or the reason why it has none."""

    encoder: str
    view: str
    transform: str
    similarity: str
    benchmark: str
    split: str
    subset: str
    figures: Beyond | None
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        """Everything as plain data."""
        plain: dict[str, Any] = to_jsonable_python(self, fallback=lambda curve: curve.tolist())
        return plain


def measure(
    request: Request, session: Session, *, settings: Settings | None = None, threshold_on: str | None = None, most: int = MOST
) -> tuple[MeasuredCell, ...]:
    """Losses, triplets, detection, ranks and neighbours of every system on every part of the benchmarks; vectors come from the store.

    `threshold_on` is the benchmark on which the thresholds of F1 and accuracy are chosen (such as `STSBenchmark:validation`); else
    they are chosen on the very pairs that are measured. Where a similarity has no `matrix`, at most `most` comparisons are made for
    ranks. Raises UsageError, PluginError or DataError where nothing could be measured; a system that fails is a row with a reason.
    """
    settings = settings or Settings()
    if not (0 < settings.positive <= 1 and 0 < settings.gap <= 1 and settings.margin >= 0 and most > 0):
        raise UsageError("positive and gap are shares of the gold scale above 0 and up to 1, the margin is at least 0, and most above 0")
    wanted = {ref for text in request.benchmarks for ref in session.references(text)}
    others = list(session.references(threshold_on)) if threshold_on else []
    if len(others) > 1:
        raise UsageError(f"{threshold_on!r} is a suite; choose thresholds on one benchmark")
    plan = session.plan(replace(request, benchmarks=(*request.benchmarks, *filter(None, [threshold_on]))))
    chosen = _chosen(plan, others[0]) if others else None
    asked = [one for one in plan.benchmarks if one.ref in wanted]
    cells: list[MeasuredCell] = []
    for job in plan.jobs:
        with session.encoded(plan, job) as running:
            done = {one.ref: score_benchmark(running, one, job.systems, session.listen) for one in plan.benchmarks}
            for benchmark in asked:
                for system in job.systems:
                    cells += [_measured(running, benchmark, part, system, done, chosen, settings, most) for part in benchmark.parts]
    return tuple(cells)


def ranking_of(request: Request, session: Session) -> tuple[Ranking | None, str | None]:
    """How one system ranks the partners of texts on a benchmark of one part, or why that is not known."""
    (cell,) = measure(request, session)
    return (None, cell.reason) if cell.figures is None else (cell.figures.ranking, cell.figures.reasons.get("ranking"))


def _chosen(plan: Plan, ref: str) -> PlannedBenchmark:
    """The benchmark whose pairs thresholds are chosen on; raises DataError where its pairs are all of one kind."""
    benchmark = next(one for one in plan.benchmarks if one.ref == ref)
    if len(benchmark.parts) > 1:
        raise UsageError(f"{benchmark.name} has {len(benchmark.parts)} parts; choose thresholds on one split and subset")
    gold = benchmark.parts[0].pairs.gold
    if one_sided(gold > gold.min()):
        raise DataError(f"{benchmark.name} has a single gold score, so no threshold can be chosen on it; name another split")
    return benchmark


def _measured(
    running: EncodedJob,
    benchmark: PlannedBenchmark,
    part: Part,
    system: System,
    done: Mapping[str, Finished],
    chosen: PlannedBenchmark | None,
    settings: Settings,
    most: int,
) -> MeasuredCell:
    transform = CHAIN.join(short(one.ref) for one in system.transforms)
    similarity = short(system.similarity.ref) if system.similarity else ""
    place = (running.job.encoder.label, system.view, transform, similarity, benchmark.name, *part.place)
    try:
        graded = _graded(done, benchmark, part, system, settings)
        other = None
        if chosen is not None:
            where = chosen.name if ":" in chosen.name else f"{chosen.name}:{chosen.parts[0].split}"
            other = where, _graded(done, chosen, chosen.parts[0], system, settings)
        search = Search.of(system, running.space(system, part), most)
        return MeasuredCell(*place, beyond(graded, settings, other, search.rank(graded), search.near()))
    except StsbenchError as error:
        discreet = getattr(error, "discreet", None) if running.private else None
        return MeasuredCell(*place, None, discreet or str(error))


def _graded(done: Mapping[str, Finished], benchmark: PlannedBenchmark, part: Part, system: System, settings: Settings) -> Graded:
    """The pairs with the scores that the record was measured on, on their own scale; raises DataError where there are none."""
    file = done[benchmark.ref].file
    record = next(one for one in file.records if one.place == part.place and one.variant == system.variant)
    if record.status == "failed":
        raise DataError(record.reason or "it failed")
    scores = on_scale(done[benchmark.ref].scores[record.cell], record.exponent or 0)
    try:
        return Graded.of(part.pairs, scores, benchmark.card.score_range, settings)
    except ValueError as error:
        raise DataError(f"{benchmark.name} ({part.split}): {error}") from error
