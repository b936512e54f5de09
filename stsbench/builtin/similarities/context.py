"""Similarities that depend on other texts: on their spread, on their neighbourhood, or on the candidates among which one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.contracts.components.fitted import fitted, required
from stsbench.contracts.data import FitData, Flags, Float32, Float64, Index
from stsbench.errors import OptionError

BLOCK = 256  # rows that meet all fitted ones in one product
GROUP = 16  # columns of which only the largest value is looked at first
CANDIDATES = 4096  # cosines that are computed at a time
SAME = 1.0 - 1e-12  # a cosine from which on two vectors count as one


def fit_vectors(data: FitData, name: str) -> Float64:
    """The vectors of `data`, float64[u, d]; raises ValueError where there are none."""
    if data.vectors is None or not len(data.vectors):
        raise ValueError(f"{name} is fitted on vectors, and the data hold none")
    return np.ascontiguousarray(data.vectors, dtype=np.float64)


def ledoit_wolf(vectors: Float64) -> tuple[Float64, float]:
    """Covariance float64[d, d] shrunk towards a multiple of the identity, and the shrinkage in [0, 1].

    Source: Ledoit and Wolf 2004, as in scikit-learn's `ledoit_wolf`.
    """
    n, d = vectors.shape
    centred = vectors - vectors.mean(axis=0)
    covariance = centred.T @ centred / n
    mean = float(np.trace(covariance)) / d
    squares = float((covariance**2).sum())
    gap = (squares - d * mean**2) / d
    noise = min((float((kernels.total(centred**2) ** 2).sum()) / n - squares) / (n * d), gap)
    shrinkage = noise / gap if gap > 0.0 and noise > 0.0 else 0.0
    return (1.0 - shrinkage) * covariance + shrinkage * mean * np.eye(d), shrinkage


@dataclass(frozen=True, eq=False)
class Mahalanobis:
    """Negated Mahalanobis distance of two vectors: Euclidean distance in units of how the texts of `fit=` vary, direction by direction.

    Their covariance is shrunk by the rule of Ledoit and Wolf (2004), so that it can be inverted where texts are few.
    """

    whiten: Float64 | None = field(default=None, init=False)  # the linear map that makes the fitted vectors' covariance the identity

    def fit(self, data: FitData) -> Mahalanobis:
        """The distance of these vectors' covariance."""
        covariance, _ = ledoit_wolf(fit_vectors(data, "mahalanobis"))
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError as error:
            raise OptionError("mahalanobis has no covariance to invert: the texts of fit= hardly vary; fit it on more of them") from error
        return fitted(self, whiten=np.ascontiguousarray(np.linalg.inv(lower).T))

    def score(self, left: Float64, right: Float64) -> Float64:
        """Negated distance of each row, float64[n], at most 0."""
        whiten = required(self.whiten, "mahalanobis")
        return kernels.by_rows(lambda u, v: -np.sqrt(kernels.total(kernels.linear(u - v, whiten) ** 2)), left, right)

    def matrix(self, left: Float64, right: Float64) -> Float64:
        """Negated distance of every left row to every right row, float64[n, m], at most 0."""
        from scipy.spatial.distance import cdist

        whiten = required(self.whiten, "mahalanobis")
        sides = (kernels.linear(np.asarray(side, np.float64), whiten) for side in (left, right))
        return 0.0 - np.asarray(cdist(*sides))


Figure = Callable[[Float64], Float64]


