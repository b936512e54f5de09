"""Similarities that need no more than the core's own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.similarities import context, learned, ranked, tokens, tokensets, vectors
from stsbench.contracts.components.component import Component

if TYPE_CHECKING:
    from stsbench.contracts.components.protocols import Similarity


def similarities() -> list[Component[Similarity]]:
    """The built-in similarities."""
    return [
        Component("cosine", vectors.Cosine, sparse=True, numerics=2),
        Component("dot", vectors.Dot, sparse=True, numerics=2),
        Component("jaccard", vectors.Jaccard, sparse=True),
        Component("euclidean", vectors.euclidean, sparse=True),
        Component("sqeuclidean", vectors.sqeuclidean, sparse=True),
        Component("manhattan", vectors.manhattan, sparse=True),
        Component("chebyshev", vectors.chebyshev, sparse=True),
        Component("pearson", vectors.Pearson, numerics=2),
        Component("minkowski", vectors.Minkowski),
        Component("angular", vectors.Angular, numerics=2),
        Component("spearman-dims", ranked.SpearmanDims, numerics=2),
        Component("kendall-dims", ranked.KendallDims),
        Component("mahalanobis", context.Mahalanobis, fits="texts"),
        Component("csls", context.Csls, fits="texts", numerics=2),
        Component("attention-softmax", context.Attention, fits="texts", numerics=2),
        Component("learned-diagonal", learned.learned_diagonal, fits="pairs", numerics=2),
        Component("ridge", learned.ridge, fits="pairs", numerics=2),
        Component("soft-cosine", tokens.SoftCosine, needs="tokens", numerics=2),
        Component("soft-cosine-idf", tokens.SoftCosineIdf, needs="tokens", fits="texts", numerics=2),
        Component("soft-cosine-vocabulary", tokens.SoftCosineVocabulary, needs="tokens", fits="texts", numerics=2),
        Component("bertscore", tokensets.bertscore, needs="tokens", numerics=2),
        Component("bertscore-precision", tokensets.bertscore_precision, needs="tokens", symmetric=False, numerics=2),
        Component("bertscore-recall", tokensets.bertscore_recall, needs="tokens", symmetric=False, numerics=2),
        Component("bertscore-idf", tokensets.BertScoreIdf, needs="tokens", fits="texts", numerics=2),
        Component("maxsim", tokensets.maxsim, needs="tokens", numerics=2),
        Component("maxsim-sum", tokensets.maxsim_sum, needs="tokens", symmetric=False, numerics=2),
        Component("relaxed-wmd", tokensets.relaxed_wmd, needs="tokens"),
        Component("word-centroid", tokensets.word_centroid, needs="tokens", numerics=2),
        Component("dynamax", tokensets.dynamax, needs="tokens", numerics=2),
        Component("cka", tokensets.cka, needs="tokens", numerics=2),
        Component("max-pool", tokensets.max_pool, needs="tokens", numerics=2),
    ]
