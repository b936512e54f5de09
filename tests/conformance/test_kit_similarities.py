"""Each rule of a similarity's contract is broken by a double, and the kit says so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from stsbench.builtin.similarities.vectors import Cosine
from stsbench.host.registry import Registry
from stsbench.plugin import Component, FitData, OptionError, Similarity
from stsbench.testing import Check, similarity_checks
from stsbench.testing.samples import texts


class Sound:
    """Cosine less the cosine with a centre that it learns; it keeps the contract, and the doubles each break one rule of it."""

    def __init__(self, centre: Any = None) -> None:
        self.centre = centre
        self.calls = count()

    def fit(self, data: FitData) -> Any:
        assert data.vectors is not None
        return type(self)(data.vectors.mean(axis=0))

    def score(self, left: Any, right: Any) -> Any:
        if self.centre is None:
            raise OptionError("not fitted")
        return Cosine().score(left, right) + 0.01 * np.tanh(self.centre[0])

    def matrix(self, left: Any, right: Any) -> Any:
        return Cosine().matrix(left, right) + 0.01 * np.tanh(self.centre[0])


class ReturnsFloat32(Sound):
    def score(self, left: Any, right: Any) -> Any:
        return super().score(left, right).astype(np.float32)


class DividesByZero(Sound):
    def score(self, left: Any, right: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return (left * right).sum(axis=1) / (np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1))


class DividesByTheLeftNorm(Sound):
    def score(self, left: Any, right: Any) -> Any:
        return (left * right).sum(axis=1) / np.maximum(np.linalg.norm(left, axis=1), 1.0) ** 2


class DistanceNotNegated(Sound):
    def score(self, left: Any, right: Any) -> Any:
        return np.abs(left - right).max(axis=1)


class ScalesByItsBatch(Sound):
    def score(self, left: Any, right: Any) -> Any:
        scores = super().score(left, right)
        return scores / max(scores.max(), 1e-9)


class CountsItsCalls(Sound):
    def score(self, left: Any, right: Any) -> Any:
        return super().score(left, right) + 1e-12 * next(self.calls)


class NormalisesInPlace(Sound):
    def score(self, left: Any, right: Any) -> Any:
        scores = super().score(left, right)
        if left.flags.writeable:
            left /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
        return scores


class EditsItsMatrixInput(Sound):
    def matrix(self, left: Any, right: Any) -> Any:
        scores = super().matrix(left, right)
        if right.flags.writeable:
            right[...] = 0.0
        return scores


class CentresWhatItIsFittedOn(Sound):
    def fit(self, data: FitData) -> Any:
        fitted = super().fit(data)
        if data.vectors is not None and data.vectors.flags.writeable:
            data.vectors[...] -= data.vectors.mean(axis=0)
        return fitted


class ReturnsAMaskedArray(Sound):
    def score(self, left: Any, right: Any) -> Any:
        return np.ma.masked_array(super().score(left, right), mask=False)


class MatrixOfDistances(Sound):
    def matrix(self, left: Any, right: Any) -> Any:
        return -super().matrix(left, right)


class FitsItself(Sound):
    def fit(self, data: FitData) -> Any:
        assert data.vectors is not None
        self.centre = data.vectors.mean(axis=0)
        return self


class LeavesATrace(Sound):
    def fit(self, data: FitData) -> Any:
        assert data.vectors is not None
        self.centre = data.vectors.mean(axis=0)
        return type(self)(self.centre)


class LearnsAtRandom(Sound):
    def fit(self, data: FitData) -> Any:
        return type(self)(np.random.default_rng().standard_normal(3))


class CannotScore(Sound):
    def fit(self, data: FitData) -> Any:
        return type(self)()


class Placed(Sound):
    """Takes the part that it scores as the first of its pairs: it keeps the contract."""

    part = ""

    def for_part(self, split: str, subset: str) -> Any:
        fresh = type(self)(self.centre)
        fresh.part = split
        return fresh

    def score(self, left: Any, right: Any) -> Any:
        return super().score(left, right) + 0.01 * len(self.part)

    def matrix(self, left: Any, right: Any) -> Any:
        return super().matrix(left, right) + 0.01 * len(self.part)


class KeepsTheLastPart(Placed):
    def for_part(self, split: str, subset: str) -> Any:
        self.part = split
        return self


class CountsItsParts(Placed):
    def for_part(self, split: str, subset: str) -> Any:
        fresh = super().for_part(split, subset)
        fresh.part = "x" * next(self.calls)
        return fresh


BROKEN: list[tuple[str, type[Sound], str]] = [
    ("one_score_a_pair", ReturnsFloat32, "it returned float32"),
    ("scores_are_finite", DividesByZero, r"the first being that of vectors pair \[10\]"),
    ("sides_are_equal", DividesByTheLeftNorm, r"scores differ by \S+ of the largest"),
    ("higher_means_more_similar", DistanceNotNegated, "identical pairs score 0 on average"),
    ("rows_are_independent", ScalesByItsBatch, "when scored alone"),
    ("repeats_are_identical", CountsItsCalls, "a second call gave other scores"),
    ("one_score_a_pair", ReturnsAMaskedArray, r"it returned numpy\.ma\.MaskedArray"),
    ("input_is_untouched", NormalisesInPlace, r"its input changed in score\(\)"),
    ("input_is_untouched", EditsItsMatrixInput, r"its input changed in matrix\(\)"),
    ("input_is_untouched", CentresWhatItIsFittedOn, "the data that it was fitted on changed"),
    ("matrix_agrees", MatrixOfDistances, "the diagonal differs by"),
    ("fit_makes_another", FitsItself, "it returned itself"),
    ("fit_makes_another", LeavesATrace, "the original scores differently once"),
    ("fit_makes_another", LearnsAtRandom, "fitted twice on the same data"),
    ("fit_makes_another", CannotScore, "it cannot score once it is fitted"),
    ("parts_are_kept_apart", KeepsTheLastPart, "the scorer of the first one scores differently"),
    ("parts_are_kept_apart", CountsItsParts, "told of one part twice, it scores differently"),
]


def checks_of(double: type[Sound], registry_of: Callable[..., Registry], *, symmetric: bool = True) -> dict[str, Check]:
    def build() -> Similarity:
        return double()

    component = Component("double", build, fits="texts", symmetric=symmetric)
    registry = registry_of(("doubles", "1.0", {"similarities": [component]}))
    return {check.name: check for check in similarity_checks("double", registry=registry)}


def test_the_sound_similarity_passes(registry_of: Callable[..., Registry]) -> None:
    checks = checks_of(Sound, registry_of) | checks_of(Placed, registry_of)
    for check in checks.values():
        check()
    assert set(checks) == {rule for rule, _, _ in BROKEN}, "a rule without a double that breaks it"


@pytest.mark.parametrize(("rule", "double", "message"), BROKEN)
def test_a_double_that_breaks_the_rule_fails_its_check(
    rule: str, double: type[Sound], message: str, registry_of: Callable[..., Registry]
) -> None:
    with pytest.raises(AssertionError, match=rf"similarity 'double' breaks {rule} \(.+\): .*{message}"):
        checks_of(double, registry_of)[rule]()


def test_what_is_declared_asymmetric_may_be(registry_of: Callable[..., Registry]) -> None:
    assert "sides_are_equal" not in checks_of(DividesByTheLeftNorm, registry_of, symmetric=False)


def test_scores_that_stand_in_the_order_of_the_pairs_keep_the_contract(tmp_path: Path) -> None:
    np.save(tmp_path / "scores.npy", np.arange(len(texts()[0])) / 7)
    checks = {check.name: check for check in similarity_checks(f"scores:{tmp_path / 'scores.npy'}")}
    for check in checks.values():
        check()
    assert "parts_are_kept_apart" in checks
    assert "rows_are_independent" not in checks  # only all rows together have a meaning


@pytest.mark.parametrize("needs", ["tokens", "texts"])
def test_empty_texts_reach_what_needs_tokens_or_texts(needs: Literal["tokens", "texts"], registry_of: Callable[..., Registry]) -> None:
    class LengthRatio:
        def score(self, left: Any, right: Any) -> Any:
            lengths = [np.array(side.lengths if needs == "tokens" else [len(text) for text in side], dtype=float) for side in (left, right)]
            with np.errstate(invalid="ignore"):
                return np.minimum(*lengths) / np.maximum(*lengths)

    component = Component("ratio", LengthRatio, needs=needs)
    registry = registry_of(("doubles", "1.0", {"similarities": [component]}))
    failed = []
    for check in similarity_checks("ratio", registry=registry):
        try:
            check()
        except AssertionError as error:
            failed.append((check.name, str(error)))
    assert "scores_are_finite" in dict(failed)
    assert f"that of {needs} pair" in dict(failed)["scores_are_finite"]