@dataclass(frozen=True, eq=False)
class Around:
    """A figure of each row among the fitted rows, float64[b, d] -> float64[b]; that of the fitted rows themselves is computed once."""

    figure: Figure
    known: Mapping[bytes, float]

    @classmethod
    def of(cls, rows: Float64, figure_among: Callable[[Float64], Figure]) -> Around:
        """The figure among the distinct rows of `rows`, float64[u, d]; it is handed BLOCK rows at a time."""
        fitted = np.unique(rows + 0.0, axis=0)
        empty = cls(figure_among(fitted), {})
        values, _ = empty(fitted)
        return replace(empty, known={row.tobytes(): value for row, value in zip(fitted, values.tolist(), strict=True)})

    def __call__(self, rows: Float64) -> tuple[Float64, Flags]:
        """The figure of each row, float64[n], and which rows are among the fitted ones, bool[n]."""
        rows = rows + 0.0  # turns -0.0 into 0.0, which has other bytes
        values = np.array([self.known.get(row.tobytes(), np.nan) for row in rows], dtype=np.float64)
        among = ~np.isnan(values)
        new = np.flatnonzero(~among)
        for start in range(0, len(new), BLOCK):
            chosen = new[start : start + BLOCK]
            values[chosen] = self.figure(rows[chosen])
        return values, among


@dataclass(frozen=True, eq=False)
class MeanOfNearest:
    """The mean of the k largest cosines below 1 of unit vectors to the fitted ones, `units` float64[u, d].

    Which they are is looked for in float32, whose errors are bounded; those that may be among them are computed in float64. What is
    looked for is u.v - |v|^2 / 2 of vectors less their mean, which is largest where the cosine is: errors are as small as the
    vectors are close, where all of them point one way.
    """

    k: int
    units: Float64

    def __call__(self, rows: Float64) -> Float64:
        """The mean of each row, float64[b]; 0 where there is none."""
        row, column = self.candidates(rows)
        cosines = np.concatenate([np.empty(0), *(
            np.vecdot(rows[row[start : start + CANDIDATES]], self.units[column[start : start + CANDIDATES]])
            for start in range(0, len(row), CANDIDATES)
        )])  # fmt: skip
        below = cosines < SAME
        row, cosines = row[below], cosines[below]
        order = np.lexsort((-cosines, row))
        row, cosines = row[order], cosines[order]
        nearest = np.arange(len(row)) - np.searchsorted(row, row) < self.k
        sums = np.bincount(row[nearest], cosines[nearest], len(rows))
        means: Float64 = sums / np.maximum(1, np.bincount(row[nearest], minlength=len(rows)))
        return means

    def candidates(self, rows: Float64) -> tuple[Index, Index]:
        """Row and column of every cosine that may be one of the k largest below 1 of its row, and of those of 1."""
        mean, centred, halves, longest = self._centred
        less = rows - mean
        rough = less.astype(np.float32) @ centred.T
        rough -= halves
        squares = kernels.total(less**2)
        # twice what rounding can do: to d products and what they are made of in float32, and to a cosine in float64
        error = (rows.shape[1] + 8) * (2.0**-23 * (np.sqrt(squares) + longest) * longest + 2.0**-52)
        same = (squares / 2.0 - (1.0 - SAME) - error).astype(np.float32)
        bound = self._bound(np.where(rough >= same[:, None], np.float32(-np.inf), rough))
        least = np.minimum(same, (bound - 2.0 * error).astype(np.float32))
        row, column = np.divmod(np.flatnonzero(rough >= least[:, None]), max(1, rough.shape[1]))
        return row, column

    def _bound(self, rough: Float32) -> Float32:
        """What the k largest of each row reach, float32[b]: so do the k largest maxima of groups of columns, which are few to sort."""
        groups = rough.shape[1] // GROUP
        if groups < self.k:
            return np.full(len(rough), -np.inf, dtype=np.float32)
        maxima = rough[:, : groups * GROUP].reshape(len(rough), GROUP, groups).max(axis=1)
        bounds: Float32 = np.partition(maxima, groups - self.k, axis=1)[:, groups - self.k]
        return bounds

    @cached_property
    def _centred(self) -> tuple[Float64, Float32, Float32, float]:
        """The mean of the fitted vectors; the vectors less that; halves of their squared lengths; the largest length."""
        mean = self.units.mean(axis=0) if len(self.units) else np.zeros(self.units.shape[1])
        centred = self.units - mean
        squares = kernels.total(centred**2)
        return mean, centred.astype(np.float32), (squares / 2.0).astype(np.float32), float(np.sqrt(squares.max(initial=0.0)))


