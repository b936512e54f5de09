"""The hooks of this distribution."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl
from stsbench_vision.colours import ColourMean


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `colour-mean`."""
    return [Component("colour-mean", ColourMean, reads=frozenset({"image"}))]
