"""The hooks of this distribution. Importing it does not import wordllama."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from stsbench.plugin import Component, Encoder, hookimpl


def wordllama(*, truncate_dim: Literal[64, 128] | None = None) -> Encoder:
    """Mean of static token vectors distilled from large language models (WordLlama, 256 dimensions); no network, no torch.

    A token's vector is the same in every text. `truncate_dim` keeps the first components only: the vectors were trained so that
    64 and 128 of them stand on their own (Kusupati et al. 2022). No text is ever truncated; one without tokens is a zero vector.
    """
    from stsbench_wordllama.encoder import StaticVectors
    from stsbench_wordllama.library import content_digest

    return StaticVectors(content_digest(), truncate_dim)


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `wordllama`."""
    return [Component("wordllama", wordllama, gives=frozenset({"vectors", "tokens"}), numerics=1)]
