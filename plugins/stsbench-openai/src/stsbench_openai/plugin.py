"""What this distribution offers."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl
from stsbench_openai.encoder import Hosted

STSBENCH_API = 1


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `openai`, which sends texts to a service."""
    return [Component("openai", Hosted, network=True)]
