"""What is refused in a sentence: what cannot be scored as it is, and texts that would leave the machine for a host that nobody named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

from stsbench.contracts.data import Part
from stsbench.contracts.models.services import as_hosts
from stsbench.errors import DataError, PlanError, PluginError, StsbenchError, UsageError
from stsbench.host import capabilities
from stsbench.host.resolved import Resolved, blame
from stsbench.host.suggest import did_you_mean
from stsbench.runner.request import Setup
from stsbench.runner.system import Job, Planned, PlannedBenchmark, PlannedEncoder, System
from stsbench.stores.records import slug


def refuse_weights(benchmarks: Iterable[PlannedBenchmark]) -> None:
    """Raises DataError for a benchmark that weighs its pairs, where that would be passed over."""
    for benchmark in benchmarks:
        if any(part.pairs.weights is not None for part in benchmark.parts):
            raise DataError(
                f"{benchmark.name} weighs its pairs, which runs, comparisons and boards take into account and this does not; "
                "leave the weights out to count all pairs alike"
            )


def unread(encoder: PlannedEncoder, systems: Iterable[System], benchmarks: Sequence[PlannedBenchmark]) -> dict[str, str]:
    """The benchmarks, by reference, of which the encoder or pair scorer does not read what their pairs are made of, with that in words.

    Raises PlanError where it reads none of them, or not what one of its systems is fitted on.
    """
    reads: Set[str] = encoder.resolved.component.reads if encoder.resolved else {"text"}
    if (narrowed := capabilities.reads(encoder.encoder)) is not None:
        reads &= narrowed
    able = " and ".join("images" if kind == "image" else kind for kind in sorted(reads))

    def lacking(name: str, parts: Iterable[Part]) -> str | None:
        others = sorted(frozenset[str]().union(*(part.pairs.reads for part in parts)) - reads)
        return f"{encoder.label} reads {able} only, and {name} holds {others[0]}s" if others else None

    fits = (lacking(str(one.fit_on), one.fit_parts) for system in systems for one in system.components)
    said = {one.ref: reason for one in benchmarks if (reason := lacking(one.name, one.parts))}
    none = said.values() if len(said) == len(benchmarks) else ()
    for reason in (*filter(None, fits), *none):
        raise PlanError(f"{reason}; leave out either")
    return said


def refuse_idle(jobs: Sequence[Job], benchmarks: Iterable[PlannedBenchmark]) -> None:
    """Raises PlanError for a benchmark that none of the encoders reads."""
    for benchmark in benchmarks if jobs else ():
        if all(benchmark.ref in job.unread for job in jobs):
            reasons = " and ".join(job.unread[benchmark.ref] for job in jobs)
            raise PlanError(f"{benchmark.name} ends up in no system: {reasons}; leave it out, or name an encoder that reads it")


def refuse_namesakes(benchmarks: Iterable[PlannedBenchmark]) -> None:
    """Raises PlanError for two benchmarks of one name and protocol, by which columns, kept results and comparisons tell them apart."""
    named: dict[tuple[str, str], str] = {}
    for benchmark in benchmarks:
        if named.setdefault((benchmark.name, benchmark.card.protocol), benchmark.ref) != benchmark.ref:
            raise PlanError(f"two benchmarks are called {benchmark.name}; give each a name of its own with name=, or run them apart")


def refuse_one_file(jobs: Sequence[Job]) -> None:
    """Raises PlanError for two labels whose records would have one file."""
    labels: dict[tuple[str, str], str] = {}
    for job in jobs:
        label = job.encoder.label
        if (other := labels.setdefault((slug(label).casefold(), job.encoder.recorded.hex[:8]), label)) != label:
            raise PlanError(f"the labels {other!r} and {label!r} would share files; let them differ in letters or digits")


def shared_pairs(fit: Iterable[Part], measured: Iterable[Part]) -> int:
    """How many of the measured pairs are among those of the fit, whatever their order, case, punctuation and spacing."""
    seen = {key for part in fit for key in part.pairs.keys}
    return sum(key in seen for part in measured for key in part.pairs.keys) if seen else 0  # keys of millions are not made for nothing


def leaks(component: Planned, parts: Iterable[Part]) -> int:
    """How many of these pairs a supervised component was trained on; 0 for one that is not supervised."""
    return shared_pairs(component.fit_parts, parts) if component.supervised else 0


def refuse_leak(system: System, benchmark: PlannedBenchmark) -> None:
    """Raises PlanError where any component was trained on pairs of the benchmark, unless its option `leak` allows it."""
    for component in system.components:
        if component.resolved.reserved.get("leak") != "true" and (shared := leaks(component, benchmark.parts)):
            raise PlanError(
                f"{component.resolved.label} is trained on {shared} of the pairs of {benchmark.name}; choose other training data with "
                "fit=, leave the benchmark out, or add leak=true to score it all the same, flagged as leaked"
            )


def told(error: StsbenchError, private: bool) -> StsbenchError:
    """The error as it may be shown and recorded; one that quotes a plugin's message is replaced in a private run."""
    return PluginError(error.discreet) if private and isinstance(error, PluginError) else error


