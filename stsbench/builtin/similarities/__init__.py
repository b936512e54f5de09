"""Similarities that need no more than the core's own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.similarities import context, learned, ranked, tokens, tokensets, vectors
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
        Component("soft-cosine-vocabulary", tokens.soft_cosine_vocabulary, needs="tokens", fits="texts"),
        Component("bertscore", tokensets.bertscore, needs="tokens"),
        Component("bertscore-precision", tokensets.bertscore_precision, needs="tokens", symmetric=False),
        Component("bertscore-recall", tokensets.bertscore_recall, needs="tokens", symmetric=False),
        Component("bertscore-idf", tokensets.bertscore_idf, needs="tokens", fits="texts"),
        Component("maxsim", tokensets.maxsim, needs="tokens"),
        Component("maxsim-sum", tokensets.maxsim_sum, needs="tokens", symmetric=False),
        Component("relaxed-wmd", tokensets.relaxed_wmd, needs="tokens"),
        Component("word-centroid", tokensets.word_centroid, needs="tokens"),
        Component("dynamax", tokensets.dynamax, needs="tokens"),
        Component("cka", tokensets.cka, needs="tokens"),
        Component("max-pool", tokensets.max_pool, needs="tokens"),
    ]
