"""Planning: references are resolved, components built and data loaded; what cannot work is said before any model is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stsbench.contracts.components.protocols import Suite
from stsbench.contracts.events import Warned
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.records import Shown
from stsbench.contracts.ref import unescape
from stsbench.errors import DataError, OptionError, PlanError, PluginError, StsbenchError, UnknownName
from stsbench.host import capabilities
from stsbench.host.bind import PROMPT_OPTIONS, TRAINED_ON
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved, blame
from stsbench.runner.grid import Pairing, pair_up, reading_dense, without_views
from stsbench.runner.keys import aggregate_key, part_key
from stsbench.runner.loading import Loaded, canonical, data_refs, limited, loaded_once, resolve_data
from stsbench.runner.plain import PlainEncoder
from stsbench.runner.prompting import RULE
from stsbench.runner.refused import (
    consented,
    refuse_idle,
    refuse_leak,
    refuse_namesakes,
    refuse_one_file,
    refuse_private,
    refuse_weights,
    unknown_hosts,
    unread,
)
from stsbench.runner.request import Request, Setup
from stsbench.runner.system import Job, NotRun, Plan, Planned, PlannedBenchmark, PlannedEncoder, System


def make_plan(
    registry: Registry,
    request: Request,
    setup: Setup | None = None,
    known: Iterable[tuple[str, Shown]] = (),
    loaded: Loaded | None = None,
) -> Plan:
    """Resolve and build everything, load the data, and find the cells whose keys are not `known` for what their benchmarks are shown as.

    Data that are `loaded` are not loaded again, and what is loaded is added to them.
    Raises UsageError for a request that cannot be met. A plugin that fails to build, or data that cannot be loaded, costs only
    its own cells, unless nothing is left to run: then its error is raised.
    """
    return _Planner(registry, setup or Setup(), {} if loaded is None else loaded, request.limit, frozenset(known)).plan(request)


def load_benchmarks(registry: Registry, benchmarks: Sequence[str], setup: Setup, loaded: Loaded) -> list[PlannedBenchmark]:
    """The benchmarks that references name, suites replaced by what they name, `loaded` unless they are; warns where data differ.

    Raises UsageError, DataError or PluginError for the first that cannot be.
    """
    planner = _Planner(registry, setup, loaded, None, frozenset())
    planned = planner.load_all(benchmarks)
    for warning in planner.warnings:
        setup.listen(Warned(warning))
    return planned


class _Planner:
    """Builds each component once while a plan is made; the plan itself is frozen."""

    def __init__(self, registry: Registry, setup: Setup, loaded: Loaded, limit: int | None, known: frozenset[tuple[str, Shown]]) -> None:
        self.registry, self.setup, self.loaded, self.limit, self.known = registry, setup, loaded, limit, known
        self.execution, self.objects = dict(setup.execution), 0
        self.failed: list[NotRun] = []
        self.left_out: list[NotRun] = []
        self.warnings: list[str] = []
        self.components: dict[tuple[str, str], Planned] = {}

    def plan(self, request: Request) -> Plan:
        resolved = self.resolve_benchmarks(request.benchmarks, self.failed)
        pairings, left_out = pair_up(self.registry, self.execution, request.choices)
        loaded = self.load(resolved)
        refuse_namesakes(loaded)
        systems: dict[str, tuple[PlannedEncoder, tuple[System, ...]]] = {}
        labels: dict[str, str] = {}
        for pairing in pairings:
            if built := self.systems_of(pairing):
                name = str(pairing.encoder.ref if isinstance(pairing.encoder, Resolved) else id(pairing.encoder))
                planned, known = systems.get(name, (built[0], ()))
                if label := pairing.choice.label:  # one that is given in any place holds in all
                    if labels.setdefault(name, label) != label:
                        raise PlanError(f"{planned.ref} is given two labels, {labels[name]!r} and {label!r}; give it one")
                    planned = replace(planned, label=label)
                systems[name] = planned, tuple(dict.fromkeys([*known, *built[1]]))  # one job an encoder, however often it is named
        self.warnings += filter(None, (_measured_otherwise(*built) for built in systems.values()))
        jobs = [self.job(*built, loaded) for built in systems.values()]
        refuse_idle(jobs, loaded)
        self.warnings += _apart(jobs)
        self.warnings += unknown_hosts(self.setup, jobs)
        refuse_one_file(jobs)
        for failure in [*self.failed] if not loaded or not jobs else []:
            assert failure.error is not None
            raise failure.error
        unread_cells = [NotRun(job.encoder.label, WHOLE, ref, reason) for job in jobs for ref, reason in job.unread.items()]
        if unread_cells and any(choice.required for choice in request.choices):
            raise PlanError(f"the board names an impossible system: {unread_cells[0].reason}")
        self.left_out += unread_cells
        left_out, warnings = (*left_out, *self.left_out), tuple(dict.fromkeys(self.warnings))
        return Plan(tuple(jobs), tuple(loaded), left_out, tuple(self.failed), warnings, self.limit)

    def resolve_benchmarks(self, texts: Sequence[str], failed: list[NotRun] | None = None) -> list[Resolved[Any]]:
        """Benchmarks in order, suites replaced by what they name, each once; one that cannot be built is added to `failed`, or raised."""
        named: dict[str, Resolved[Any]] = {}
        for text in texts:
            resolved = resolve_data(self.registry, text, self.execution)
            try:
                built = resolved.build()
            except PluginError as error:
                if failed is None:
                    raise
                failed.append(NotRun(WHOLE, WHOLE, resolved.label, str(error), error))
                continue
            try:
                members = (
                    self.resolve_benchmarks(self.registry.members(resolved, built), failed) if isinstance(built, Suite) else [resolved]
                )
            except UnknownName as error:
                raise UnknownName(f"suite {resolved.label!r} of {resolved.provider} cannot be had, since {error}") from error
            named.update({str(member.ref): member for member in members})
        if not named and not failed:
            raise PlanError("no benchmark was named; add one with -b, for example -b mini (`stsbench list benchmarks` shows all)")
        return list(named.values())

    def load(self, resolved: Sequence[Resolved[Any]]) -> list[PlannedBenchmark]:
        """The benchmarks that can be loaded; the others are noted as failed."""
        loaded = []
        for benchmark in resolved:
            try:
                loaded.append(self.load_one(benchmark))
            except StsbenchError as error:
                self.failed.append(NotRun(WHOLE, WHOLE, benchmark.label, str(error), error))
        return loaded

    def load_all(self, texts: Sequence[str]) -> list[PlannedBenchmark]:
        """The benchmarks that references name; raises the error of the first that cannot be built or loaded."""
        return [self.load_one(one) for one in self.resolve_benchmarks(texts)]

    def load_one(self, resolved: Resolved[Any]) -> PlannedBenchmark:
        """The benchmark, loaded once however many ask for it, and limited; that its data differ is warned of each time."""
        whole = loaded_once(resolved, self.loaded)
        planned = replace(whole, parts=tuple(limited(part, self.limit, whole.card.task) for part in whole.parts))
        if planned.differs:
            self.warnings.append(f"{planned.differs}; it is scored as {planned.name}")
        return planned

    def systems_of(self, pairing: Pairing) -> tuple[PlannedEncoder, tuple[System, ...]] | None:
        """The built encoder and its systems; None (and a failure) if it cannot be built."""
        try:
            planned = self.build_encoder(pairing.encoder, pairing.choice.label)
            if planned.scorer and isinstance(pairing.encoder, Resolved):
                return planned, (System("pair", None, (), self.build(pairing.encoder)),)
            return planned, self.systems(pairing, planned)
        except StsbenchError as error:
            if isinstance(error, OptionError | PlanError):
                raise
            self.failed.append(NotRun(pairing.encoder.label, WHOLE, WHOLE, str(error), error))
            return None

    def job(self, planned: PlannedEncoder, systems: tuple[System, ...], loaded: list[PlannedBenchmark]) -> Job:
        """The cells of an encoder's systems that are not known yet."""
        refuse_private(planned, systems, loaded, self.setup)
        without = unread(planned, systems, loaded)
        missing = []
        for benchmark in loaded:
            measured = () if benchmark.ref in without else systems
            for system in measured:
                refuse_leak(system, benchmark)
            missing.append(tuple(system for system in measured if not self.is_known(planned, system, benchmark)))
        return Job(planned, systems, tuple(missing), without)

    def build_encoder(self, encoder: Resolved[Any] | PlainEncoder, label: str) -> PlannedEncoder:
        if isinstance(encoder, PlainEncoder):
            self.objects += 1  # nothing but its place tells one object from another
            name = f"object:{dict(encoder.fingerprint.fields)['object']}" + (f"-{self.objects}" if self.objects > 1 else "")
            return PlannedEncoder(name, encoder, None, encoder.fingerprint.extended(place=self.objects))
        scorer = encoder.kind == "similarity"
        declared = [unescape(raw) for raw in data_refs(encoder).get(TRAINED_ON, ())]
        given, encoder = encoder, canonical(self.registry, encoder, self.execution)
        built = self.build(given).component if scorer else encoder.build()
        hosts = consented(encoder, built, self.setup)
        whole = _Planner(self.registry, self.setup, self.loaded, None, frozenset())  # whatever the limit of the run is
        refs = declared or capabilities.trained_on(built)
        trained = tuple(part for ref in refs for one in whole.load_all([ref]) for part in one.parts)
        self.warnings += whole.warnings
        if not scorer and (lacking := capabilities.lacking(built)):
            raise blame(encoder, "built", f"an encoder needs {' and '.join(lacking)}")
        prompts, by_task = (("", ""), None) if scorer else self.prompts(encoder, built)
        fingerprint, made_for = encoder.fingerprint(capabilities.fingerprint(built)), capabilities.made_for(built)
        return PlannedEncoder(label or encoder.label, built, encoder, fingerprint, prompts, scorer, trained, made_for, hosts, by_task)

    def prompts(self, resolved: Resolved[Any], encoder: Any) -> tuple[tuple[str, str], Mapping[str, str] | None]:
        """Left and right prompt: the system's choice, else those of an encoder's sides, else none; those of which benchmarks choose."""
        options = {key: unescape(raw) for key, raw in resolved.reserved.items() if key in PROMPT_OPTIONS}
        named, sides = capabilities.prompts(encoder), capabilities.sides(encoder)
        (left, left_own), (right, right_own) = sides or (("", ""), ("", ""))
        left, right = (f"<{side}>" if side else "" for side in (left, right))
        if "prompt_name" in options:
            if options["prompt_name"] not in named:
                known = ", ".join(sorted(named)) or "no prompts"
                raise OptionError(f"{resolved.label} has no prompt {options['prompt_name']!r}; its configuration holds {known}")
            return (left + named[options["prompt_name"]], right + named[options["prompt_name"]]), None
        if options.get("prompt") == RULE:
            by_task = capabilities.task_prompts(encoder)
            if by_task is None and not named:
                raise OptionError(
                    f"prompt={RULE} finds no prompt: neither mteb's registry, as far as it is known here, nor the configuration of "
                    f"{resolved.label} has any; leave it out, or write the prompt itself"
                )
            return (left, right), by_task or named  # where its registry names none, mteb takes those of the configuration
        if not options and not sides and any(named.values()):
            self.warnings.append(
                f"the configuration of {resolved.label} holds prompts ({', '.join(sorted(named))}) and none was chosen; "
                f"choose one with prompt_name=, what mteb would choose with prompt={RULE}, or none with prompt="
            )
        left += options.get("prompt_left", options.get("prompt", left_own))
        return (left, right + options.get("prompt_right", options.get("prompt", right_own))), None

    def systems(self, pairing: Pairing, planned: PlannedEncoder) -> tuple[System, ...]:
        chosen = pairing.choice.views
        sparse = capabilities.sparse_views(planned.encoder)
        available = {"vectors": (*planned.encoder.views, *sparse), "tokens": planned.encoder.token_views, "texts": ("pair",)}
        every = {view for views in available.values() for view in views}
        if unknown := [view for view in chosen if view not in every]:
            raise OptionError(f"{planned.label} has no view {unknown[0]!r}; it has {', '.join(sorted(every - {'pair'}))}")
        self.left_out += without_views(pairing, planned.label, available)
        systems = []
        for chain, resolved in pairing.possible:
            try:
                similarity, transforms = self.build(resolved), tuple(map(self.build, chain))
            except (PluginError, DataError) as error:  # costs the cells of this similarity only
                self.failed.append(NotRun(planned.label, resolved.label, WHOLE, str(error), error))
                continue
            needs = resolved.component.needs
            unread = sparse if reading_dense(chain, resolved) else ()
            views = [view for view in available[needs] if view not in unread and (needs == "texts" or not chosen or view in chosen)]
            systems += [System(view, similarity, transforms) for view in views]
        return tuple(systems)

    def build(self, resolved: Resolved[Any]) -> Planned:
        """A similarity or transform, built once a plan, with the parts that it is fitted on."""
        fits_on = [unescape(raw) for raw in data_refs(resolved).get("fit", ())]
        resolved = canonical(self.registry, resolved, self.execution)
        name = resolved.kind, str(resolved.ref)
        if name not in self.components:
            built = resolved.build()
            hosts = consented(resolved, built, self.setup)
            fingerprint = resolved.fingerprint(capabilities.fingerprint(built))
            fits = resolved.component.fits
            fit_on = resolved.reserved.get("fit", "self" if fits == "texts" else None)
            if fits == "pairs" and fit_on in (None, "self"):
                raise OptionError(
                    f"{resolved.kind} {resolved.component.name!r} is trained on pairs with gold scores, which fit= must name, "
                    "for example fit=STSBenchmark:train"
                )
            data = [one for ref in fits_on for one in self.load_all([ref])]
            refuse_weights(data)
            parts, cards = zip(*((part, one.card) for one in data for part in one.parts), strict=True) if data else ((), ())
            self.components[name] = Planned(resolved, built, fingerprint, fit_on, parts, cards, hosts)
        return self.components[name]

    def is_known(self, planned: PlannedEncoder, system: System, benchmark: PlannedBenchmark) -> bool:
        keys = [part_key(planned, system, benchmark, part) for part in benchmark.parts]
        wanted = {(key, benchmark.shown) for key in [*keys, aggregate_key(keys, benchmark.card.aggregation)]}
        return planned.reproducible and wanted <= self.known


def _measured_otherwise(planned: PlannedEncoder, systems: Sequence[System]) -> str | None:
    """What to say of a model that was trained for one similarity and is measured with others only."""
    made_for = planned.made_for
    names = [one.similarity.resolved.component.name for one in systems if one.similarity]
    if not made_for or made_for in names or not names:
        return None
    return f"{planned.label} was made for {made_for}, and is measured with {', '.join(dict.fromkeys(names))} only; add -s {made_for}"


def _apart(jobs: Sequence[Job]) -> list[str]:
    """What to say of encoders that several references name, each with views of its own: the model is loaded and run for each."""
    named = Counter((job.encoder.ref, job.encoder.label) for job in jobs if job.views)
    return [
        f"{label} runs {times} times, since {times} references name it with other views; one that joins their views with + runs it once"
        for (_, label), times in named.items()
        if times > 1
    ]
