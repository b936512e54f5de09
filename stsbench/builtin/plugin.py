"""The built-in plugin."""

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
    from stsbench.builtin.transforms import transforms

    return transforms()


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """Vector similarities, soft-cosine, and scores from files."""
    from stsbench.builtin.predictions import scores
    from stsbench.builtin.similarities import similarities

    return [*similarities(), Component("scores", scores, needs="texts", symmetric=False, numerics=2)]


@hookimpl
def stsbench_benchmarks() -> Iterable[Component[Benchmark | Suite]]:
    """The tasks of the field, `mini`, benchmarks from files and from the hub, and suites."""
    from stsbench.builtin.benchmarks import benchmarks

    return benchmarks()


@hookimpl
def stsbench_writers() -> Iterable[Component[Writer]]:
    """Markdown, CSV, JSON, LaTeX, Parquet and a page."""
    from stsbench.builtin.page.writer import HtmlWriter
    from stsbench.builtin.writers import writers

    return [*writers(), Component("html", HtmlWriter)]


@hookimpl
def stsbench_executors() -> Iterable[Component[Executor]]:
    """This process, and processes beside it."""
    from stsbench.builtin.executors import executors

    return executors()
