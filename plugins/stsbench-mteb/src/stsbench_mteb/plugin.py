"""The hooks of this distribution. Importing it does not import mteb, which takes seconds."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Benchmark, Component, Encoder, Similarity, Suite, hookimpl


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `mteb-model`."""
    from stsbench_mteb.model import RegistryModel

    return [Component("mteb-model", RegistryModel, gives=frozenset({"vectors"}), numerics=1)]


@hookimpl
def stsbench_benchmarks() -> Iterable[Component[Benchmark | Suite]]:
    """The benchmark `mteb-task`."""
    from stsbench_mteb.task import TaskOfMteb

    return [Component("mteb-task", TaskOfMteb)]


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """The pair scorer `mteb-predictions`."""
    from stsbench_mteb.predictions import PredictionsOfMteb

    return [Component("mteb-predictions", PredictionsOfMteb, needs="texts", symmetric=False, numerics=1)]
