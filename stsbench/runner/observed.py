"""A run as the log and its observers see it. The log is one logger of the standard `logging`; it holds names and counts, never a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stsbench.contracts.events import CellFinished, Encoding, Event, Recomputing, RunFinished, RunStarted, Warned
from stsbench.contracts.wording import counted
from stsbench.host.discovery import LOG, LoadedPlugin, Observers
from stsbench.runner.request import Listener, unheard
from stsbench.runner.system import Plan


def logged(listen: Listener) -> Listener:
    """The same listener, of which the log holds what it is told; a warning only if nobody else is told it."""

    def heard(event: Event) -> None:
        match event:
            case Encoding(encoder, done, total, stored, items) if done in (0, total):
                there, new = (counted(number, items.removesuffix("s")) for number in (stored, total))
                LOG.info("%s: %s", encoder, f"{done} of {total} {items} encoded" if done else f"{there} in the store, {new} to encode")
            case CellFinished():
                LOG.info("%s on %s: %s", event.system, event.benchmark, event.status if event.figure is None else f"{event.figure:z.6f}")
            case Recomputing(board):
                LOG.info("%s: statistics are recomputed", board)
            case Warned(message) if listen is unheard:
                LOG.warning("%s", message)
        listen(event)

    return heard


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
