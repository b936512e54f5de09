"""Similarities that need no more than the core's own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.similarities import context, learned, ranked, tokens, vectors
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
        Component("minkowski", vectors.minkowski),
        Component("angular", vectors.angular),
        Component("spearman-dims", ranked.spearman_dims),
        Component("kendall-dims", ranked.kendall_dims),
        Component("mahalanobis", context.mahalanobis, fits="texts"),
        Component("csls", context.csls, fits="texts"),
        Component("attention-softmax", context.attention_softmax, fits="texts"),
        Component("learned-diagonal", learned.learned_diagonal, fits="pairs"),
        Component("ridge", learned.ridge, fits="pairs"),
        Component("soft-cosine", tokens.soft_cosine, needs="tokens"),
        Component("soft-cosine-idf", tokens.soft_cosine_idf, needs="tokens", fits="texts"),
    ]
