"""Sparse vectors of 30,522 dimensions for every text of the seven English benchmarks: peak memory, seconds and bytes kept.

The vectors are made up, as large as SPLADE's: a text has the places of its words, and 24 more for each of them. They go the whole way, from
an encoder through the store to the scores of three similarities; a second run finds them in the store.

STSBENCH_MIRROR=DIR python benchmarks/sparse_memory.py [--limit N]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.sparse import csr_array

from stsbench import evaluate
from stsbench.host.discovery import register
from stsbench.host.registry import Registry
from stsbench.plugin import Component, Embeddings, Encoder, Fingerprint, hookimpl

WIDTH, WORD, SIMILARITIES = 30_522, 24, ("cosine", "dot", "jaccard")


@cache
def places(word: str) -> tuple[int, ...]:
    """Where a word stands, and what it is spread over."""
    return tuple(np.random.default_rng([*word.encode()]).integers(0, WIDTH, WORD + 1).tolist())


class Made:
    """An encoder of made-up sparse vectors."""

    views = token_views = ()
    sparse_views = ("sentence",)
    fingerprint = Fingerprint.of(made="up")
    texts = values = 0  # that were encoded

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Weights that fall with the place of a word in its spread."""
        del views
        weights = 1.0 / np.arange(1, WORD + 2)
        rows = [[place for word in (prompt + text).lower().split() for place in places(word)] for text in texts]
        values = np.concatenate([np.empty(0), *(np.tile(weights, len(row) // (WORD + 1)) for row in rows)]).astype(np.float32)
        offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        flat = np.array([place for row in rows for place in row], dtype=np.int32)
        sparse = csr_array((values, flat, offsets), shape=(len(texts), WIDTH))
        sparse.sum_duplicates()
        Made.texts, Made.values = Made.texts + len(texts), Made.values + sparse.nnz
        return Embeddings(sparse={"sentence": sparse})


def made() -> Encoder:
    """Made-up sparse vectors."""
    return Made()


class Plugin:
    """The encoder's plugin."""

    @hookimpl
    def stsbench_encoders(self) -> list[Component[Encoder]]:
        """The encoder."""
        return [Component("made", made, gives=frozenset({"sparse"}))]


def peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print what each run took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int)
    limit = parser.parse_args().limit
    registry = Registry((*Registry.installed().plugins, register(Plugin(), distribution="made", version="1")))
    print(f"before anything is read: {peak():.0f} MB")
    with TemporaryDirectory() as folder:
        for run in ("encoded", "from the store"):
            start = time.perf_counter()
            report = evaluate("made", list(SIMILARITIES), "sts-english", registry=registry, cache=folder, limit=limit)
            assert not report.failures(), report.failures()
            seconds = time.perf_counter() - start
            kept = sum(path.stat().st_size for path in Path(folder).rglob("*.sqlite*")) / 2**20
            print(f"{Made.texts} texts of {WIDTH} dimensions and {Made.values / Made.texts:.0f} values encoded so far")
            print(f"{run}: {len(report.cells())} cells, {seconds:.1f} s, peak {peak():.0f} MB, {kept:.0f} MB kept")


if __name__ == "__main__":
    main()
