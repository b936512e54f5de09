"""The hooks of this distribution."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Benchmark, Component, Encoder, Suite, hookimpl
from stsbench_vision.colours import ColourMean, Thumbnail
from stsbench_vision.models import VisionModel
from stsbench_vision.visual import Visual


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoders `vision`, `colour-mean` and `thumbnail`."""
    return [
        Component("vision", VisionModel, reads=frozenset({"image"})),
        Component("colour-mean", ColourMean, reads=frozenset({"image"})),
        Component("thumbnail", Thumbnail, reads=frozenset({"image"})),
    ]


@hookimpl
def stsbench_benchmarks() -> Iterable[Component[Benchmark | Suite]]:
    """The benchmark `visual`."""
    return [Component("visual", Visual)]
