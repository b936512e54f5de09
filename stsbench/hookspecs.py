"""The hooks of stsbench. A plugin marks its implementations with `stsbench.plugin.hookimpl`.

Hooks for components return values; observers are told one frozen event and return nothing. None is called on the hot path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from stsbench.contracts.events import CellFinished, RunFinished, RunStarted
    from stsbench.contracts.work import Executor

    from .contracts.components.component import Component
    from .contracts.components.protocols import Benchmark, Encoder, Evaluator, Similarity, Suite, Transform, Writer

PROJECT = "stsbench"  # pluggy project and entry-point group
API_VERSION = 1  # of the plugin surface; it rises when something is removed
DECLARED = "STSBENCH_API"  # the name in a plugin's module under which it says for which version it was made

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def stsbench_encoders() -> Iterable[Component[Encoder]]:  # type: ignore[empty-body]
    """Encoders that this plugin offers."""


@hookspec
def stsbench_transforms() -> Iterable[Component[Transform]]:  # type: ignore[empty-body]
    """Transforms of sentence vectors that this plugin offers; scikit-learn transformers are such."""


@hookspec
def stsbench_similarities() -> Iterable[Component[Similarity]]:  # type: ignore[empty-body]
    """Similarities and pair scorers (`needs="texts"`) that this plugin offers."""


@hookspec
def stsbench_benchmarks() -> Iterable[Component[Benchmark | Suite]]:  # type: ignore[empty-body]
    """Benchmarks, and suites of benchmark references, that this plugin offers."""


@hookspec
def stsbench_writers() -> Iterable[Component[Writer]]:  # type: ignore[empty-body]
    """Writers that render a leaderboard as files."""


@hookspec
def stsbench_executors() -> Iterable[Component[Executor]]:  # type: ignore[empty-body]
    """Executors, which give the workers that run encoders."""


@hookspec
def stsbench_evaluators() -> Iterable[Component[Evaluator]]:  # type: ignore[empty-body]
    """Evaluators, which let a training library measure the model that it trains."""


@hookspec
def stsbench_run_started(event: RunStarted) -> None:
    """A run is about to compute cells. Called once, before any model is loaded, and not at all where nothing is missing."""


@hookspec
def stsbench_cell_finished(event: CellFinished) -> None:
    """A system has been scored on a benchmark."""


@hookspec
def stsbench_run_finished(event: RunFinished) -> None:
    """The run is over, also where it was interrupted or failed. Called once after `stsbench_run_started`."""
