"""Sends the figures of a run to trackio or Weights & Biases, through the calls that both have: init, log, finish.

Nothing is sent unless `STSBENCH_TRACKER` names one of them; names and figures are, texts and gold never.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, Final

from stsbench.plugin import CellFinished, OptionError, RunFinished, RunStarted, hookimpl

TRACKERS: Final = ("trackio", "wandb")
CHOICE, PROJECT = "STSBENCH_TRACKER", "STSBENCH_TRACKER_PROJECT"


class Tracking:
    """An observer of one run at a time."""

    def __init__(self) -> None:
        self._tracker: Any = None

    @hookimpl
    def stsbench_run_started(self, event: RunStarted) -> None:
        """Open a run of the chosen tracker, if one is chosen."""
        if not (name := os.environ.get(CHOICE, "")):
            return
        if name not in TRACKERS:
            raise OptionError(f"{CHOICE} is {' or '.join(TRACKERS)}, not {name!r}")
        try:
            tracker = import_module(name)
        except ImportError as error:
            raise OptionError(f"{CHOICE} is {name}, which is not installed; install it with: pip install {name}") from error
        config = {"encoders": list(event.encoders), "benchmarks": list(event.benchmarks), "cells": event.cells}
        tracker.init(project=os.environ.get(PROJECT, "stsbench"), config=config)
        self._tracker = tracker

    @hookimpl
    def stsbench_cell_finished(self, event: CellFinished) -> None:
        """Log what the benchmark goes by, as `<benchmark>/<system>`; a cell without a figure is counted at the end."""
        if self._tracker is not None and event.figure is not None:
            self._tracker.log({f"{event.benchmark}/{system_of(event)}": event.figure})

    @hookimpl
    def stsbench_run_finished(self, event: RunFinished) -> None:
        """Log how many cells there were, by status, and close the run."""
        if (tracker := self._tracker) is not None:
            self._tracker = None
            tracker.log({"cells/ok": event.ok, "cells/undefined": event.undefined, "cells/failed": event.failed})
            tracker.finish()


def system_of(event: CellFinished) -> str:
    """A readable name of the system."""
    return " > ".join(filter(None, [event.encoder, event.view, *event.transforms, event.similarity]))


plugin = Tracking()
