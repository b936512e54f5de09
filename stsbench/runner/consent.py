"""Texts leave the machine only to a host that the user has named for it, and private ones only where that was said besides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stsbench.contracts.models.services import as_hosts
from stsbench.errors import PlanError, UsageError
from stsbench.host import capabilities
from stsbench.host.resolved import Resolved, blame
from stsbench.host.suggest import did_you_mean
from stsbench.runner.request import Setup
from stsbench.runner.system import Job, PlannedBenchmark, PlannedEncoder, System


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
