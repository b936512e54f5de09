"""Evaluating encoders and similarities on benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from platform import platform, python_version
from typing import Any

from stsbench.api.report import Entry, Report
from stsbench.api.session import Listener, Session
from stsbench.builtin.benchmarks.given import as_benchmarks
from stsbench.contracts.defaults import BENCHMARK, SIMILARITY
from stsbench.contracts.events import CellFinished, Event, RunFinished, RunStarted, Warned
from stsbench.contracts.records import Record, RecordFile
from stsbench.contracts.wording import counted
from stsbench.errors import StsbenchError, UsageError
from stsbench.evidence.known import Known, contradicted_wholes, installed, known_records, with_missing
from stsbench.host import capabilities
from stsbench.host.calling import describe
from stsbench.host.closure import libraries_beneath
from stsbench.host.given import Given, offering
from stsbench.host.observing import Observers
from stsbench.host.provider import code_digest
from stsbench.host.registry import Registry
from stsbench.runner.request import Request, Setup
from stsbench.runner.run import Finished, run
from stsbench.runner.system import Choice, Job, Plan, PlannedBenchmark
from stsbench.runner.vectors import cache_folder
from stsbench.stores.agreement import Disagreement
from stsbench.stores.locking import require_usable
from stsbench.stores.merge import merge
from stsbench.stores.results import ResultsFolder

TOLERANCE = 2e-5


@dataclass(frozen=True)
class Keep:
    """Where results are kept and how a cell that is computed anew is compared; `evidence` says whose scores are kept (default: all)."""

    folder: ResultsFolder
    tolerance: float = TOLERANCE
    accept: bool = False
    fresh: bool = False
    evidence: Callable[[Record, RecordFile], bool] = lambda _record, _file: True


def evaluate(
    encoders: Sequence[Any] | str,
    similarities: Sequence[str] | str = (SIMILARITY,),
    benchmarks: Any = (BENCHMARK,),
    *,
    transforms: Sequence[str] | str = (),
    mirror: str | Path | None = None,
    results: str | Path | None = None,
    limit: int | None = None,
    fresh: bool = False,
    accept: bool = False,
    strict: bool = False,
    cache: str | Path | bool = True,
    execution: Mapping[str, object] | None = None,
    memory: int | None = None,
    allow_network: Sequence[str] = (),
    listen: Listener = lambda _: None,
    registry: Registry | None = None,
) -> Report:
    """Score every possible system of encoders x transforms x similarities on the benchmarks, and report one row a cell.

    `encoders` are references (`"wordllama"`, `"bert:./model,pooling=cls+mean"`) or objects with `encode(list[str]) -> array`, whose results
    are kept where `stsbench.named` gives them a name and a version. `benchmarks` are references, or pairs as `stsbench.pairs` takes them.
    `transforms` are chains such as `"centre//whiten,k=64"`, each an alternative; `"none"` is the vectors as they are, the default.
    With `results`, records are kept in that folder and cells found there are not computed again (`fresh` computes them and
    compares; `accept` replaces what disagrees). `limit` takes that many pairs of each part and keeps nothing. Vectors of named
    encoders, but those that compute as fast as a file is read, are kept in the folder `cache` (True: `STSBENCH_CACHE_DIR`, or the user's
    cache folder; False: nowhere) and read from there, but not by a `fresh` run. `execution` holds execution options by name (`device`,
    `batch_size`...) for all components that have them; `memory` is how many bytes token vectors may take at a time (default: a quarter of
    what is free). Components that send texts over the network run only if `allow_network` names them.
    Raises UsageError, PluginError, DataError or StoreError where nothing could be run; a failed cell is a row with a reason.
    """
    if limit is not None and results is not None:
        raise UsageError("a limited run is for trying out and keeps no record; leave out either the limit or the results folder")
    if results is None and (fresh or accept):
        raise UsageError("fresh and accept are about kept results; name their folder (--results, or results=), or leave them out")
    if limit is not None and limit < 1:
        raise UsageError(f"the limit is a number of pairs of at least 1, not {limit}")
    registry = registry or Registry.installed()
    if strict:
        registry.require_sound("encoder", "transform", "similarity", "benchmark")
    named, data = list(encoders) if isinstance(encoders, list | tuple) else [encoders], as_benchmarks(benchmarks)
    registry = offering(registry, [one for one in (*named, *data) if isinstance(one, Given)])
    chosen = [
        Choice(str(encoder) if isinstance(encoder, Given) else encoder, _strings(similarities), transforms=_strings(transforms))
        for encoder in named
    ]
    if not chosen:
        raise UsageError("no encoder was named; `stsbench list encoders` shows those installed")
    keep = Keep(ResultsFolder(Path(results)), fresh=fresh, accept=accept) if results is not None else None
    setup = Setup({"mirror": _text(mirror), **(execution or {})}, frozenset(allow_network), cache_folder(cache), memory, listen)
    return execute(registry, Request(tuple(chosen), tuple(map(str, data)), limit), setup, keep)


def prepare(session: Session, request: Request, keep: Keep | None) -> tuple[Plan, Known]:
    """The plan, and the records that need not be computed again."""
    if keep is None or keep.fresh:
        return session.plan_of_what_can_run(request), {}
    plugins = session.registry.plugins
    known, said = known_records(keep.folder, code_digest(loaded.provider for loaded in plugins), keep.evidence)
    plan = session.plan_of_what_can_run(request, known)
    if wrong := contradicted_wholes(keep.folder, plan, known):
        said.append(f"{counted(len(wrong), 'cell')} kept with other figures than the kept scores give; computed anew")
        plan = with_missing(plan, wrong)
    if unnamed := [job.encoder.label for job in plan.jobs if not job.encoder.reproducible]:
        said.append(f"results of {', '.join(unnamed)} are not kept; stsbench.named(model, 'name', version='1') lets them be")
    for one in said:
        session.warn(one)
    return replace(plan, warnings=(*plan.warnings, *said)), known


def execute(registry: Registry, request: Request, setup: Setup, keep: Keep | None) -> Report:
    """Plan, run and keep; what was finished stays kept whatever happens later."""
    if keep is not None:
        require_usable(keep.folder.root)  # said now, not after an hour of encoding
    session, listen = Session(registry, setup), setup.listen
    plan, known = prepare(session, request, keep)
    code = code_digest(loaded.provider for loaded in registry.plugins)
    before = {(record.key, file.benchmark.shown) for file in keep.folder.files for record in file.records} - known.keys() if keep else set()
    entries: list[Entry] = []
    disagreements: list[Disagreement] = []
    computed: dict[tuple[int, int], RecordFile] = {}
    store = Session(registry, replace(setup, cache=None)).store() if keep is not None and keep.fresh else session.store()
    with observed(registry, plan, listen) as watched:
        for finished in run(plan, watched, store, setup.memory):
            if keep is not None and finished.job.encoder.reproducible:
                disagreements += _keep(keep, finished, code)
            computed[id(finished.job), id(finished.benchmark)] = finished.file
    for job in plan.jobs:
        for benchmark in plan.benchmarks:
            entries += _entries(job, benchmark, computed.get((id(job), id(benchmark))), known)
    compared = sum(entry.record.is_whole and (entry.record.key, entry.benchmark.shown) in before for entry in entries)
    notes = {benchmark.ref: benchmark.notes for benchmark in plan.benchmarks if benchmark.notes}
    return Report(tuple(entries), plan.failed, plan.left_out, plan.warnings, tuple(disagreements), compared, notes)


@contextmanager
def observed(registry: Registry, plan: Plan, listen: Listener) -> Iterator[Listener]:
    """A listener that tells the installed observers too; they hear of the start, every finished cell, and the end."""
    observers = Observers(registry.plugins, lambda message: listen(Warned(message)))
    counts = dict.fromkeys(("ok", "undefined", "failed"), 0)

    def watched(event: Event) -> None:
        listen(event)
        observers.tell(event)
        if isinstance(event, CellFinished):
            counts[event.status] += 1

    if not plan.cells():
        yield watched
        return
    encoders = tuple(job.encoder.label for job in plan.jobs if any(job.missing))
    observers.tell(RunStarted(encoders, tuple(one.name for one in plan.benchmarks), plan.cells()))
    try:
        yield watched
    finally:
        observers.tell(RunFinished(**counts))


def _keep(keep: Keep, finished: Finished, code: str) -> tuple[Disagreement, ...]:
    records = {record.cell: record for record in finished.file.records}
    scores = {cell: values for cell, values in finished.scores.items() if keep.evidence(records[cell], finished.file)}
    file = finished.file.model_copy(update={"provenance": provenance(finished, code)})
    return merge(keep.folder, file, scores, tolerance=keep.tolerance, accept=keep.accept, rests=finished.basis)


def provenance(finished: Finished, code: str) -> dict[str, str]:
    """Clock, platform and versions: what describes a run but must not be part of a result."""
    resolved = [finished.job.encoder.resolved, *(one.resolved for system in finished.job.systems for one in system.components)]
    providers = [one.provider for one in resolved if one]
    libraries = {name for one in providers for name in libraries_beneath(one, [one])}
    distributions = {"stsbench", "numpy", "scipy", *(one.distribution for one in providers), *libraries}
    facts = {f"version.{name}": found for name in sorted(distributions) if (found := installed(name))}
    try:
        encoder = finished.job.encoder.encoder
        facts |= capabilities.provenance(encoder)
        facts |= card.facts() if (card := capabilities.model_card(encoder)) else {}
        facts |= {f"decided.{name}": value for name, value in capabilities.decided(encoder).items()}
        facts |= {"card.made_for": made_for} if (made_for := capabilities.made_for(encoder)) else {}
    except StsbenchError as error:  # what an encoder cannot say of itself costs no figure
        facts["encoder"] = f"gave no provenance ({describe(error).partition(':')[0]})"
    facts |= finished.measured
    if "device" in facts and "measured.texts_per_second" in facts:
        facts["measured.device"] = facts["device"]
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return {**facts, "version.python": python_version(), "platform": platform(terse=True), "date": when, **({"code": code} if code else {})}


def _entries(job: Job, benchmark: PlannedBenchmark, file: RecordFile | None, known: Known) -> Iterable[Entry]:
    """The records of a job on a benchmark, computed or known, part by part in the order of its systems."""
    from stsbench.runner.keys import aggregate_key, part_key

    found = {record.key: (record, file) for record in file.records} if file else {}
    for system in job.systems:
        keys = [part_key(job.encoder, system, benchmark, part) for part in benchmark.parts]
        for key in [*keys, aggregate_key(keys, benchmark.card.aggregation)]:
            record, of = found.get(key) or known[key, benchmark.shown]
            encoder = of.encoder.model_copy(update={"ref": job.encoder.ref, "label": job.encoder.label})  # as it is called now
            yield Entry(encoder, of.benchmark, record)


def _strings(value: Sequence[str] | str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _text(path: str | Path | None) -> str | None:
    return None if path is None else str(path)
