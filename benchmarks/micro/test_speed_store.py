"""The store of vectors: 5,000 of 384 dimensions written into an empty file, and read back with their checksums."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from stsbench.contracts.fingerprint import Fingerprint
from stsbench.stores.embeddings import EmbeddingStore

TEXTS = [f"text number {number} of a benchmark" for number in range(5000)]
ROWS = np.arange(len(TEXTS))
VECTORS = np.random.default_rng(0).normal(size=(len(TEXTS), 384)).astype(np.float32)


@contextmanager
def opened(folder: Path) -> Iterator[EmbeddingStore]:
    store = EmbeddingStore.open(folder, Fingerprint.of(weights="none"), {}, pytest.fail)
    assert store is not None
    try:
        yield store
    finally:
        store.close()


def test_write(benchmark: Any, tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        with opened(folder) as store:
            store.write("", TEXTS, {"sentence": (ROWS, VECTORS)}, None)

    benchmark.pedantic(write, setup=lambda: ((tmp_path / uuid4().hex,), {}), rounds=10)


def test_read(benchmark: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.write("", TEXTS, {"sentence": (ROWS, VECTORS)}, None)
        stored = benchmark(store.read, "sentence", "", TEXTS)
    assert np.array_equal(stored.values[np.argsort(stored.rows)], VECTORS)
