"""What the contract asks of a transform, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stsbench.contracts.arrays import described, is_plain
from stsbench.contracts.data import Float64, frozen
from stsbench.testing.check import ROUNDING, Offered, Rule, expect
from stsbench.testing.samples import content, fit_data, vectors, writable


@dataclass(frozen=True, eq=False)
class TransformSubject(Offered):
    """A transform under test, with vectors to fit it on and to transform."""

    @cached_property
    def rows(self) -> Float64:
        """Read-only vectors, zero and constant ones among them."""
        left, _ = vectors()
        return frozen(left[10:])

    @cached_property
    def data(self) -> Any:
        """What it is fitted on: these vectors, or others with pairs and gold scores."""
        return self.rows if self.component.fits == "texts" else fit_data("vectors", self.component.fits)

    @cached_property
    def ready(self) -> Any:
        """The transform, fitted where it fits."""
        return self.fresh()

    def fresh(self) -> Any:
        """A new object of the same reference, fitted where it fits."""
        built = self.resolved.build()
        return built if self.component.fits == "none" else built.fit(self.data)

    @cached_property
    def found(self) -> Any:
        """The transformed vectors."""
        return self.ready.transform(self.rows)


def one_row_a_vector(subject: TransformSubject) -> None:
    """The result is a plain numpy array float64[n, k].

    End with numpy.asarray(rows, dtype=numpy.float64), of two dimensions.
    """
    expect(is_plain(subject.found) and subject.found.dtype == np.float64, f"it returned {described(subject.found)}")
    expect(subject.found.ndim == 2 and len(subject.found) == len(subject.rows), f"it returned the shape {subject.found.shape}")


def values_are_finite(subject: TransformSubject) -> None:
    """No value is NaN or infinite, not for zero and constant vectors either."""
    expect(np.isfinite(subject.found).all(), f"row {np.flatnonzero(~np.isfinite(subject.found).all(axis=1))[:1]} is not")


def rows_are_transformed_alone(subject: TransformSubject) -> None:
    """A vector is mapped to the same place whatever others it comes with.

    Take means and scales in fit(), not in transform().
    """
    scale = max(float(np.abs(subject.found).max()), np.finfo(np.float64).tiny)
    alone = np.concatenate([subject.ready.transform(subject.rows[row : row + 1]) for row in range(len(subject.rows))])
    gap = float(np.abs(alone - subject.found).max())
    expect(gap <= ROUNDING * scale, f"alone, a vector is mapped {gap:.1e} away")


def repeats_are_identical(subject: TransformSubject) -> None:
    """A second object of the same reference, fitted on the same vectors, gives bitwise the same."""
    expect(np.array_equal(subject.fresh().transform(subject.rows), subject.found), "it gave something else")


def input_is_untouched(subject: TransformSubject) -> None:
    """What is given is left as it is, by `fit` and by `transform`; arrays may be read-only."""
    rows = subject.rows.copy()
    if subject.component.fits != "none":
        data = writable(subject.data)
        subject.resolved.build().fit(data)
        expect(content(data) == content(subject.data), "its input changed in fit()")
    subject.ready.transform(rows)
    expect(np.array_equal(rows, subject.rows), "its input changed in transform()")


def output_is_left_alone(subject: TransformSubject) -> None:
    """What was returned stays as it is when other vectors are transformed: a buffer is not used again.

    Return a new array from every call.
    """
    transformed = subject.ready.transform(subject.rows)
    before = transformed.copy()
    subject.ready.transform(frozen(subject.rows[::-1].copy()))
    expect(np.array_equal(transformed, before), "what it had returned changed in the next call")


def transform_rules(_: TransformSubject) -> Iterable[Rule]:
    """The rules of every transform."""
    yield from (one_row_a_vector, values_are_finite, rows_are_transformed_alone)
    yield from (repeats_are_identical, input_is_untouched, output_is_left_alone)
