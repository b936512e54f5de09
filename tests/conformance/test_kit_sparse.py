"""The kit's rules for sparse vectors: each is kept by what is sound, and broken by a double that the kit names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from stsbench.builtin.floor import Hashing
from stsbench.builtin.similarities.vectors import Dot
from stsbench.host.registry import Registry
from stsbench.plugin import Component, Embeddings, Fingerprint
from stsbench.testing import encoder_checks, similarity_checks


class Sound:
    """An encoder of sparse vectors that keeps the contract."""

    views = token_views = ()
    sparse_views: tuple[str, ...] = ("sentence",)
    fingerprint = Fingerprint.of(sound=1)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        rows = Hashing(dim=16).encode(texts, views=("sentence",), prompt=prompt).vectors["sentence"]
        return Embeddings(sparse={"sentence": self.shape(csr_array(rows))})

    def shape(self, rows: Any) -> Any:
        return rows


class ByColumn(Sound):
    def shape(self, rows: Any) -> Any:
        return rows.tocsc()


class Undeclared(Sound):
    sparse_views = ()


class Summed:
    """A similarity that gives sparse rows other scores than dense ones."""

    def score(self, left: Any, right: Any) -> Any:
        return np.asarray((left * right).sum(axis=1)) + (0.5 if isinstance(left, csr_array) else 0.0)


def failing(checks: Any) -> list[str]:
    failed = []
    for check in checks:
        try:
            check()
        except AssertionError as error:
            failed.append(str(error))
    return failed


@pytest.mark.parametrize(
    ("double", "says"),
    [
        (Sound, None),
        (ByColumn, "sparse_rows_are_csr"),
        (Undeclared, "breaks views_are_declared .* it has no view"),
    ],
)
def test_an_encoder_of_sparse_vectors(double: type[Sound], says: str | None, registry_of: Callable[..., Registry]) -> None:
    def build() -> Any:
        """A double."""
        return double()

    registry = registry_of(("stsbench-double", "1", {"encoders": [Component("double", build, gives=frozenset({"sparse"}))]}))
    failed = failing(encoder_checks("double", registry=registry))
    if says is None:
        assert failed == []
    else:
        with pytest.raises(AssertionError, match=says):
            raise AssertionError("\n".join(failed))


def test_a_similarity_that_says_it_takes_sparse_vectors(registry_of: Callable[..., Registry]) -> None:
    kinds = {"similarities": [Component("sound", Dot, sparse=True), Component("summed", Summed, sparse=True)]}
    registry = registry_of(("stsbench-double", "1", kinds))
    assert failing(similarity_checks("sound", registry=registry)) == []
    (failed,) = failing(similarity_checks("summed", registry=registry))
    assert "breaks sparse_scores_the_same" in failed
