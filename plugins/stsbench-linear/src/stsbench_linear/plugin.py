"""The hooks of this distribution."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl
from stsbench_linear.encoder import LinearEncoder
from stsbench_linear.items import CountsEncoder


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoders `linear` of texts and `counts` of items and users."""
    return [Component("linear", LinearEncoder, numerics=2), Component("counts", CountsEncoder)]
