"""The hooks of this distribution. Importing it imports neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, hookimpl


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `bert`, and `preset`, which stands for an encoder of a known model."""
    from stsbench_transformers.encoder import Bert
    from stsbench_transformers.known.models import read_presets

    return [
        Component("bert", Bert, gives=frozenset({"vectors", "tokens"}), numerics=2),
        Component("preset", preset, presets=read_presets),
    ]


def preset(model: str, /) -> Encoder:
    """A known model as its authors run it: the reference that its name stands for, revision, prompts and all.

    `stsbench show encoder preset:NAME` prints the reference, in whose name records are kept. Options that are given besides replace
    those of the preset.
    """
    raise NotImplementedError(f"{model} is resolved before anything is built")
