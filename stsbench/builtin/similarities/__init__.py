"""Similarities that need no more than the core's own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.similarities import tokens, vectors
from stsbench.contracts.component import Component

if TYPE_CHECKING:
    from stsbench.contracts.protocols import Similarity


def similarities() -> list[Component[Similarity]]:
    """The built-in similarities."""
    return [
        Component("cosine", vectors.cosine),
        Component("dot", vectors.dot),
        Component("euclidean", vectors.euclidean),
        Component("sqeuclidean", vectors.sqeuclidean),
        Component("manhattan", vectors.manhattan),
        Component("chebyshev", vectors.chebyshev),
        Component("pearson", vectors.pearson),
        Component("soft-cosine", tokens.soft_cosine, needs="tokens"),
        Component("soft-cosine-idf", tokens.soft_cosine_idf, needs="tokens", fits="texts"),
    ]
