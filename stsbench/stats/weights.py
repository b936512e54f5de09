"""Figures of pairs that carry weights: how often each pair counts, whole or not. A pair of weight 0 is as good as absent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Flags, Float32, Float64

ROUNDING = 1e-12  # a spread below this share of the largest that a resample could have is none, but for rounding
Counts = Float32 | Float64  # of n pairs in b resamples, [n, b]
Under = Callable[[Counts], Float64]  # the figures float64[b, s] of s systems under counts [n, b]; ValueError where one is undefined
Values = NDArray[np.floating[Any]] | Flags
Plain = Callable[[Float64, Float64, Float64], float]
PlainInfluence = Callable[[Float64, Float64, Float64], tuple[float, Float64]]


class Compute(Protocol):
    """A figure of gold and scores, float64[n] each; `weights` count pairs, once each by default. ValueError where it is undefined."""

    def __call__(self, gold: Values, scores: Values, weights: Float64 | None = None) -> float: ...  # noqa: D102


class Influence(Protocol):
    """The figure, and the influence of each pair on it, float64[n]: n times its derivative by the logarithm of the pair's weight.

    Influences sum to zero, and the norm of them divided by n is the figure's standard error (the infinitesimal jackknife: Jaeckel 1972).
    """

    def __call__(self, gold: Values, scores: Values, weights: Float64 | None = None) -> tuple[float, Float64]: ...  # noqa: D102


def weighted(plain: Plain) -> Compute:
    """A figure of pairs that all have a weight above 0, for pairs with any weights or none."""

    @wraps(plain)
    def compute(gold: Values, scores: Values, weights: Float64 | None = None) -> float:
        left, right, there, counts = _present(gold, scores, weights)
        return plain(left[there], right[there], counts)

    return compute


def weighted_influence(plain: PlainInfluence) -> Influence:
    """The same of an influence function: what `plain` gives is the derivative by a pair's share in the sum of weights."""

    @wraps(plain)
    def influence(gold: Values, scores: Values, weights: Float64 | None = None) -> tuple[float, Float64]:
        left, right, there, counts = _present(gold, scores, weights)
        values = np.zeros(len(gold))
        figure, values[there] = plain(left[there], right[there], counts)
        values[there] *= len(gold) * counts / counts.sum()
        return figure, values

    return influence


def varied(values: Float64) -> Float64:
    """`values`, which are not all equal; raises ValueError where they are."""
    if (values == values[0]).all():
        raise ValueError("constant gold or scores leave a correlation undefined")
    return values


def _present(gold: Values, scores: Values, weights: Float64 | None) -> tuple[Float64, Float64, Flags | slice, Float64]:
    """Gold and scores as float64, which pairs count, and how often each of those does."""
    left, right, counts = given(gold, scores, weights)
    there = slice(None) if weights is None else counts > 0
    return left, right, there, counts[there]


def given(gold: Values, scores: Values, weights: Float64 | None) -> tuple[Float64, Float64, Float64]:
    """Gold, scores and weights, 1 by default, as float64[n]; raises ValueError where they are not what `Compute` says."""
    wide = np.asarray(gold, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if wide[0].shape != wide[1].shape or wide[0].ndim != 1 or not len(wide[0]) or not all(np.isfinite(values).all() for values in wide):
        raise ValueError("there must be one finite score and gold a pair, and one pair at least")
    if weights is None:
        return *wide, np.ones(len(gold))
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != wide[0].shape or not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ValueError("weights are one finite number from 0 a pair, and not all 0")
    return *wide, weights
