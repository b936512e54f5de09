"""Kernels: cosine of 10,000 pairs of 384 dimensions, soft cosine of 1,000 pairs of about 16 tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stsbench.builtin.similarities.kernels import by_rows, cosine
from stsbench.builtin.similarities.softcosine import TermSimilarity, soft_cosine_tokens
from stsbench.contracts.data import Tokens


def tokens(generator: np.random.Generator, texts: int, dim: int = 384) -> Tokens:
    """Texts of 8 to 24 tokens, of 2,000 types."""
    offsets = np.concatenate([[0], np.cumsum(generator.integers(8, 25, size=texts))])
    values = generator.normal(size=(offsets[-1], dim)).astype(np.float32)
    return Tokens(values, offsets, generator.integers(0, 2000, size=offsets[-1]), np.zeros(offsets[-1], dtype=bool))


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def test_cosine(benchmark: Any, generator: np.random.Generator) -> None:
    left, right = generator.normal(size=(2, 10_000, 384))
    scores = benchmark(by_rows, cosine, left, right)
    assert np.allclose(scores, (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1))


def test_soft_cosine(benchmark: Any, generator: np.random.Generator) -> None:
    left, right = tokens(generator, 1000), tokens(generator, 1000)
    weights = np.ones(len(left.values)), np.ones(len(right.values))
    scores = benchmark(soft_cosine_tokens, left, right, weights, TermSimilarity())
    assert scores.shape == (1000,)
    assert ((scores >= 0) & (scores <= 1)).all()
