"""A run as its observers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stsbench.contracts.events import CellFinished, Event, RunFinished, RunStarted, Warned
from stsbench.host.discovery import LoadedPlugin, Observers
from stsbench.runner.system import Plan


@contextmanager
def observed(plugins: Sequence[LoadedPlugin], plan: Plan, listen: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """A listener that tells the plugins that observe runs too; they hear of the start, every finished cell, and the end."""
    observers = Observers(plugins, lambda message: listen(Warned(message)))
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
