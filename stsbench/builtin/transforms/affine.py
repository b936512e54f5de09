"""Transforms that are fitted: a mean, and a linear map from the principal axes of the vectors about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from stsbench.builtin.transforms.rows import require_positive
from stsbench.contracts.components.fitted import fitted, required
from stsbench.contracts.data import Float64
from stsbench.errors import OptionError


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


@dataclass(frozen=True, eq=False)
class Centre:
    """Vectors less the mean vector of the texts of `fit=`."""

    mean: Float64 | None = field(default=None, init=False)

    def fit(self, vectors: Float64) -> Centre:
        """The transform with the mean of these vectors."""
        return fitted(self, mean=vectors.mean(axis=0))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        return vectors - required(self.mean, "centre")


@dataclass(frozen=True, eq=False)
class Standardise:
    """Components less their mean and divided by their standard deviation over the texts of `fit=`; a constant one is only centred."""

    mean: Float64 | None = field(default=None, init=False)
    deviation: Float64 | None = field(default=None, init=False)

    def fit(self, vectors: Float64) -> Standardise:
        """The transform with the moments of these vectors."""
        constant = (vectors == vectors[:1]).all(axis=0)  # whose deviation, as computed, may be a rounding error
        deviation = vectors.std(axis=0)
        mean = np.where(constant, vectors[0], vectors.mean(axis=0))
        return fitted(self, mean=mean, deviation=np.where(constant | (deviation == 0.0), 1.0, deviation))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        return (vectors - required(self.mean, "standardise")) / required(self.deviation, "standardise")


@dataclass(frozen=True, eq=False, kw_only=True)
class OnAxes:
    """What some principal axes are kept for: `k` of them, or as many as is usual."""

    k: int | None = None
    axes: Axes | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        require_positive("k", self.k)


@dataclass(frozen=True, eq=False, kw_only=True)
class Pca(OnAxes):
    """Coordinates on the first `k` principal axes of the texts of `fit=` (default: all along which they vary), centred."""

    def fit(self, vectors: Float64) -> Pca:
        """The transform with the axes of these vectors; raises OptionError where there are fewer than k."""
        return fitted(self, axes=_some(Axes.of(vectors), "pca").first(self.k, "pca"))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, k]."""
        axes = required(self.axes, "pca")
        coordinates: Float64 = (vectors - axes.mean) @ axes.axes
        return coordinates


@dataclass(frozen=True, eq=False, kw_only=True)
class Whiten(OnAxes):
    """Centred coordinates on the first `k` principal axes, each divided by its standard deviation over the texts of `fit=`.

    `k` is by default the number of axes along which the texts vary. `ridge` times the mean variance is added to every variance,
    which is needed where there are hardly more texts than dimensions. Cosine after whitening is the Mahalanobis cosine.
    Source: Su et al. 2021 (BERT-whitening).
    """

    ridge: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.ridge < float("inf"):
            raise OptionError(f"option 'ridge' takes a number of at least 0, not {self.ridge}")
        super().__post_init__()

    def fit(self, vectors: Float64) -> Whiten:
        """The transform with the axes of these vectors, their variances raised by the ridge."""
        axes = _some(Axes.of(vectors), "whiten")
        raised = axes.variances + self.ridge * axes.variances.sum() / vectors.shape[1]
        return fitted(self, axes=replace(axes, variances=raised).first(self.k, "whiten"))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, k]."""
        axes = required(self.axes, "whiten")
        whitened: Float64 = (vectors - axes.mean) @ (axes.axes / np.sqrt(axes.variances))
        return whitened


@dataclass(frozen=True, eq=False, kw_only=True)
class AllButTheTop(OnAxes):
    """Centred vectors without their parts along the first `k` principal axes of the texts of `fit=` (default: one in 100 dimensions).

    At least one is left out. Source: Mu and Viswanath, ICLR 2018.
    """

    def fit(self, vectors: Float64) -> AllButTheTop:
        """The transform with the axes of these vectors."""
        axes = Axes.of(vectors)
        k = min(max(1, vectors.shape[1] // 100), len(axes.variances)) if self.k is None else self.k
        return fitted(self, axes=axes.first(k, "all-but-the-top"))

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        axes = required(self.axes, "all-but-the-top")
        centred = vectors - axes.mean
        rest: Float64 = centred - (centred @ axes.axes) @ axes.axes.T
        return rest


def _some(axes: Axes, name: str) -> Axes:
    if not len(axes.variances):
        raise OptionError(f"{name} has no axis to work with: the vectors that it is fitted on are all the same; fit it on other texts")
    return axes
