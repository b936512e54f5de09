"""Similarities of sentence vectors, as components."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.kernels import Rows
from stsbench.contracts.arrays import is_sparse
from stsbench.contracts.data import Float64
from stsbench.errors import OptionError

Zero = Literal["zero", "sklearn"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cosine:
    """Cosine of two vectors, in [-1, 1].

    Computed as 1 - |u - v|^2 / 2 of unit vectors in float64: identical vectors score exactly 1. A zero vector scores 0, or with
    `zero=sklearn` .5 beside another vector and 1 beside another zero vector, which is how mteb's published figures came about.
    """

    zero: Zero = "zero"

    def score(self, left: Rows, right: Rows) -> Float64:
        """Cosine of each row, float64[n] in [-1, 1]."""
        return kernels.by_rows(kernels.cosine if self.zero == "zero" else kernels.cosine_sklearn, left, right)

    def matrix(self, left: Rows, right: Rows) -> Float64:
        """Cosine of every left row with every right row, float64[n, m] in [-1, 1]."""
        left, right = _floats(left), _floats(right)
        u, v = kernels.unit(left), kernels.unit(right)
        if is_sparse(u):  # of unit vectors, and settled, the product is as good as their difference
            squares = (kernels.total(u * u)[:, None] + kernels.total(v * v)) - 2.0 * (u @ v.T).toarray()
        else:
            squares = -_distances(u, v, kernels.sqeuclidean, "sqeuclidean")
        scores = kernels.from_chord(squares)
        if self.zero == "zero":
            scores[kernels.is_zero(left)] = 0.0
            scores[:, kernels.is_zero(right)] = 0.0
        return scores


@dataclass(frozen=True, slots=True)
class Pearson:
    """Pearson correlation of the components of two vectors, in [-1, 1]: their cosine after layer normalisation.

    A constant vector scores 0. Source: Zhelezniak et al., NAACL 2019.
    """

    def score(self, left: Float64, right: Float64) -> Float64:
        """Correlation of each row, float64[n] in [-1, 1]."""
        return kernels.by_rows(kernels.pearson, left, right)

    def matrix(self, left: Float64, right: Float64) -> Float64:
        """Correlation of every left row with every right row, float64[n, m] in [-1, 1]."""
        return Cosine().matrix(kernels.centred(np.asarray(left, np.float64)), kernels.centred(np.asarray(right, np.float64)))


@dataclass(frozen=True, slots=True)
class Dot:
    """Inner product of two vectors. It grows with their lengths, so a text need not be most similar to itself."""

    def score(self, left: Rows, right: Rows) -> Float64:
        """Inner product of each row, float64[n]."""
        return kernels.by_rows(kernels.dot, left, right)

    def matrix(self, left: Rows, right: Rows) -> Float64:
        """Inner product of every left row with every right row, float64[n, m]."""
        left, right = _floats(left), _floats(right)
        products, sizes = (_floats(one.toarray() if is_sparse(one) else one) for one in (left @ right.T, abs(left) @ abs(right).T))
        return kernels.cleared(products + 0.0, sizes)


@dataclass(frozen=True, slots=True)
class Jaccard:
    """Weighted Jaccard index of two vectors, in [0, 1]: the sum of the smaller over the sum of the larger of each two components.

    Positive and negative components count as different ones, and two zero vectors score 0. Of sets written as 0 and 1 it is the number
    that both hold over the number that either holds. Sources: Ruzicka 1958; for negative components Li, KDD 2017.
    """

    def score(self, left: Rows, right: Rows) -> Float64:
        """Index of each row, float64[n] in [0, 1]."""
        return kernels.by_rows(kernels.jaccard, left, right)

    def matrix(self, left: Rows, right: Rows) -> Float64:
        """Index of every left row and every right row, float64[n, m] in [0, 1]."""
        left, right = _floats(left), _floats(right)
        sums = kernels.total(abs(left))[:, None] + kernels.total(abs(right))
        gaps = -_distances(left, right, kernels.manhattan, "cityblock")
        return kernels.overlap(sums - gaps, sums + gaps)


@dataclass(frozen=True, slots=True)
class Distance:
    """A negated distance of two vectors, by differences of their components; `metric` is what scipy calls that of the kernel."""

    kernel: kernels.Kernel
    metric: str

    def score(self, left: Rows, right: Rows) -> Float64:
        """Negated distance of each row, float64[n], at most 0."""
        return kernels.by_rows(self.kernel, left, right)

    def matrix(self, left: Rows, right: Rows) -> Float64:
        """Negated distance of every left row to every right row, float64[n, m], at most 0."""
        return _distances(_floats(left), _floats(right), self.kernel, self.metric)


@dataclass(frozen=True, kw_only=True, slots=True)
class Minkowski:
    """Negated Minkowski distance of two vectors: the p-th root of the sum of absolute differences to the power `p`, at least 1."""

    p: float = 3.0

    def __post_init__(self) -> None:
        if not 1.0 <= self.p < float("inf"):
            raise OptionError(f"option 'p' of minkowski takes a number of at least 1, not {self.p}; chebyshev is the limit of large ones")

    def score(self, left: Float64, right: Float64) -> Float64:
        """Negated distance of each row, float64[n], at most 0."""
        return kernels.by_rows(partial(kernels.minkowski, p=self.p), left, right)

    def matrix(self, left: Float64, right: Float64) -> Float64:
        """Negated distance of every left row to every right row, float64[n, m], at most 0."""
        from scipy.spatial.distance import cdist

        return 0.0 - np.asarray(cdist(np.asarray(left, np.float64), np.asarray(right, np.float64), "minkowski", p=self.p))


@dataclass(frozen=True, slots=True)
class Angular:
    """1 - angle / pi of two vectors, in [0, 1]. It ranks as `cosine` does; Pearson differs. A zero vector scores .5."""

    def score(self, left: Float64, right: Float64) -> Float64:
        """1 - angle / pi of each row, float64[n] in [0, 1]."""
        return kernels.by_rows(kernels.angular, left, right)

    def matrix(self, left: Float64, right: Float64) -> Float64:
        """1 - angle / pi of every left row and every right row, float64[n, m] in [0, 1]."""
        left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
        u, v = kernels.unit(left), kernels.unit(right)
        scores = kernels.from_chords(*(-_distances(u, w, kernels.euclidean, "euclidean") for w in (v, -v)))
        scores[kernels.is_zero(left)] = 0.5
        scores[:, kernels.is_zero(right)] = 0.5
        return scores


def _floats(rows: Rows) -> Rows:
    return rows if is_sparse(rows) else np.asarray(rows, np.float64)


def _distances(left: Rows, right: Rows, kernel: kernels.Kernel, metric: str) -> Float64:
    if is_sparse(left):
        return kernels.pairwise(kernel, left, right)
    from scipy.spatial.distance import cdist

    return 0.0 - np.asarray(cdist(left, right, metric))


def euclidean() -> Distance:
    """Negated Euclidean distance of two vectors."""
    return Distance(kernels.euclidean, "euclidean")


def sqeuclidean() -> Distance:
    """Negated squared Euclidean distance of two vectors. It ranks as `euclidean` does; Pearson differs."""
    return Distance(kernels.sqeuclidean, "sqeuclidean")


def manhattan() -> Distance:
    """Negated Manhattan (city block) distance of two vectors: the sum of absolute differences."""
    return Distance(kernels.manhattan, "cityblock")


def chebyshev() -> Distance:
    """Negated Chebyshev distance of two vectors: the largest absolute difference of a component."""
    return Distance(kernels.chebyshev, "chebyshev")
