"""The hooks of this distribution. Importing it imports neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `bert`."""
    from stsbench_transformers.encoder import Bert

    return [Component("bert", Bert, gives=frozenset({"vectors", "tokens"}), numerics=2)]
