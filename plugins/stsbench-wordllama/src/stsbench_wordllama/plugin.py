"""The hooks of this distribution. Importing it does not import wordllama."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from stsbench.plugin import Component, Encoder, Views, hookimpl

_View = Literal["sentence", "sentence/64", "sentence/128", "tokens", "tokens/64", "tokens/128"]


def wordllama(*, truncate_dim: Views[Sequence[Literal[64, 128]] | None] = None, view: Views[Sequence[_View]] = ()) -> Encoder:
    """Mean of static token vectors distilled from large language models (WordLlama, 256 dimensions); no network, no torch.

    A token's vector is the same in every text. `truncate_dim` keeps the first components only: the vectors were trained so that
    64 and 128 of them stand on their own (Kusupati et al. 2022); both are views of one pass (`truncate_dim=64+128`), and `view` names
    views directly (`view=sentence+sentence/64`). No text is ever truncated; one without tokens is a zero vector.
    """
    from stsbench_wordllama.encoder import StaticVectors
    from stsbench_wordllama.library import content_digest

    sizes = [f"/{size}" for size in truncate_dim or ()] or [""]
    named: Sequence[str] = view or [f"{whole}{size}" for whole in ("sentence", "tokens") for size in sizes]
    vectors, tokens = (tuple(dict.fromkeys(name for name in named if name.startswith(kind))) for kind in ("sentence", "tokens"))
    return StaticVectors(content_digest(), vectors, tokens)


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `wordllama`."""
    return [Component("wordllama", wordllama, gives=frozenset({"vectors", "tokens"}), numerics=1)]
