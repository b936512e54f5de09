"""The hooks of this distribution. Importing it imports neither torch nor sentence_transformers."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Encoder, Evaluator, Similarity, hookimpl


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """The pair scorer `cross-encoder`."""
    from stsbench_sentence_transformers.crossing import CrossScorer

    return [Component("cross-encoder", CrossScorer, needs="texts", numerics=2)]


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoders `sentence-transformers`, `sparse-encoder` and `multi-vector`."""
    from stsbench_sentence_transformers.encoder import SentenceEncoder
    from stsbench_sentence_transformers.multivector import MultiVector
    from stsbench_sentence_transformers.sparse import SparseTexts

    return [
        Component(
            "sentence-transformers",
            SentenceEncoder,
            gives=frozenset({"vectors", "tokens"}),
            reads=frozenset({"text", "image"}),
            numerics=2,
        ),
        Component("sparse-encoder", SparseTexts, gives=frozenset({"sparse"})),
        Component("multi-vector", MultiVector, gives=frozenset({"tokens"})),
    ]


@hookimpl
def stsbench_evaluators() -> Iterable[Component[Evaluator]]:
    """The evaluator `sentence-transformers`."""
    from stsbench_sentence_transformers.evaluation import TrainerEvaluator

    return [Component("sentence-transformers", TrainerEvaluator)]