@contextmanager
def discreet(private: bool) -> Iterator[None]:
    """Errors as they may be shown, also under `--debug`, which shows what an error was raised from."""
    try:
        yield
    except StsbenchError as error:
        if (shown := told(error, private)) is error:
            raise
        raise shown from None


def consented(resolved: Resolved[Any], built: object, setup: Setup) -> tuple[str, ...]:
    """The hosts that a component sends texts to. Raises PlanError for one that was not named, PluginError where it hides them."""
    hosts = capabilities.hosts(built)
    if resolved.component.network and not hosts:
        raise blame(resolved, "built", "it sends texts over the network, and names no host in `hosts`")
    try:
        known = sorted(as_hosts(hosts))
    except UsageError as error:
        raise blame(resolved, "built", f"of its hosts, {error}") from error
    name = resolved.component.name
    for host in known:
        if host not in setup.allow_network:
            raise PlanError(
                f"{resolved.kind} {name!r} sends texts to {host}; if that is meant, add --allow-network {host} "
                f"(in Python allow_network=[{host!r}])"
            )
    if known and setup.purse.limit is not None and ((cost := capabilities.cost(built)) is None or cost.price is None):
        known_by = "the component does not tell what it costs" if cost is None else "give its price=, in dollars a million tokens"
        raise PlanError(f"the price of {resolved.label} is not known, so that --max-cost cannot be kept; {known_by}")
    return tuple(known)


def refuse_private(encoder: PlannedEncoder, systems: Sequence[System], benchmarks: Iterable[PlannedBenchmark], setup: Setup) -> None:
    """Raises PlanError where private texts would reach a host that was not named for them."""
    private = [f"{benchmark.name} is" for benchmark in benchmarks if benchmark.card.private]
    private += ["the data of fit= are" for system in systems if any(one.private for one in system.components)]
    for host in sorted(_hosts(encoder, systems) - setup.send_private if private else ()):
        raise PlanError(
            f"{private[0]} private, and its texts would be sent to {host}; if that is meant, add --send-private {host} "
            f"(in Python send_private=[{host!r}]), or leave either out"
        )


def unknown_hosts(setup: Setup, jobs: Sequence[Job]) -> list[str]:
    """What to say of each host that is named and that nothing in the plan sends texts to."""
    address = None if setup.executor is None else setup.executor.address
    known = as_hosts([] if address is None else [address]).union(*(_hosts(job.encoder, job.systems) for job in jobs))
    return [
        f"{host} is allowed to be sent texts, and nothing here sends any there" + (f": {did_you_mean(host, known)}" if known else "")
        for host in sorted((setup.allow_network | setup.send_private) - known)
    ]


def _hosts(encoder: PlannedEncoder, systems: Sequence[System]) -> frozenset[str]:
    return frozenset(encoder.hosts).union(*(one.hosts for system in systems for one in system.components))
