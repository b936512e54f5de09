"""Telling plugins what a run does; one that fails is told no more, and costs the run nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from stsbench.contracts.events import CellFinished, RunFinished, RunStarted
from stsbench.errors import StsbenchError
from stsbench.host.calling import calling, describe
from stsbench.host.discovery import LoadedPlugin

OBSERVERS: Final[dict[type, str]] = {
    RunStarted: "stsbench_run_started",
    CellFinished: "stsbench_cell_finished",
    RunFinished: "stsbench_run_finished",
}


def observes(loaded: LoadedPlugin) -> bool:
    """Whether a plugin is told of what a run does."""
    return any(getattr(loaded.manager.hook, hook).get_hookimpls() for hook in OBSERVERS.values())


class Observers:
    """The plugins that watch one run."""

    def __init__(self, plugins: Sequence[LoadedPlugin], warn: Callable[[str], None]) -> None:
        self._plugins = [one for one in plugins if observes(one)]
        self._warn = warn

    def tell(self, event: Any) -> None:
        """Hand a run's event to every plugin that still watches; other events are nobody's."""
        if (hook := OBSERVERS.get(type(event))) is None:
            return
        for loaded in list(self._plugins):
            try:
                with calling():
                    getattr(loaded.manager.hook, hook)(event=event)
            except StsbenchError as error:
                self._plugins.remove(loaded)
                self._warn(f"{loaded.provider} failed while it was told of {hook}, and is told no more: {describe(error)}")
