"""The hooks of this distribution. Importing it imports neither torch nor sentence_transformers."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, Similarity, hookimpl


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """The pair scorer `cross-encoder`."""
    from stsbench_sentence_transformers.crossing import CrossScorer

    return [Component("cross-encoder", CrossScorer, needs="texts", numerics=2)]


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `sentence-transformers`."""
    from stsbench_sentence_transformers.encoder import SentenceEncoder

    return [Component("sentence-transformers", SentenceEncoder, gives=frozenset({"vectors"}), numerics=2)]