@dataclass(frozen=True, eq=False, kw_only=True)
class Csls:
    """Cross-domain similarity local scaling: 2 cos(u, v) - r(u) - r(v), in [-4, 4], which takes back what hubs gain.

    r is the mean cosine to the `k` nearest of the distinct vectors of the texts of `fit=`, itself not counted. A score depends on
    those texts. Source: Conneau et al., ICLR 2018.
    """

    k: int = 10
    density: Around | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.k < 1:
            raise OptionError(f"option 'k' of csls takes a whole number of at least 1, not {self.k}")

    def fit(self, data: FitData) -> Csls:
        """The similarity with the neighbourhoods that these vectors make."""
        vectors = fit_vectors(data, "csls")
        return fitted(self, density=Around.of(kernels.unit(vectors[vectors.any(axis=1)]), partial(MeanOfNearest, self.k)))

    def score(self, left: Float64, right: Float64) -> Float64:
        """2 cos - r(u) - r(v) of each row, float64[n] in [-4, 4]."""
        density = required(self.density, "csls")
        return kernels.by_rows(
            lambda u, v: kernels.settled(2.0 * kernels.cosine(u, v) - (density(kernels.unit(u))[0] + density(kernels.unit(v))[0])),
            left,
            right,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Attention:
    """Softmax attention between two vectors, in [0, 1]: (P(v | u) + P(u | v)) / 2, P(v | u) = exp(u.v / s) / sum over c of exp(u.c / s).

    The candidates c are the distinct vectors of the texts of `fit=` (and v, if it is none of them), so that a score depends on them
    as much as on its pair. s is `temperature` times the root of the number of dimensions, or without the `root`. `unit` takes unit
    vectors. Source: Vaswani et al., NeurIPS 2017.
    """

    temperature: float = 1.0
    root: bool = True
    unit: bool = False
    total: Around | None = field(default=None, init=False)

    relative = True  # a weight is an exponential, exact to so many digits however small it is

    def __post_init__(self) -> None:
        if not 0.0 < self.temperature < float("inf"):
            raise OptionError(f"option 'temperature' of attention-softmax takes a number above 0, not {self.temperature}")

    def fit(self, data: FitData) -> Attention:
        """The similarity with these vectors as candidates."""
        vectors = self._ready(fit_vectors(data, "attention-softmax"))
        scale = self._scale(vectors.shape[1])

        def among(candidates: Float64) -> Figure:
            return lambda rows: _log_sum(np.divide(products := kernels.linear(rows, candidates.T, BLOCK), scale, out=products))

        return fitted(self, total=Around.of(vectors, among))

    def score(self, left: Float64, right: Float64) -> Float64:
        """The mean of both directions' weights, float64[n] in [0, 1]."""
        total = required(self.total, "attention-softmax")
        return kernels.by_rows(lambda u, v: self._score(total, self._ready(u), self._ready(v)), left, right)

    def _score(self, total: Around, left: Float64, right: Float64) -> Float64:
        logits = kernels.dot(left, right) / self._scale(left.shape[1])
        (of_left, left_among), (of_right, right_among) = total(left), total(right)
        return (self._weight(logits, of_left, right_among) + self._weight(logits, of_right, left_among)) / 2.0

    def _weight(self, logits: Float64, sums: Float64, candidate: Flags) -> Float64:
        """exp(logit) over the sum of all candidates', to which one that was not among them is added."""
        return np.exp(np.minimum(logits - np.where(candidate, sums, np.logaddexp(sums, logits)), 0.0))

    def _ready(self, rows: Float64) -> Float64:
        return kernels.unit(rows) if self.unit else rows

    def _scale(self, dimensions: int) -> float:
        return self.temperature * (float(np.sqrt(dimensions)) if self.root else 1.0)


def _log_sum(logits: Float64) -> Float64:
    """The logarithm of the sum of each row's exponentials, float64[b]; `logits` are overwritten."""
    largest = logits.max(axis=1)  # taken out first: the exponential of a large logit would overflow
    logits -= largest[:, None]
    sums: Float64 = largest + np.log(kernels.total(np.exp(logits, out=logits)))
    return sums
