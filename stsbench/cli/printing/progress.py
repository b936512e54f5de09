"""Progress on stderr: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stsbench.cli.printing.layout import tell
from stsbench.cli.printing.logs import debug, is_shown
from stsbench.cli.printing.naming import shown
from stsbench.cli.printing.streams import drawing
from stsbench.contracts.events import CellFinished, Encoding, Event, Recomputing, Resampling, Spread, Warned
from stsbench.contracts.wording import counted

LINE_SECONDS = 10.0  # between progress lines where there is no terminal


@contextmanager
def watching(quiet: bool = False) -> Iterator[Callable[[Event], None]]:
    """A listener for a run's events; warnings and failures are told even when quiet, and at once, since a run may be interrupted."""
    quiet = quiet or is_shown()
    fancy = not quiet and sys.stderr.isatty() and "CI" not in os.environ
    if fancy:
        with _bars() as listen:
            yield listen
    else:
        yield _Lines(quiet)


class _Lines:
    """Plain lines, at most one every few seconds for one encoder."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.started = self.said = time.monotonic()
        self.begun: dict[str, float] = {}  # by what is encoded: beside all that workers are at, there may be an encoder
        self.first = self.last = 0  # resamples done when they were first told of, and when they were last

    def __call__(self, event: Event) -> None:
        if self.quiet and not isinstance(event, Warned | CellFinished):
            return
        now = time.monotonic()
        if isinstance(event, Encoding):
            self._encoding(event, now)
        elif isinstance(event, Spread):
            self._encoding(Encoding(event.what, event.done, event.total, event.stored, event.items), now, _by_machine(event))
        elif isinstance(event, Resampling):
            self._resampling(event, now)
        elif said := _line(event):
            tell(said)
            _trace(event)

    def _encoding(self, event: Encoding, now: float, by_machine: str = "") -> None:
        if event.done == 0:
            self.begun[event.encoder] = self.said = now
            stored = f", {event.stored:,} more are stored" if event.stored else ""
            tell(f"{event.encoder}: encoding {event.total:,} unique {event.items}{stored}")
        elif event.done == event.total or now - self.said >= LINE_SECONDS:
            self.said = now
            took = now - self.begun.get(event.encoder, self.started)
            rate = event.done / max(took, 1e-9)
            left = f", {(event.total - event.done) / rate:.0f} s left" if event.done < event.total else f" in {took:.1f} s"
            tell(f"{event.encoder}: {event.done:,} of {event.total:,} {event.items}, {rate:,.0f}/s{left}{by_machine}")

    def _resampling(self, event: Resampling, now: float) -> None:
        """Nothing where it is over soon."""
        if event.done <= self.last or not self.last:  # others than before
            self.started, self.said, self.first = now, now, event.done
        elif now - self.said >= LINE_SECONDS and event.done < event.total:
            self.said = now
            rate = (event.done - self.first) / (now - self.started)
            tell(f"resampling: {event.done:,} of {event.total:,}, {rate:,.0f}/s, {(event.total - event.done) / rate:.0f} s left")
        self.last = event.done


def _by_machine(event: Spread) -> str:
    """The texts a second of each machine."""
    rates = ", ".join(f"{node} {rate:.0f}/s" for node, rate in sorted(event.rates.items()))
    return f" ({rates})" if rates else ""


def _line(event: Event) -> str | None:
    """What is said of an event that is no progress."""
    if isinstance(event, Warned):
        return f"warning: {event.message}"
    if isinstance(event, Recomputing):
        size = f"{counted(event.systems, 'system')} x {counted(event.benchmarks, 'benchmark')}"
        return f"recomputing statistics of {event.board} ({size})"
    if isinstance(event, CellFinished) and event.status == "failed":
        return f"failed: {event.system} on {event.benchmark}: {event.reason}"
    return None


def _trace(event: Event) -> None:
    """Where it failed, under `--debug`: what the author of a plugin needs."""
    if debug.get() and isinstance(event, CellFinished) and event.error is not None:
        traceback.print_exception(event.error)


@contextmanager
def _bars() -> Iterator[Callable[[Event], None]]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=drawing(sys.stderr)), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(name: str, done: int, total: int, unit: str) -> None:
            if name not in tasks:
                most = progress.console.width // 3  # the end of a name tells it from others, and numbers stand whole beside it
                called = shown(name)
                tasks[name] = progress.add_task(escape(called if len(called) <= most else f"…{called[1 - most :]}"), total=total, rate="")
            task = progress.tasks[tasks[name]]
            progress.update(task.id, completed=done, total=total, rate=f"{task.speed:.0f}{unit}/s" if task.speed else "")

        def listen(event: Event) -> None:
            if isinstance(event, Encoding):
                if event.done == 0:
                    tasks.pop(event.encoder, None)
                advance(event.encoder, event.done, event.total, f" {event.items}")
            elif isinstance(event, Spread):
                advance(event.what, event.done, event.total, f" {event.items}{_by_machine(event)}")
            elif isinstance(event, Resampling):
                advance("resampling", event.done, event.total, "")
            elif said := _line(event):
                style = {Warned: "yellow", CellFinished: "red"}.get(type(event))
                progress.console.print(shown(said), style=style, markup=False, highlight=False)
                _trace(event)

        yield listen
