"""Data that the contracts know and nothing scores yet are refused in one sentence, never scored as something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from stsbench.api.audit import audit_encoder
from stsbench.api.compare.methods import Setting
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings, Part
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.items import Triplets
from stsbench.errors import DataError, PluginError, UsageError
from stsbench.host.registry import Registry
from tests.runner.conftest import DoubleEncoder, Watched, benchmark, embed, part, scoring

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
    hooks = {
        "encoders": [
            Component("double", Watched().double),
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
            benchmark("ordered", replace(part(), pairs=TRIPLETS)),  # type: ignore[arg-type]
            benchmark("claimed", part(), task="triplets"),
        ],
    }
    return registry_of(("stsbench-double", "0.9", hooks))


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("ordered", PluginError, ".* a part holds something other than Pairs, which `Pairs.of_triplets` makes of triplets"),
        ("claimed", PluginError, ".* its pairs are not of triplets, as its card says; make them with `Pairs.of_triplets`"),
    ],
)
def test_data_that_nothing_scores_are_refused(unbuilt: Registry, name: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=f"^{sentence}$"):
        evaluate("double", benchmarks=name, registry=unbuilt)


WEIGHTS = np.array([1, 2, 3] * 4, dtype=float)


def test_whole_weights_are_pairs_that_are_there_as_often(registry_of: Callable[..., Registry]) -> None:
    once, other = part(subset="s1"), part(subset="s2", salt="y", gold=[0, 1] * 6)
    often = [replace(one, pairs=one.pairs.take(np.repeat(np.arange(12), WEIGHTS.astype(int)).tolist())) for one in (once, other)]
    weighed = [replace(one, pairs=replace(one.pairs, weights=WEIGHTS)) for one in (once, other)]
    half = weighed[0], replace(other, pairs=other.pairs)
    benchmarks = [
        benchmark("often", *often, aggregation="all"),
        benchmark("weighed", *weighed, aggregation="all"),
        benchmark("half", *half, aggregation="all"),
        benchmark("half-often", often[0], other, aggregation="all"),
        benchmark("yes-no", replace(weighed[1], subset="default"), task="binary"),
        benchmark("yes-no-often", replace(often[1], subset="default"), task="binary"),
    ]
    registry = registry_of(("stsbench-double", "0.9", {"encoders": [Component("double", Watched().double)], "benchmarks": benchmarks}))
    named = ["often", "weighed", "half-often", "half", "yes-no-often", "yes-no"]
    found: dict[str, list[list[float]]] = {name: [] for name in named}
    for cell in evaluate("double", "cosine", named, registry=registry).cells():
        assert cell["status"] == "ok"
        found[cell["benchmark"]].append(
            [cell[name] for name in ("spearman", "pearson", "kendall", "average_precision", "roc_auc") if cell[name] is not None]
        )
    for often_name, name in zip(named[::2], named[1::2], strict=True):
        assert np.array(found[name]) == pytest.approx(np.array(found[often_name]), abs=1e-12)
    plain = evaluate(
        "double",
        "cosine",
        "one",
        registry=registry_of(
            ("stsbench-double", "0.9", {"encoders": [Component("double", Watched().double)], "benchmarks": [benchmark("one", once)]})
        ),
    )
    assert plain.cells()[0]["spearman"] != pytest.approx(found["weighed"][0][0], abs=1e-3)


@pytest.mark.parametrize("fresh", [False, True])
def test_weights_are_kept_with_results_and_compared(unbuilt: Registry, tmp_path: Path, fresh: bool) -> None:
    first = [cell["spearman"] for cell in evaluate("double", ["cosine", "dot"], "weighed", registry=unbuilt).cells()]
    for _ in range(2):
        kept = evaluate("double", ["cosine", "dot"], "weighed", results=tmp_path, fresh=fresh, registry=unbuilt)
        assert [cell["spearman"] for cell in kept.cells()] == pytest.approx(first, abs=1e-6)
        assert not kept.disagreements
    with pytest.raises(UsageError, match=r"^Williams' t takes pairs that all count the same, and these have weights; take --method boot"):
        kept.compare(setting=Setting(method="williams"), primary=["cosine", "dot"])


def test_weights_are_refused_wherever_they_would_be_passed_over(unbuilt: Registry) -> None:
    says = "^weighed weighs its pairs, which runs, comparisons and boards take into account and this does not; leave the weights out"
    session = Session.opened(unbuilt)
    with pytest.raises(DataError, match=says):
        audit_encoder("double", session, ["weighed"])
    (failure,) = evaluate("double", "learned-diagonal,fit=weighed", "one", registry=unbuilt).failures()
    assert failure[1].startswith(says[1:]), "what is trained on them would not weigh them"


def test_sparse_vectors_that_nobody_spoke_of_cost_their_cells(unbuilt: Registry) -> None:
    report = evaluate("unsaid", ["cosine", "dot"], "one", registry=unbuilt)
    assert {reason for _, reason in report.failures()} == {
        "encoder 'unsaid' of stsbench-double 0.9 failed while it was encoding: it returned sparse vectors for view 'a', of which "
        "dense ones are expected; give dense ones, as `toarray()` does, or name the view in sparse_views"
    }


@pytest.mark.parametrize("form", [csr_array, csr_matrix])
def test_an_object_that_gives_sparse_vectors_is_told_what_is_expected(unbuilt: Registry, form: Callable[[np.ndarray], Any]) -> None:
    class Sparse:
        def encode(self, texts: Sequence[str]) -> Any:
            return form(embed(texts, ""))

    (place, reason), *others = evaluate(Sparse(), "cosine", "one", registry=unbuilt).failures()
    assert not others
    assert reason.endswith(
        "it returned sparse vectors for view 'sentence', of which dense ones are expected; give dense ones, as `toarray()` does, "
        "or name the view in sparse_views"
    ), place
