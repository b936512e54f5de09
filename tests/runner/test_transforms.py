"""Chains of transforms in a run: what they are fitted on, what they are part of, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from stsbench.api.evaluate import evaluate
from stsbench.contracts.components.component import Component
from stsbench.contracts.ref import split_chain
from stsbench.errors import OptionError, PlanError, RefError
from stsbench.host.registry import Registry
from stsbench.runner.keys import parse_signature


class Mean:
    """A transform double in the manner of scikit-learn: fitting changes the object itself."""

    def __init__(self, fitted_on: list[Any]) -> None:
        self.fitted_on = fitted_on

    def fit(self, vectors: Any) -> Mean:
        self.fitted_on.append(vectors)
        self.mean = vectors.mean(axis=0)
        return self

    def transform(self, vectors: Any) -> Any:
        return vectors - self.mean


class Taught(Mean):
    """A transform double that is given pairs with gold scores."""

    def fit(self, data: Any) -> Taught:
        super().fit(data.vectors)
        self.fitted_on[-1] = data
        return self


def scaler() -> Any:
    """Scikit-learn's own."""
    return StandardScaler()


def answering(name: str, answer: Callable[[Any], Any]) -> Component[Any]:
    class Double:
        def transform(self, vectors: Any) -> Any:
            return answer(vectors)

    def build() -> Any:
        """A transform double."""
        return Double()

    return Component(name, build)


@pytest.fixture
def fitted_on() -> list[Any]:
    """The vectors that doubles of transforms were fitted on."""
    return []


@pytest.fixture
def transforming(registry: Registry, registry_of: Any, fitted_on: list[Any]) -> Registry:
    def mean() -> Any:
        """A transform double that is fitted."""
        return Mean(fitted_on)

    def taught() -> Any:
        """A transform double that is trained on pairs."""
        return Taught(fitted_on)

    doubles = [
        Component("mean", mean, fits="texts"),
        Component("scaler", scaler, fits="texts"),
        Component("taught", taught, fits="pairs"),
        answering("float32", lambda vectors: vectors.astype(np.float32)),
        answering("short", lambda vectors: vectors[1:]),
        answering("nan", lambda vectors: vectors * np.nan),
        answering("list", lambda vectors: vectors.tolist()),
        answering("raises", lambda vectors: 1 / 0),
    ]
    return Registry((*registry.plugins, registry_of(("stsbench-shape", "0.2", {"transforms": doubles})).plugins[-1]))


def run(registry: Registry, *chains: str, similarity: Any = "cosine", benchmark: Any = "one", **more: Any) -> Any:
    return evaluate("double,view=a", similarity, benchmark, transforms=chains, registry=registry, cache=False, **more)


def test_each_chain_is_an_alternative_on_one_encode(transforming: Registry, calls: list[Any]) -> None:
    report = run(transforming, "none", "mean", "centre//normalise", similarity=["cosine", "dot"])
    rows = report.cells()
    assert len(calls) == 1
    assert {(row["transform"], row["similarity"]) for row in rows} == {
        (transform, similarity) for transform in ("", "mean", "centre//normalise") for similarity in ("cosine", "dot")
    }
    by = {(row["transform"], row["similarity"]): row["spearman"] for row in rows}
    assert by["mean", "cosine"] == pytest.approx(by["centre//normalise", "dot"], abs=1e-12) != by["", "cosine"]
    assert report.to_frame()["transform"].tolist() == [row["transform"] for row in rows]


def test_a_scikit_learn_transformer_serves(transforming: Registry) -> None:
    rows = run(transforming, "scaler", "standardise").cells()
    assert rows[0]["spearman"] == pytest.approx(rows[1]["spearman"], abs=1e-12)


def test_a_chain_is_fitted_for_each_part_on_its_unique_texts(transforming: Registry, fitted_on: list[Any]) -> None:
    report = run(transforming, "mean", similarity=["cosine", "dot"], benchmark="parts")
    assert [len(vectors) for vectors in fitted_on] == [7 + 10, 7 + 30]  # once for both similarities
    assert all(vectors.dtype == np.float64 for vectors in fitted_on)
    record = report.entries[0].record
    assert record.transforms == ("stsbench-shape/mean",)
    assert record.transform_fits[0] is not None
    assert record.transform_fits[0].transductive
    assert record.flags == ("transductive",)
    assert report.entries[2].record.transform_fits == ()  # the aggregate is over fits on several parts


def test_a_chain_fitted_on_another_benchmark(transforming: Registry) -> None:
    own, other = (run(transforming, chain).entries[0].record for chain in ("mean", "mean,fit=two"))
    assert own.key != other.key
    assert (other.transforms, other.flags) == (("stsbench-shape/mean,fit=stsbench-double/two",), ())
    assert other.transform_fits[0].on == "stsbench-double/two"
    assert parse_signature(own.signature)["transforms"] == "stsbench-shape/mean,fit=self"
    assert parse_signature(other.signature)["transforms"] == "stsbench-shape/mean,fit=stsbench-double/two"
    again = run(transforming, parse_signature(own.signature)["transforms"]).entries[0].record
    assert again.key == own.key


