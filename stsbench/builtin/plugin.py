"""The built-in plugin: all that it offers. Modules are imported by the hook that needs them."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Benchmark, Component, Encoder, Executor, Similarity, Suite, Transform, Writer, hookimpl


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The dependency-free floor encoder, and vectors from files."""
    from stsbench.builtin.arrays import Vectors
    from stsbench.builtin.floor import Hashing

    return [Component("hashing", Hashing, gives=frozenset({"vectors", "tokens"})), Component("vectors", Vectors)]


@hookimpl
def stsbench_transforms() -> Iterable[Component[Transform]]:
    """Normalisation, centring, whitening, truncation, quantisation."""
    from stsbench.builtin.transforms import affine, learned, rows

    return [
        Component("normalise", rows.Normalise, sparse=True, gives=frozenset({"vectors", "sparse"})),
        Component("layer-norm", rows.LayerNorm),
        Component("truncate", rows.Truncate),
        Component("quantise-binary", rows.Binary),
        Component("quantise-int8", rows.Int8, fits="texts"),
        Component("centre", affine.Centre, fits="texts"),
        Component("standardise", affine.Standardise, fits="texts"),
        Component("pca", affine.Pca, fits="texts"),
        Component("whiten", affine.Whiten, fits="texts"),
        Component("all-but-the-top", affine.AllButTheTop, fits="texts"),
        Component("learned-map", learned.LearnedMap, fits="pairs"),
    ]


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """Similarities of vectors and of tokens, and scores from files."""
    from stsbench.builtin.predictions import scores
    from stsbench.builtin.similarities import context, learned, ranked, tokens, tokensets, vectors

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
        Component("scores", scores, needs="texts", symmetric=False, numerics=2),
    ]


@hookimpl
def stsbench_benchmarks() -> Iterable[Component[Benchmark | Suite]]:
    """The tasks of the field, `mini`, benchmarks from files and from the hub, and suites."""
    from stsbench.builtin.benchmarks.components import benchmarks

    return benchmarks()


@hookimpl
def stsbench_writers() -> Iterable[Component[Writer]]:
    """Markdown, CSV, JSON, LaTeX, Parquet and a page."""
    from stsbench.builtin.page.writer import HtmlWriter
    from stsbench.builtin.writers.data import CsvWriter, JsonWriter, ParquetWriter
    from stsbench.builtin.writers.latex import LatexWriter
    from stsbench.builtin.writers.markdown import MarkdownWriter

    return [
        Component("markdown", MarkdownWriter),
        Component("csv", CsvWriter),
        Component("json", JsonWriter),
        Component("latex", LatexWriter),
        Component("parquet", ParquetWriter),
        Component("html", HtmlWriter),
    ]


@hookimpl
def stsbench_executors() -> Iterable[Component[Executor]]:
    """This process, and processes beside it."""
    from stsbench.builtin.executors import Local, processes

    return [Component("local", Local), Component("processes", processes)]
