"""Transforms that are fitted: a mean, and a linear map from the principal axes of the vectors about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.errors import OptionError

T = TypeVar("T")


@dataclass(frozen=True)
class Axes:
    """Principal axes of vectors: their mean float64[d], the axes as columns float64[d, r], and the variances along them.

    Variances float64[r] fall and are of the population (divided by n); axes along which the vectors do not vary, as far as float64
    can tell, are left out. Of each axis the component of largest magnitude is positive.
    """

    mean: Float64
    axes: Float64
    variances: Float64

    @classmethod
    def of(cls, vectors: Float64) -> Axes:
        """The axes of float64[n, d]."""
        mean = vectors.mean(axis=0)
        centred = vectors - mean
        variances, axes = np.linalg.eigh(centred.T @ centred / len(vectors))
        variances, axes = variances[::-1], axes[:, ::-1]
        rank = int((variances > max(vectors.shape) * np.finfo(np.float64).eps * max(variances[0], 0.0)).sum())
        signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
        return cls(mean, (axes * signs)[:, :rank], variances[:rank])

    def first(self, k: int | None, name: str) -> Axes:
        """The first k axes; raises OptionError where there are fewer."""
        rank = len(self.variances)
        if k is not None and k > rank:
            raise OptionError(f"option 'k' of {name} is {k}, but the vectors that it is fitted on vary along {rank} axes only; give fewer")
        return replace(self, axes=self.axes[:, :k], variances=self.variances[:k])


def _fitted(value: T | None, name: str) -> T:
    if value is None:
        raise OptionError(f"{name} is not fitted yet; give it fit=self, or fit= with a benchmark")
    return value


@dataclass(frozen=True, eq=False)
class Centre:
    """Subtracts a mean."""

    mean: Float64 | None = None

    def fit(self, vectors: Float64) -> Centre:
        """The transform with the mean of these vectors."""
        return Centre(vectors.mean(axis=0))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        return vectors - _fitted(self.mean, "centre")


@dataclass(frozen=True, eq=False)
class Standardise:
    """Subtracts means and divides by standard deviations."""

    mean: Float64 | None = None
    deviation: Float64 | None = None

    def fit(self, vectors: Float64) -> Standardise:
        """The transform with the moments of these vectors."""
        constant = (vectors == vectors[:1]).all(axis=0)  # whose deviation, as computed, may be a rounding error
        deviation = vectors.std(axis=0)
        return Standardise(np.where(constant, vectors[0], vectors.mean(axis=0)), np.where(constant | (deviation == 0.0), 1.0, deviation))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        return (vectors - _fitted(self.mean, "standardise")) / _fitted(self.deviation, "standardise")


@dataclass(frozen=True, eq=False)
class Pca:
    """Coordinates on principal axes."""

    k: int | None = None
    axes: Axes | None = None

    def fit(self, vectors: Float64) -> Pca:
        """The transform with the axes of these vectors; raises OptionError where there are fewer than k."""
        return replace(self, axes=_some(Axes.of(vectors), "pca").first(self.k, "pca"))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, k]."""
        axes = _fitted(self.axes, "pca")
        coordinates: Float64 = (vectors - axes.mean) @ axes.axes
        return coordinates


@dataclass(frozen=True, eq=False)
class Whiten:
    """Coordinates on principal axes, in units of the deviation along each."""

    k: int | None = None
    ridge: float = 0.0
    axes: Axes | None = None

    def fit(self, vectors: Float64) -> Whiten:
        """The transform with the axes of these vectors, their variances raised by the ridge."""
        found = _some(Axes.of(vectors), "whiten")
        raised = found.variances + self.ridge * found.variances.sum() / vectors.shape[1]
        return replace(self, axes=replace(found, variances=raised).first(self.k, "whiten"))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, k]."""
        axes = _fitted(self.axes, "whiten")
        whitened: Float64 = (vectors - axes.mean) @ (axes.axes / np.sqrt(axes.variances))
        return whitened


@dataclass(frozen=True, eq=False)
class AllButTheTop:
    """Centred vectors without their first principal parts."""

    k: int | None = None
    axes: Axes | None = None

    def fit(self, vectors: Float64) -> AllButTheTop:
        """The transform with the axes of these vectors."""
        k = max(1, vectors.shape[1] // 100) if self.k is None else self.k
        found = Axes.of(vectors)
        return replace(self, axes=found.first(min(k, len(found.variances)) if self.k is None else k, "all-but-the-top"))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        axes = _fitted(self.axes, "all-but-the-top")
        centred = vectors - axes.mean
        rest: Float64 = centred - (centred @ axes.axes) @ axes.axes.T
        return rest


def _some(axes: Axes, name: str) -> Axes:
    if not len(axes.variances):
        raise OptionError(f"{name} has no axis to work with: the vectors that it is fitted on are all the same; fit it on other texts")
    return axes
