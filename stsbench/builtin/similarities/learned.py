"""Similarities that are trained on pairs with gold scores, as components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.context import fit_vectors
from stsbench.contracts.components.fitted import required
from stsbench.contracts.data import FitData, Float64
from stsbench.errors import OptionError

ALPHAS = 10.0 ** np.arange(-4, 5)  # penalties to choose from

Features = Callable[[Float64, Float64], Float64]


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Ridge regression with an intercept: weights float64[f], the intercept and the penalty."""

    weights: Float64
    intercept: float
    alpha: float

    @classmethod
    def of(cls, features: Float64, gold: Float64, alpha: float | None) -> LinearModel:
        """The model of features float64[n, f]; without a penalty, that of `ALPHAS` whose leave-one-out error is least.

        As scikit-learn's Ridge and RidgeCV.
        """
        means, mean = features.mean(axis=0), float(gold.mean())
        centred = features - means
        values, axes = np.linalg.eigh(centred.T @ centred)
        values = np.maximum(values, 0.0)
        rotated = centred @ axes
        target = rotated.T @ (gold - mean)

        def error(penalty: float) -> float:
            left_over = gold - mean - rotated @ (target / (values + penalty))
            leverage = rotated**2 @ (1.0 / (values + penalty)) + 1.0 / len(gold)
            return float(((left_over / (1.0 - leverage)) ** 2).mean())

        chosen = min(ALPHAS.tolist(), key=error) if alpha is None else alpha
        weights: Float64 = axes @ (target / (values + chosen))
        return cls(weights, mean - float(means @ weights), chosen)


def products(left: Float64, right: Float64) -> Float64:
    """Products of the components of unit vectors, float64[n, d]: their sum is the cosine."""
    return kernels.unit(left) * kernels.unit(right)


def gaps_and_products(left: Float64, right: Float64) -> Float64:
    """Absolute differences and products of the components of unit vectors, float64[n, 2 d]."""
    left, right = kernels.unit(left), kernels.unit(right)
    return np.hstack([np.abs(left - right), left * right])


@dataclass(frozen=True, eq=False)
class Learned:
    """A linear model of features of a pair; None until fitted."""

    name: str
    features: Features
    alpha: float | None
    model: LinearModel | None = None

    def fit(self, data: FitData) -> Learned:
        """The similarity trained on these pairs; raises ValueError if the data hold no gold scores."""
        vectors = fit_vectors(data, self.name)
        if data.left is None or data.right is None or data.gold is None:
            raise ValueError(f"{self.name} is trained on pairs with gold scores, and the data hold none")
        return replace(self, model=LinearModel.of(self.features(vectors[data.left], vectors[data.right]), data.gold, self.alpha))

    def score(self, left: Float64, right: Float64) -> Float64:
        """Predicted gold score of each row, float64[n]."""
        model = required(self.model, self.name)
        size = 2.0 * float(np.linalg.norm(model.weights)) + abs(model.intercept)  # no score is larger: features are of unit vectors

        def predicted(u: Float64, v: Float64) -> Float64:
            return kernels.settled(kernels.total(self.features(u, v) * model.weights) + model.intercept, size or 1.0)

        return kernels.by_rows(predicted, left, right)


def learned_diagonal(*, alpha: float | None = None) -> Learned:
    """Cosine with a weight for each dimension, trained on the pairs and gold scores of `fit=`: the sum of w u v over unit vectors.

    Weights are those of ridge regression with the penalty `alpha`, by default the power of ten with the least leave-one-out error.
    It is refused where it was trained on pairs of the benchmark, unless `leak=true`.
    """
    return Learned("learned-diagonal", products, _penalty(alpha))


def ridge(*, alpha: float | None = None) -> Learned:
    """Ridge regression of gold scores on |u - v| and u v of unit vectors, trained on the pairs of `fit=`.

    `alpha` is the penalty, by default the power of ten with the least leave-one-out error. It is refused where it was trained on
    pairs of the benchmark, unless `leak=true`. Source of the features: Tai et al., ACL 2015.
    """
    return Learned("ridge", gaps_and_products, _penalty(alpha))


def _penalty(alpha: float | None) -> float | None:
    if alpha is not None and not 0.0 < alpha < float("inf"):
        raise OptionError(f"option 'alpha' takes a number above 0, not {alpha}")
    return alpha
