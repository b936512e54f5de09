"""A transform that learns: vectors are divided by the spread of their dimensions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stsbench.plugin import Component, Float64, Transform, fitted, hookimpl, required


class UnitSpread:
    """Each dimension divided by its standard deviation among the texts of `fit=`; one that never changes is left as it is."""

    def __init__(self) -> None:
        self.spread: Float64 | None = None

    def fit(self, vectors: Float64) -> UnitSpread:
        """A copy that knows the spread of these vectors, a row a text."""
        spread = vectors.std(axis=0)
        return fitted(self, spread=np.where(spread == 0, 1.0, spread))

    def transform(self, vectors: Float64) -> Float64:
        """float64[u, k] from float64[u, d], row by row, in a new array."""
        return vectors / required(self.spread, "unit-spread")


@hookimpl
def stsbench_transforms() -> Iterable[Component[Transform]]:
    """The transform `unit-spread`."""
    return [Component("unit-spread", UnitSpread, fits="texts")]
