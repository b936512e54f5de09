"""An opened run: what is installed, and how to go about it. All data come in here, where neither a failure nor a warning can be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stsbench.api.report import Entry, Report
from stsbench.builtin.benchmarks.given import GivenPairs
from stsbench.contracts.components.protocols import BenchmarkCard, Suite
from stsbench.contracts.data import Float64, Pairs, Part, Ranked, Source
from stsbench.contracts.events import CellFinished, Warned
from stsbench.contracts.identity import CellId
from stsbench.contracts.models.services import Purse, as_hosts
from stsbench.contracts.records import RecordFile, Shown
from stsbench.contracts.ref import as_texts
from stsbench.contracts.wording import counted
from stsbench.errors import PlanError, PluginError, UsageError
from stsbench.evidence.held import HeldResults, Keep, Owner, files_of, owner
from stsbench.evidence.known import Known, contradicted_wholes, known_records, outdated, with_missing
from stsbench.evidence.presence import wanted
from stsbench.evidence.systems import KeptSystem
from stsbench.host.given import Given, offering
from stsbench.host.provider import code_digest
from stsbench.host.registry import Registry
from stsbench.leaderboard.columns import Key
from stsbench.runner.encoding.recall import cache_folder, open_store
from stsbench.runner.keys import aggregate_key, part_key
from stsbench.runner.loading import Loaded
from stsbench.runner.observed import logged, observed
from stsbench.runner.plan import load_benchmarks, make_plan
from stsbench.runner.refused import refuse_weights, told
from stsbench.runner.request import Consent, Listener, Request, Setup, unheard
from stsbench.runner.run import EncodedJob, encoded_job, fitted_scorer, run
from stsbench.runner.score import score_part
from stsbench.runner.system import Job, Plan, PlannedBenchmark, PlannedEncoder, System
from stsbench.runner.workers.spread import Spared
from stsbench.stores.agreement import Disagreement
from stsbench.stores.atomic import require_usable
from stsbench.stores.embeddings import EmbeddingStore


@dataclass(frozen=True)
class Session:
    """The registry of what is installed, the setup of a run, and the benchmarks it `loaded`; whoever listens is told every warning."""

    registry: Registry
    setup: Setup = field(default_factory=Setup)
    loaded: Loaded = field(default_factory=dict)

    @classmethod
    def opened(
        cls,
        registry: Registry | None = None,
        *,
        mirror: str | Path | None = None,
        cache: str | Path | bool = True,
        execution: Mapping[str, object] | None = None,
        consent: Consent | None = None,
        memory: int | None = None,
        strict: bool = False,
        listen: Listener = unheard,
    ) -> Session:
        """A session on what is installed, with vectors kept in the folder that `cache` means, and texts sent nowhere without `consent`.

        Raises PluginError where it is `strict` and a plugin failed that a run could take components of.
        """
        if not isinstance(execution, Mapping | None):
            raise UsageError(f"execution options are given by name, as in {{'device': 'cpu'}}, not as {execution!r}")
        registry = registry or Registry.installed()
        if strict:
            registry.require_sound("encoder", "transform", "similarity", "benchmark")
        options = {"mirror": None if mirror is None else str(mirror), **(execution or {})}
        consent = consent or Consent()
        hosts, purse = (as_hosts(consent.allow_network), as_hosts(consent.send_private)), Purse(consent.max_cost)
        return cls(registry, Setup(options, *hosts, cache_folder(cache), memory, strict, purse, logged(listen)))

    @classmethod
    def of(cls, given: Session | None) -> Session:
        """The session that a program gives, or else one as `opened` makes it; raises UsageError for what is none."""
        if not isinstance(given, cls | None):
            raise UsageError(f"a session is what stsbench.Session.opened() gives, not {given!r}; give one, or leave it out")
        return given or cls.opened()

    def offering(self, *given: Given) -> Session:
        """The same where models and pairs that were given in Python (`named`, `pairs`) can be named by the reference that `str` gives."""
        return replace(self, registry=offering(self.registry, given), loaded={})

    def having(self, **changes: Any) -> Session:
        """The same with another setup: any field of it by name."""
        loaded = {} if "execution" in changes else self.loaded  # data may lie elsewhere then
        return replace(self, setup=replace(self.setup, **changes), loaded=loaded)

    def on(self, executor: str) -> Session:
        """The same with vectors computed where that executor says; raises as `Registry.resolve` does."""
        built = self.registry.resolve("executor", executor).build()
        return self.having(executor=built if built.needs else None)

    @property
    def silent(self) -> Session:
        """The same with nobody to listen."""
        return self.having(listen=unheard)

    @property
    def without_cells(self) -> Session:
        """The same with nobody told of cells, for a caller that says itself what failed."""
        return self.having(listen=lambda event: None if isinstance(event, CellFinished) else self.listen(event))

    @property
    def listen(self) -> Listener:
        """Who is told what happens."""
        return self.setup.listen

    def warn(self, message: str) -> None:
        """Tell whoever listens."""
        self.listen(Warned(message))

    @property
    def code(self) -> str:
        """A hash of the code that is installed in place; empty if none is."""
        return code_digest(loaded.provider for loaded in self.registry.plugins)

    def plan(self, request: Request, *, weighted: bool = False) -> Plan:
        """The plan of everything that is asked for.

        Raises the error of whatever cannot be built or loaded, so that no answer is given of fewer benchmarks, or systems, than were
        named; of several the first, and the others are warned of. Pairs that are weighted take a caller who weighs them.
        """
        plan = self.plan_of_what_can_run(request)
        errors = [cell.error for cell in plan.failed if cell.error is not None]
        for error in errors[1:]:
            self.warn(str(error))
        if errors:
            raise errors[0]
        for reason in (reason for job in plan.jobs for reason in job.unread.values()):
            raise PlanError(f"{reason}; leave out either")
        if not weighted:
            refuse_weights(plan.benchmarks)
        return plan

    def plan_of_pairs(
        self, pairs: Pairs, encoders: Sequence[str], similarities: Sequence[str], transforms: Sequence[str] = (), *, private: bool = True
    ) -> Plan:
        """The plan of every system on pairs that are at hand; what is left out is warned of.

        Raises as `plan`, and where anything else cannot run: an answer of some systems only would be taken for one of all.
        """
        part = Part("given", "default", pairs, Source("memory"))
        given = Given("benchmark", "pairs-at-hand", GivenPairs(BenchmarkCard("pairs-at-hand", private=private), part))
        plan = self.offering(given).plan(Request.of(encoders, similarities, str(given), transforms))
        if plan.failed:
            raise plan.failed[0].error or PluginError(plan.failed[0].reason)
        for reason in dict.fromkeys(one.reason for one in plan.left_out):
            self.warn(f"left out: {reason}")
        return plan

    def plan_of_one(self, pairs: Pairs, system: Sequence[str], what: str, *, private: bool = True) -> tuple[Plan, Job, System]:
        """The plan of one system, an encoder with a similarity and a chain of transforms; raises UsageError where it has several views."""
        encoder, similarity, transform = system
        plan = self.plan_of_pairs(pairs, [encoder], [similarity], [transform], private=private)
        (job,) = plan.jobs
        if len(job.systems) > 1:
            views = ", ".join(one.view for one in job.systems)
            raise UsageError(f"a {what} is of one view, and {encoder} has {views}; choose one with view=")
        return plan, job, job.systems[0]

    def plan_of_what_can_run(self, request: Request, known: Iterable[tuple[str, Shown]] = ()) -> Plan:
        """The same for a caller that reports what `failed`, which costs only its own cells there."""
        plan = make_plan(self.registry, request, self._of_components, known, self.loaded)
        for warning in plan.warnings:
            self.warn(warning)
        return plan

    def plan_of_missing(self, request: Request, keep: Keep | None) -> tuple[Plan, Known]:
        """The plan of what can run and is not kept, and the records that need not be computed again."""
        if keep is None or keep.fresh:
            return self.plan_of_what_can_run(request), {}
        known, said = known_records(keep.folder, self.code, keep.evidence)
        plan = self.plan_of_what_can_run(request, known)
        said += outdated(keep.folder, plan, self.code)
        if wrong := contradicted_wholes(keep.folder, plan, known):
            said.append(f"{counted(len(wrong), 'cell')} kept with other figures than the kept scores give; computed anew")
            plan = with_missing(plan, wrong)
        if unnamed := [job.encoder.label for job in plan.jobs if not job.encoder.reproducible]:
            said.append(f"results of {', '.join(unnamed)} are not kept; stsbench.named(model, 'name', version='1') lets them be")
        for sentence in said:
            self.warn(sentence)
        return replace(plan, warnings=(*plan.warnings, *said)), known

    def load(self, benchmarks: Sequence[str]) -> list[PlannedBenchmark]:
        """The benchmarks that references name, suites replaced by what they name; raises the error of one that cannot be loaded."""
        return load_benchmarks(self.registry, as_texts(benchmarks), self._of_components, self.loaded)

    def benchmark(self, ref: str) -> PlannedBenchmark:
        """The one benchmark that a reference names."""
        (loaded,) = self.load([ref])
        return loaded

    def references(self, text: str) -> dict[str, str]:
        """Canonical references of a benchmark or a suite's benchmarks, with the text that names each."""
        resolved = self.registry.resolve("benchmark", text, execution=self.setup.execution)
        built = resolved.build()
        if isinstance(built, Suite):
            return {ref: own for member in self.registry.members(resolved, built) for ref, own in self.references(member).items()}
        return {str(resolved.ref): text}

    def benchmarks_of(
        self, systems: Sequence[KeptSystem], named: Sequence[str] = (), sources: Sequence[str] = ()
    ) -> dict[Key, PlannedBenchmark]:
        """The benchmarks that systems were run on, or those named, loaded in silence; raises as `wanted` does."""
        silent = self.silent
        return {key: silent.benchmark(ref) for key, ref in wanted(systems, named, sources, self.references).items()}

    def store(self, encoder: PlannedEncoder, *, create: bool = True) -> EmbeddingStore | None:
        """The place where an encoder's vectors are kept, if there is one."""
        return open_store(self.registry, self.setup.cache, self.warn, encoder, create=create)

    def encoded(self, plan: Plan, job: Job) -> AbstractContextManager[EncodedJob]:
        """The job with its texts encoded, for as long as it is used."""
        return encoded_job(plan, Spared(job), self.setup, self.store)

    def scores(self, plan: Plan) -> Iterator[tuple[Job, System, Float64]]:
        """Each system of a plan of one benchmark of one part, with its job and its scores, float64[n]; PluginError where one fails."""
        (part,) = plan.benchmarks[0].parts
        for job in plan.jobs:
            try:
                with self.encoded(plan, job) as running:
                    running.require()
                    for system in job.systems:
                        space = running.space(system, part)
                        yield job, system, score_part(system, fitted_scorer(system, space), space).raw
            except PluginError as error:
                raise told(error, plan.private) from None

    def run(self, request: Request, keep: Keep | None = None, require: Callable[[Plan], object] = bool) -> Report:
        """Plan, run and keep; what was finished stays kept. `require` raises where a plan is not to be run."""
        if keep is not None:
            require_usable(keep.folder.root)  # said now, not after an hour of encoding
        (plan, known), code = self.plan_of_missing(request, keep), self.code
        require(plan)
        files = keep.folder.files if keep else ()
        before = {(record.key, shown) for file in files for shown in [file.benchmark.shown] for record in file.records} - known.keys()
        disagreements: list[Disagreement] = []
        computed: dict[tuple[int, int], RecordFile] = {}
        # of what is not kept; several jobs may be of one encoder, each with views of its own
        scores: dict[Owner, dict[CellId, Ranked]] = {}
        cache = None if keep is not None and keep.fresh else self.setup.cache
        for failure in self.registry.load_failures if plan.cells() else ():  # an observer would be missed by nobody
            self.listen(Warned(f"plugin {failure}; it takes no part in the run"))
        with ExitStack() as ends:
            if cache is None and self.setup.executor is not None:  # where what comes back waits until it is scored
                cache = Path(ends.enter_context(TemporaryDirectory(prefix="stsbench-")))
            watched = ends.enter_context(observed(self.registry.plugins, plan, self.listen))
            for finished in run(plan, replace(self.setup, listen=watched), self.having(cache=cache).store):
                if keep is not None and finished.job.encoder.reproducible:
                    disagreements += keep.take(finished, code)
                else:
                    scores.setdefault(owner(finished.file.encoder, finished.file.benchmark), {}).update(finished.scores)
                computed[id(finished.job), id(finished.benchmark)] = finished.file.model_copy(update={"provenance": finished.measured})
        entries = [
            entry
            for job in plan.jobs
            for benchmark in plan.measured(job)
            for entry in _entries(job, benchmark, computed.get((id(job), id(benchmark))), known)
        ]
        compared = sum((entry.record.key, entry.benchmark.shown) in before and entry.record.is_whole for entry in entries)
        notes = {benchmark.ref: benchmark.notes for benchmark in plan.benchmarks if benchmark.notes}
        kept = files_of((entry.encoder, entry.benchmark, entry.record, entry.provenance) for entry in entries)
        benchmarks = {(one.name, one.card.protocol): one for one in plan.benchmarks}
        held = HeldResults(kept, scores, dict(sorted(benchmarks.items())), self.listen, keep.folder if keep else None)
        return Report(tuple(entries), plan.failed, plan.left_out, plan.warnings, tuple(disagreements), compared, notes, held)

    @property
    def _of_components(self) -> Setup:
        """The setup with the cache folder as an execution option, for components that keep files of their own there."""
        cache = self.setup.cache
        return replace(self.setup, execution={"cache_dir": None if cache is None else str(cache), **self.setup.execution})


def _entries(job: Job, benchmark: PlannedBenchmark, file: RecordFile | None, known: Known) -> Iterator[Entry]:
    """The records of a job on a benchmark, computed or known, part by part in the order of its systems."""
    computed = {record.key: (record, file) for record in file.records} if file else {}
    for system in job.systems:
        keys = [part_key(job.encoder, system, benchmark, part) for part in benchmark.parts]
        for key in [*keys, aggregate_key(keys, benchmark.card.aggregation)]:
            record, of = computed.get(key) or known[key, benchmark.shown]
            encoder = of.encoder.model_copy(update={"ref": job.encoder.ref, "label": job.encoder.label})  # as it is called now
            yield Entry(encoder, of.benchmark, record, of.provenance)
