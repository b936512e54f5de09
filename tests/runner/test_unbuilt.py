"""Data that the contracts know and nothing scores yet are refused in one sentence, never scored as something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from stsbench.api.evaluate import evaluate
from stsbench.contracts.component import Component
from stsbench.contracts.data import Embeddings, Part
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.items import Image, Triplets
from stsbench.errors import DataError, PlanError
from stsbench.host.registry import Registry
from tests.runner.conftest import DoubleEncoder, benchmark, double, embed, part, scoring

TRIPLETS = Triplets(("a", "b"), ("c", "d"), ("e", "f"))


def with_pairs(**changed: Any) -> Part:
    one = part()
    return replace(one, pairs=replace(one.pairs, **changed))


def sparse_encoder() -> Any:
    """A double that gives sparse vectors without having said so."""
    return DoubleEncoder(
        views=("a",),
        fingerprint=Fingerprint.of(weights="sparse"),
        answer=lambda texts, prompt: Embeddings(sparse={"a": csr_array(embed(texts, prompt))}),
    )


@pytest.fixture
def unbuilt(registry_of: Callable[..., Registry]) -> Registry:
    images = tuple(Image(f"{row:032x}") for row in range(12))
    hooks = {
        "encoders": [
            Component("double", double),
            Component("seeing", double, reads={"text", "image"}),
            Component("sparse", sparse_encoder, gives={"sparse"}),
            Component("unsaid", sparse_encoder),
        ],
        "similarities": [
            scoring(
                "lengths",
                lambda left, right: np.array([-abs(len(a) - len(b)) for a, b in zip(left, right, strict=True)], float),
                needs="texts",
            )
        ],
        "benchmarks": [
            benchmark("one", part()),
            benchmark("weighed", with_pairs(weights=np.ones(12))),
            benchmark("photos", with_pairs(left=images)),
            benchmark("ordered", replace(part(), pairs=TRIPLETS)),  # type: ignore[arg-type]
        ],
    }
    return registry_of(("stsbench-double", "0.9", hooks))


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        (
            "weighed",
            DataError,
            "weighed weighs its pairs, which no figure takes into account yet; leave the weights out to count all pairs alike",
        ),
        ("ordered", DataError, "ordered holds triplets, which nothing scores yet; give pairs with a gold score each"),
        ("photos", PlanError, "double reads text only, and photos holds images; leave out either"),
    ],
)
def test_data_that_nothing_scores_are_refused(unbuilt: Registry, name: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=f"^{sentence}$"):
        evaluate("double", benchmarks=name, registry=unbuilt)


@pytest.mark.parametrize(
    ("encoder", "says"), [("seeing", "photos holds images, which stsbench cannot hand"), ("lengths", "lengths reads text only")]
)
def test_images_are_not_handed_to_what_reads_them_either(unbuilt: Registry, encoder: str, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        evaluate(encoder, benchmarks="photos", registry=unbuilt)


def test_weights_cost_only_their_own_benchmark(unbuilt: Registry) -> None:
    report = evaluate("double", benchmarks=["one", "weighed"], registry=unbuilt)
    assert [cell["status"] for cell in report.cells()] == ["ok", "ok", "failed"]
    assert "weighs its pairs" in report.failures()[0][1]


def test_a_similarity_of_dense_vectors_names_itself_where_an_encoder_says_that_its_own_are_sparse(unbuilt: Registry) -> None:
    with pytest.raises(PlanError, match=r"^encoder sparse ends up in no system: cosine reads dense vectors, and sparse gives sparse ones$"):
        evaluate("sparse", "cosine", "one", registry=unbuilt)


def test_sparse_vectors_that_nobody_spoke_of_cost_their_cells(unbuilt: Registry) -> None:
    report = evaluate("unsaid", ["cosine", "dot"], "one", registry=unbuilt)
    assert {reason for _, reason in report.failures()} == {
        "encoder 'unsaid' of stsbench-double 0.9 failed while it was encoding: it returned sparse vectors for view 'a', which cosine, dot "
        "cannot read; give dense ones, as `toarray()` does"
    }


@pytest.mark.parametrize("form", [csr_array, csr_matrix])
def test_an_object_that_gives_sparse_vectors_is_told_who_cannot_read_them(unbuilt: Registry, form: Callable[[np.ndarray], Any]) -> None:
    class Sparse:
        def encode(self, texts: Sequence[str]) -> Any:
            return form(embed(texts, ""))

    (place, reason), *others = evaluate(Sparse(), "cosine", "one", registry=unbuilt).failures()
    assert not others
    assert reason.endswith(
        "it returned sparse vectors for view 'sentence', which cosine cannot read; give dense ones, as `toarray()` does"
    ), place
