"""Progress on stderr: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stsbench.cli.guard import debug
from stsbench.contracts.events import CellFinished, Encoding, Event, Warned

LINE_SECONDS = 10.0  # between progress lines where there is no terminal


@contextmanager
def watching(quiet: bool = False) -> Iterator[Callable[[Event], None]]:
    """A listener for a run's events; warnings are shown even when quiet."""
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
        self.cells = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Warned):
            sys.stderr.write(f"warning: {event.message}\n")
        elif self.quiet:
            return
        elif isinstance(event, Encoding):
            now = time.monotonic()
            if event.done == 0:
                self.started = self.said = now
                stored = f", {event.stored} more are stored" if event.stored else ""
                sys.stderr.write(f"{event.encoder}: encoding {event.total} unique texts{stored}\n")
            elif event.done == event.total or now - self.said >= LINE_SECONDS:
                self.said = now
                rate = event.done / max(now - self.started, 1e-9)
                left = (
                    f", {(event.total - event.done) / rate:.0f} s left" if event.done < event.total else f" in {now - self.started:.1f} s"
                )
                sys.stderr.write(f"{event.encoder}: {event.done} of {event.total} texts, {rate:.0f}/s{left}\n")
        elif isinstance(event, CellFinished) and event.status == "failed":
            sys.stderr.write(f"failed: {_cell(event)}: {event.reason}\n")
            _trace(event)


def _trace(event: CellFinished) -> None:
    """Where it failed, under `--debug`: what the author of a plugin needs."""
    if debug.get() and event.error is not None:
        traceback.print_exception(event.error)


def _cell(event: CellFinished) -> str:
    return f"{event.encoder} / {event.view} / {event.similarity or 'pair scorer'} on {event.benchmark}"


@contextmanager
def _bars() -> Iterator[Callable[[Event], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def listen(event: Event) -> None:
            if isinstance(event, Encoding):
                if event.done == 0:
                    tasks[event.encoder] = progress.add_task(event.encoder, total=event.total, rate="")
                task = progress.tasks[tasks[event.encoder]]
                progress.update(task.id, completed=event.done, rate=f"{task.speed:.0f} texts/s" if task.speed else "")
            elif isinstance(event, Warned):
                progress.console.print(f"warning: {event.message}", style="yellow", markup=False, highlight=False)
            elif isinstance(event, CellFinished) and event.status == "failed":
                progress.console.print(f"failed: {_cell(event)}: {event.reason}", style="red", markup=False, highlight=False)
                _trace(event)

        yield listen
