"""Running a plan: one encode a job, then every system on every benchmark; a failure costs only its own cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from types import MappingProxyType
from typing import Any

from stsbench.contracts.data import Float64, Part, Ranked
from stsbench.contracts.events import CellFinished, Event, Warned
from stsbench.contracts.identity import CellId
from stsbench.contracts.items import Item
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile, in_order, observed
from stsbench.errors import StsbenchError
from stsbench.host import capabilities
from stsbench.runner.encoding.again import ask_again, tolerance_of
from stsbench.runner.encoding.encode import Encoded, encode_checked, encode_texts
from stsbench.runner.encoding.recall import recall
from stsbench.runner.published import as_published
from stsbench.runner.record import aggregate_record, part_record
from stsbench.runner.refused import discreet, told
from stsbench.runner.request import OpenStore, Setup
from stsbench.runner.score import Scored, score_part
from stsbench.runner.space import Side, Space
from stsbench.runner.system import Job, Plan, PlannedBenchmark, System
from stsbench.runner.workers.spread import Spared, spread
from stsbench.stats.metrics import METRICS, figure, metrics_of
from stsbench.stats.metrics.metric import Metric
from stsbench.stores.drift import Basis
from stsbench.stores.embeddings import EmbeddingStore


@dataclass(frozen=True)
class Finished:
    """One encoder on one benchmark: its records, and by cell the scores that the records of its parts were measured on."""

    job: Job
    benchmark: PlannedBenchmark
    file: RecordFile
    scores: Mapping[CellId, Ranked]
    measured: Mapping[str, str] = field(default_factory=dict)  # sizes of vectors and what encoding cost, for the provenance
    scaled: Mapping[CellId, Float64] = field(default_factory=dict)  # the scores before they were narrowed

    def basis(self, cell: CellId) -> Basis | None:
        """What is known of the scores of a cell; None for one that has none."""
        if cell not in self.scaled:
            return None
        part = next(part for part in self.benchmark.parts if part.place == cell[:2])
        return Basis.of(part.pairs, self.scaled[cell], partial(figure, METRICS[self.benchmark.card.main]))


def run(plan: Plan, setup: Setup, open_store: OpenStore = lambda _encoder: None) -> Iterator[Finished]:
    """Compute every missing cell, job by job and benchmark by benchmark; each finished file is yielded at once, to be kept.

    Jobs come in order, or as workers are done with their vectors.
    `open_store` gives the place where an encoder's vectors are kept, if there is one.
    """
    here = (Spared(job) for job in plan.jobs if any(job.missing))
    for spared in here if setup.executor is None else spread(plan, setup, open_store, setup.executor):
        with encoded_job(plan, spared, setup, open_store) as running:
            for benchmark, systems in zip(plan.benchmarks, spared.job.missing, strict=True):
                if systems:
                    finished = score_benchmark(running, benchmark, systems, setup.listen)
                    verdicts = as_published(spared.job.encoder, benchmark, finished.file.records) if plan.limit is None else {}
                    yield replace(finished, measured={**finished.measured, **verdicts})


def verify_stored(plan: Plan, job: Job, setup: Setup, store: EmbeddingStore) -> tuple[int, float, float]:
    """How many kept vectors of a job's texts were encoded anew, by how much they differ at most, and what is allowed."""
    texts = plan.unique_texts(job)
    encoder = job.encoder.encoder
    views = [view for view in job.views if view not in encoder.token_views]
    known = recall(store, texts.texts, views, capabilities.sparse_views(encoder))
    capabilities.pay_from(encoder, setup.purse)
    try:
        with discreet(plan.private):
            return *ask_again(partial(encode_checked, job.encoder), texts, known), tolerance_of(job.encoder)
    finally:
        capabilities.close(encoder)


@dataclass(frozen=True)
class EncodedJob:
    """A job whose texts have been encoded (or have failed to be)."""

    job: Job
    encoded: Encoded | None
    sides: dict[int, Side]
    texts: Sequence[tuple[str, Item]]
    error: StsbenchError | None
    private: bool  # whether any text of the run is: what a plugin says of a failure is then not repeated
    fits: dict[tuple[str, ...], Any] = field(default_factory=dict)  # transforms whose fit is the same on every part

    def require(self) -> None:
        """Raise the error that encoding met, where it met one."""
        if self.error is not None:
            raise self.error

    def space(self, system: System, part: Part) -> Space:
        """The space that the system's similarity works in, on that part."""
        return Space(self.encoded, self.texts, self.sides, system.view, system.transforms, part, self.fits)