def test_what_is_fitted_on_the_same_data_for_every_part_is_fitted_once(transforming: Registry, fitted_on: list[Any]) -> None:
    together = run(transforming, "mean,fit=two", "mean,fit=two//mean,fit=one", "mean//mean,fit=two", benchmark=["parts", "sharing"])
    assert len(fitted_on) == 1 + 1 + 2 * 3, "once each, and anew for each of three parts after what is fitted on its own texts"
    apart = [
        run(transforming, "mean,fit=two", "mean,fit=two//mean,fit=one", "mean//mean,fit=two", benchmark=one) for one in ("parts", "sharing")
    ]
    figures = [[(entry.system, entry.record.key, entry.record.figure) for entry in report.entries] for report in (together, *apart)]
    assert sorted(figures[0]) == sorted([*figures[1], *figures[2]])


def test_later_transforms_and_the_similarity_are_fitted_on_what_earlier_ones_leave(
    transforming: Registry, fits: list[Any], fitted_on: list[Any]
) -> None:
    run(transforming, "mean//mean,fit=two", similarity="fitted,fit=two")
    first, second = fitted_on
    assert np.abs(second.mean(axis=0)).max() > 0.01  # of the other benchmark's texts, less the mean of this one's
    np.testing.assert_allclose(fits[-1].vectors.mean(axis=0), 0.0, atol=1e-12)
    assert len(fits[-1].texts) == len(fits[-1].vectors) == len(second) == len(first)


def test_what_is_trained_on_pairs_is_given_those_that_fit_names(transforming: Registry, fitted_on: list[Any]) -> None:
    record = run(transforming, "mean//taught,fit=two").entries[0].record
    first, data = fitted_on
    (fit,) = record.transform_fits[1:]
    assert (data.digest, fit.on, fit.supervised, fit.transductive) == (fit.digest, "stsbench-double/two", True, False)
    assert (len(data.texts), len(data.gold), data.left.max() < len(data.texts)) == (len(data.vectors), len(data.left), True)
    raw = run(transforming, "taught,fit=two") and fitted_on[-1].vectors
    np.testing.assert_allclose(data.vectors, raw - first.mean(axis=0), atol=1e-12)  # the vectors as the transform before it leaves them
    assert record.flags == ("transductive", "supervised")


def test_keys_without_transforms_are_what_they_were_before_there_were_any(transforming: Registry) -> None:
    assert run(transforming).entries[0].record.key == run(transforming, "none").entries[0].record.key
    keys = {run(transforming, chain).entries[0].record.key for chain in ("none", "centre", "centre//normalise", "normalise//centre")}
    assert len(keys) == 4


def test_kept_cells_are_known_by_their_chain(transforming: Registry, tmp_path: Any, calls: list[Any]) -> None:
    for _ in range(2):
        run(transforming, "none", "mean", results=tmp_path)
    assert len(calls) == 1
    run(transforming, "centre", results=tmp_path)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        ("float32", r"returned float32 of shape \(19, 6\) for 19 vectors; the contract is float64\[19, k\]"),
        ("short", r"returned float64 of shape \(18, 6\)"),
        ("nan", "returned NaN or infinity, first in row 0 of 19"),
        ("list", "returned list"),
        ("raises", "ZeroDivisionError"),
    ],
)
def test_a_transform_that_breaks_the_contract_fails_its_cells_only(transforming: Registry, chain: str, message: str) -> None:
    import re

    fine, failed = run(transforming, "none", chain).cells()
    assert (fine["status"], failed["status"]) == ("ok", "failed")
    assert re.search(rf"transform '{chain}' of stsbench-shape 0\.2 failed while it was transforming: it returned|Zero", failed["reason"])
    assert re.search(message, failed["reason"])


def test_what_cannot_be_transformed(transforming: Registry) -> None:
    report = evaluate("hashing", ["cosine", "soft-cosine"], "one", transforms=["none", "centre"], registry=transforming)
    assert [one.reason for one in report.left_out] == ["soft-cosine needs tokens, and centre transforms vectors"]
    with pytest.raises(PlanError, match="similarity soft-cosine ends up in no system: soft-cosine needs tokens, and centre"):
        evaluate("hashing", ["cosine", "soft-cosine"], "one", transforms="centre", registry=transforming)
    with pytest.raises(OptionError, match="transform 'taught' is trained on pairs with gold scores, which fit= must name, for example"):
        run(transforming, "taught")
    with pytest.raises(OptionError, match="transform 'normalise' has no option 'fit'"):
        run(transforming, "normalise,fit=self")


@pytest.mark.parametrize("text", ["", "centre//", "//centre"])
def test_chains_that_are_none(text: str) -> None:
    with pytest.raises(RefError):
        split_chain(text)
    assert split_chain("none") == ()
    assert [str(ref) for ref in split_chain("centre//whiten,k=64")] == ["centre", "whiten,k=64"]
