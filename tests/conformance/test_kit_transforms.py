"""Each rule of a transform's contract is broken by a double, and the kit says so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

from stsbench.host.registry import Registry
from stsbench.plugin import Component
from stsbench.testing import Check, transform_checks


class Sound:
    """A transform that takes a mean away; it keeps the contract, and the doubles each break one rule of it."""

    calls = count()

    def fit(self, vectors: Any) -> Any:
        self.mean = vectors.mean(axis=0)
        return self

    def transform(self, vectors: Any) -> Any:
        return vectors - self.mean


class ReturnsAMatrix(Sound):
    def transform(self, vectors: Any) -> Any:
        return super().transform(vectors).view(np.matrix)


class DividesByZero(Sound):
    def transform(self, vectors: Any) -> Any:
        with np.errstate(invalid="ignore", divide="ignore"):
            return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class CentresItsBatch(Sound):
    def transform(self, vectors: Any) -> Any:
        return vectors - vectors.mean(axis=0)


class CountsItsCalls(Sound):
    def transform(self, vectors: Any) -> Any:
        return super().transform(vectors) + 1e-12 * next(self.calls)


class CentresInPlace(Sound):
    def transform(self, vectors: Any) -> Any:
        if not vectors.flags.writeable:
            return super().transform(vectors)
        vectors -= self.mean
        return vectors


class FitsInPlace(Sound):
    def fit(self, vectors: Any) -> Any:
        super().fit(vectors)
        if vectors.flags.writeable:
            vectors -= self.mean
        return self


class UsesItsBufferAgain(Sound):
    def fit(self, vectors: Any) -> Any:
        self.buffer = np.empty_like(vectors)
        return super().fit(vectors)

    def transform(self, vectors: Any) -> Any:
        np.subtract(vectors, self.mean, out=self.buffer[: len(vectors)])
        return self.buffer[: len(vectors)]


BROKEN: list[tuple[str, type[Sound], str]] = [
    ("one_row_a_vector", ReturnsAMatrix, r"it returned numpy\.matrix"),
    ("values_are_finite", DividesByZero, "is not"),
    ("rows_are_transformed_alone", CentresItsBatch, "alone, a vector is mapped"),
    ("repeats_are_identical", CountsItsCalls, "it gave something else"),
    ("input_is_untouched", CentresInPlace, r"its input changed in transform\(\)"),
    ("input_is_untouched", FitsInPlace, r"its input changed in fit\(\)"),
    ("output_is_left_alone", UsesItsBufferAgain, "what it had returned changed in the next call"),
]


def checks_of(double: type[Sound], registry_of: Callable[..., Registry]) -> dict[str, Check]:
    component = Component("double", lambda: double(), fits="texts")
    registry = registry_of(("doubles", "1.0", {"transforms": [component]}))
    return {check.name: check for check in transform_checks("double", registry=registry)}


def test_the_sound_transform_passes(registry_of: Callable[..., Registry]) -> None:
    checks = checks_of(Sound, registry_of)
    for check in checks.values():
        check()
    assert set(checks) == {rule for rule, _, _ in BROKEN}, "a rule without a double that breaks it"


@pytest.mark.parametrize(("rule", "double", "message"), BROKEN)
def test_a_double_that_breaks_the_rule_fails_its_check(
    rule: str, double: type[Sound], message: str, registry_of: Callable[..., Registry]
) -> None:
    with pytest.raises(AssertionError, match=rf"transform 'double' breaks {rule} \(.+\): .*{message}"):
        checks_of(double, registry_of)[rule]()
