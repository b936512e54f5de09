"""An observer: what a run does, as lines of JSON in the file that STSBENCH_JOURNAL names. Without that it does nothing."""

from __future__ import annotations

import json
import os
from logging import getLogger
from pathlib import Path

from stsbench.plugin import CellFinished, RunFinished, RunStarted, hookimpl

log = getLogger("stsbench.journal")  # stsbench.NAME: `--verbose` and STSBENCH_LOG show it


def note(**facts: object) -> None:
    """Append a line to the journal, if there is one."""
    if path := os.environ.get("STSBENCH_JOURNAL"):
        with Path(path).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(facts) + "\n")


@hookimpl
def stsbench_run_started(event: RunStarted) -> None:
    """Before any model is loaded; not called where nothing is missing."""
    log.info("%d cells are about to be computed", event.cells)
    note(event="started", encoders=event.encoders, benchmarks=event.benchmarks, cells=event.cells)


@hookimpl
def stsbench_cell_finished(event: CellFinished) -> None:
    """A system was scored on a benchmark. `figure` is None unless the status is ok, and `reason` says why."""
    system = [event.encoder, event.view, *event.transforms, event.similarity]
    note(event="finished", system=system, benchmark=event.benchmark, status=event.status, figure=event.figure, reason=event.reason)


@hookimpl
def stsbench_run_finished(event: RunFinished) -> None:
    """The run is over, also where it was interrupted or failed."""
    note(event="over", ok=event.ok, undefined=event.undefined, failed=event.failed)
