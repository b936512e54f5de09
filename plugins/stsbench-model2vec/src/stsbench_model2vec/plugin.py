"""The hooks of this distribution. Importing it does not import model2vec."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `model2vec`."""
    from stsbench_model2vec.encoder import StaticEncoder

    return [Component("model2vec", StaticEncoder, gives=frozenset({"vectors", "tokens"}), numerics=1)]