@contextmanager
def encoded_job(plan: Plan, spared: Spared, setup: Setup, open_store: OpenStore) -> Iterator[EncodedJob]:
    """Every view of every text that the job's systems need, from the store or the encoder; an error of these is kept, not raised.

    At the end the tokens and the encoder are let go; a failure to do so costs no figure.
    """
    job, parts = spared.job, plan.texts(spared.job)
    texts = plan.unique_texts(job)
    sides = {id(part): Side(left, right) for part, left, right in zip(parts, texts.left, texts.right, strict=True)}
    encoded: Encoded | None = None
    error: StsbenchError | None = None
    try:
        if spared.error is not None:
            raise spared.error
        if job.views:
            with ExitStack() as stack:
                if store := open_store(job.encoder):
                    stack.callback(store.close)
                encoded = encode_texts(job.encoder, texts, job.views, setup, store)
                encoded = replace(encoded, measured={**encoded.measured, **spared.facts})
    except StsbenchError as raised:
        error = told(raised, plan.private)
    try:
        yield EncodedJob(job, encoded, sides, texts.texts, error, plan.private)
    finally:
        if encoded is not None:
            encoded.close()
        try:
            capabilities.close(job.encoder.encoder)
        except StsbenchError as failure:  # no figure depends on it
            setup.listen(Warned(f"{job.encoder.label} could not be closed: {told(failure, plan.private)}"))


def score_benchmark(
    running: EncodedJob, benchmark: PlannedBenchmark, systems: tuple[System, ...], listen: Callable[[Event], None]
) -> Finished:
    """Records and scores of the systems on one benchmark; a failure costs only its own cell."""
    records: list[Record] = []
    scores: dict[CellId, Ranked] = {}
    scaled: dict[CellId, Float64] = {}
    planned = running.job.encoder
    sizes: dict[str, set[int]] = {}
    for system, outcomes in _outcomes(running, benchmark, systems, sizes).items():
        parts = [part_record(planned, system, benchmark, position, outcome) for position, outcome in enumerate(outcomes)]
        whole = aggregate_record(planned, system, benchmark, parts, outcomes)
        records += [*parts, whole]
        for record, outcome in zip(parts, outcomes, strict=True):
            if isinstance(outcome, Scored):
                scores[record.cell], scaled[record.cell] = outcome.scores, outcome.scaled
        error = next((outcome for outcome in outcomes if isinstance(outcome, StsbenchError)), None)
        listen(
            CellFinished(
                encoder=planned.label,
                view=system.view,
                similarity=system.similarity.resolved.label if system.similarity else "",
                benchmark=benchmark.name,
                status=whole.status,
                metric=whole.main,
                figures=MappingProxyType(whole.figures),
                reason=whole.reason,
                transforms=tuple(one.resolved.label for one in system.transforms),
                error=None if running.private else error,
            )
        )
    card = {name: getattr(benchmark.card, name) for name in BenchmarkEntry.model_fields.keys() - {"ref", "name", "items"}}
    facts = dict(planned.recorded.fields)
    file = RecordFile(
        encoder=EncoderEntry(ref=planned.ref, label=planned.label, fingerprint=planned.recorded.hex, facts=facts),
        benchmark=BenchmarkEntry(ref=benchmark.ref, name=benchmark.name, items=benchmark.items, **card),
        records=in_order(records),
    )
    taken = {name: " to ".join(map(str, sorted({min(values), max(values)}))) for name, values in sizes.items()}
    return Finished(running.job, benchmark, file, scores, {**(running.encoded.measured if running.encoded else {}), **taken}, scaled)


def _outcomes(
    running: EncodedJob, benchmark: PlannedBenchmark, systems: tuple[System, ...], sizes: dict[str, set[int]]
) -> dict[System, list[Scored | StsbenchError]]:
    """The scores of every system, part by part. Systems that share a view and transforms share the transformed vectors.

    `sizes` is filled with what their vectors take, of each part.
    """
    outcomes: dict[System, list[Scored | StsbenchError]] = {system: [] for system in systems}
    ordered = sorted(systems, key=_space)
    for part in benchmark.parts:
        for _, group in groupby(ordered, key=_space):
            alike = list(group)
            space = running.space(alike[0], part)
            for system in alike:
                outcomes[system].append(_attempt(running, system, space, metrics_of(benchmark.card.task)))
            if alike[0].needs != "texts" and any(isinstance(outcomes[system][-1], Scored) for system in alike):
                with suppress(StsbenchError):  # what a transform cannot say of itself costs no figure
                    for name, value in space.size().items():
                        sizes.setdefault(observed(name, *_space(alike[0])), set()).add(value)
    return outcomes


def _space(system: System) -> tuple[str, tuple[str, ...]]:
    return system.view, tuple(one.ref for one in system.transforms)


def _attempt(running: EncodedJob, system: System, space: Space, wanted: Sequence[Metric]) -> Scored | StsbenchError:
    try:
        if system.needs != "texts":
            running.require()
        return score_part(system, fitted_scorer(system, space), space, wanted)
    except StsbenchError as error:
        return told(error, running.private)


def fitted_scorer(system: System, space: Space) -> Any:
    """What scores the pairs, fitted where it has to be."""
    planned = system.scorer
    if planned.fit_on is None:
        return planned.component
    return planned.component.fit(space.fit_data(planned))
