"""The hooks of this distribution."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl
from stsbench_linear.encoder import LinearEncoder


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `linear`."""
    return [Component("linear", LinearEncoder)]
