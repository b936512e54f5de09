"""Closed forms of linear matrix factorisation (Steck, Ekanadham and Kallus 2024, arXiv 2403.05440)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from stsbench.plugin import Float64, OptionError

Objective = Literal[1, 2]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Singular values float64[r] of X, falling and above 0, and its right singular vectors as columns, float64[p, r]."""

    values: Float64
    vectors: Float64

    @classmethod
    def of(cls, x: Any) -> Spectrum:
        """The spectrum of x: [n, p], dense or scipy sparse; values that float64 cannot tell from 0 are left out."""
        gram = np.asarray((x.T @ x).todense() if hasattr(x, "todense") else x.T @ x, dtype=np.float64)
        squares, vectors = np.linalg.eigh(gram)
        squares, vectors = squares[::-1], vectors[:, ::-1]
        rank = int((squares > len(gram) * np.finfo(np.float64).eps * max(squares[0], 0.0)).sum())
        return cls(np.sqrt(squares[:rank]), vectors[:, :rank])


@dataclass(frozen=True, eq=False)
class Factors:
    """A and B, float64[p, k] each: X is predicted as X A B'. `sigma` float64[k] and `shrink` float64[k] (objective 1: S)."""

    a: Float64
    b: Float64
    sigma: Float64
    shrink: Float64

    def rescaled(self, diagonal: Float64) -> Factors:
        """A D and B D^-1 for positive D, float64[k]: the predictions are the same."""
        return Factors(self.a * diagonal, self.b / diagonal, self.sigma, self.shrink)


def factorise(spectrum: Spectrum, objective: Objective, penalty: float, k: int | None = None) -> Factors:
    """The minimiser of objective 1, |X - XAB'|^2 + penalty |AB'|^2, with A = B; or of 2, with penalty (|XA|^2 + |B|^2).

    `k` None is full rank; under objective 2 directions with sigma <= penalty vanish and are left out. Raises OptionError where k
    exceeds the rank, or nothing is left.
    """
    rank = len(spectrum.values)
    if k is not None and k > rank:
        raise OptionError(f"option 'k' is {k}, but the data have rank {rank}; give at most that")
    sigma, v = spectrum.values[:k], spectrum.vectors[:, :k]
    if objective == 1:
        shrink = 1.0 / (1.0 + penalty / sigma**2)
        root = np.sqrt(shrink)
        return Factors(v * root, v * root, sigma, shrink)
    kept = sigma > penalty
    if not kept.any():
        raise OptionError(
            f"option 'penalty' is {penalty}, which under objective 2 leaves nothing: the largest singular value is {sigma[0]:.6g}"
        )
    sigma, v = sigma[kept], v[:, kept]
    shrink = 1.0 - penalty / sigma
    return Factors(v * np.sqrt(shrink / sigma), v * np.sqrt(sigma * shrink), sigma, shrink)


def loss(x: Float64, factors: Factors, objective: Objective, penalty: float) -> float:
    """The value of the objective at A and B, by its definition; x is float64[n, p]."""
    embedded = x @ factors.a
    error = float(((x - embedded @ factors.b.T) ** 2).sum())
    if objective == 1:
        return error + penalty * float(((factors.a @ factors.b.T) ** 2).sum())
    return error + penalty * float((embedded**2).sum() + (factors.b**2).sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """What a linear model is learned by, as options of an encoder."""

    objective: Objective = 1
    penalty: float = 100.0
    k: int | None = None
    sigma: float = 0.0
    shrink: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.penalty < float("inf") or (self.k is not None and self.k < 1):
            raise OptionError(f"a linear model takes a finite penalty of at least 0 and a k of at least 1, not {self.penalty} and {self.k}")
        if self.objective == 2 and (self.sigma or self.shrink):
            raise OptionError("objective 2 leaves no scale free; give sigma and shrink with objective=1 only")

    @property
    def identified_up_to(self) -> dict[str, str]:
        """What training leaves free in each view: any invertible map under objective 1, rotations under 2, nothing in predictions."""
        return {"raw": "O(d)", "embedding": "GL(d)" if self.objective == 1 else "O(d)", "back": "O(d)"}

    def factors(self, spectrum: Spectrum) -> Factors:
        """The factors, scaled as the options say."""
        factors = factorise(spectrum, self.objective, self.penalty, self.k)
        return factors.rescaled(factors.sigma**self.sigma * factors.shrink**self.shrink)
