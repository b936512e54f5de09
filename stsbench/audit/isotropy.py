"""How vectors fill their space: anisotropy, what makes it, how many dimensions there are in effect, and hubs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.audit.estimate import unit_rows
from stsbench.contracts.data import Float64, Index
from stsbench.stats.pairing import nearest

TOP = 3  # dimensions that are named


@dataclass(frozen=True, slots=True)
class Isotropy:
    """How u vectors of d dimensions fill their space.

    `anisotropy`: mean cosine of two different texts, in [-1 / (u - 1), 1] (Ethayarajh 2019). `rogue`: the dimensions that
    contribute most to it, with their shares (Timkey and van Schijndel 2021); empty unless anisotropy is above .01, where a share
    would divide by next to nothing. `participation`: (sum of variances)^2 / sum of their squares along principal axes, in [1, d];
    `isoscore`: (participation - 1) / (d - 1), in [0, 1], which is IsoScore (Rudman et al. 2022). `effective_rank`: exp of the entropy
    of the singular values (Roy and Vetterli 2007; RankMe), in [1, d]. `partition`: least over largest partition function along the
    eigenvectors of E'E and their opposites, in (0, 1] (Arora et al. 2016; Mu and Viswanath 2018). None where it does not exist.
    """

    dimensions: int
    anisotropy: float | None
    rogue: tuple[tuple[int, float], ...]
    participation: float | None
    isoscore: float | None
    effective_rank: float | None
    partition: float

    @property
    def top_share(self) -> float | None:
        """The share of the dimensions that are named, together; None where none is."""
        return sum(share for _, share in self.rogue) if self.rogue else None


def measure_isotropy(vectors: Float64) -> Isotropy:
    """The isotropy of vectors float64[u, d], one a text; zero vectors count as such."""
    u, d = vectors.shape
    contributions = random_cosine_by_dimension(vectors) if u > 1 else None
    anisotropy = None if contributions is None else float(contributions.sum())
    rogue: tuple[tuple[int, float], ...] = ()
    if contributions is not None and anisotropy is not None and anisotropy > 0.01:
        order = np.argsort(-contributions, kind="stable")[:TOP]
        rogue = tuple((int(dimension), float(contributions[dimension] / anisotropy)) for dimension in order)
    centred = vectors - vectors.mean(axis=0)
    variances = np.maximum(np.linalg.eigvalsh(centred.T @ centred / u), 0.0)
    total = float(variances.sum())
    participation = total**2 / float((variances**2).sum()) if total > 0 else None
    isoscore = None if participation is None or d == 1 else (participation - 1) / (d - 1)
    squares, axes = np.linalg.eigh(vectors.T @ vectors)
    return Isotropy(d, anisotropy, rogue, participation, isoscore, _effective_rank(squares), _partition(vectors @ axes))


def random_cosine_by_dimension(vectors: Float64) -> Float64:
    """What each dimension adds to the mean cosine of two different rows, float64[d]: exact, over all pairs of rows."""
    units = unit_rows(vectors)
    u = len(units)
    cosines: Float64 = (units.sum(axis=0) ** 2 - (units**2).sum(axis=0)) / (u * (u - 1))
    return cosines


def _effective_rank(squares: Float64) -> float | None:
    values = np.sqrt(np.maximum(squares, 0.0))
    if not values.any():
        return None
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _partition(along: Float64) -> float:
    from scipy.special import logsumexp

    both = np.concatenate([logsumexp(along, axis=0), logsumexp(-along, axis=0)])
    return float(np.exp(both.min() - both.max()))


NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Hubness:
    """How often each text is among the k nearest others, by cosine: `skewness` of that count (0: no hubs; Radovanovic et al. 2010).

    `robin_hood` is the share of places in lists that would have to change hands for all texts to have k, in [0, 1); `antihubs` the
    share of texts in no list, in [0, 1]; `largest` the most lists that a text is in. Source of the last three: Feldbauer et al. 2018.
    """

    k: int
    skewness: float
    robin_hood: float
    antihubs: float
    largest: int


def measure_hubness(vectors: Float64, k: int = NEIGHBOURS) -> Hubness | None:
    """The hubness of vectors float64[u, d], one a text; None unless there are more than k + 1 texts."""
    if len(vectors) <= k + 1:
        return None
    counts = k_occurrence(vectors, k).astype(np.float64)
    deviations = counts - k  # every text gives k places, so k is the mean
    spread = float((deviations**2).mean())
    skewness = float((deviations**3).mean()) / spread**1.5 if spread else 0.0
    return Hubness(k, skewness, float(np.abs(deviations).sum() / 2 / counts.sum()), float((counts == 0).mean()), int(counts.max()))


def k_occurrence(vectors: Float64, k: int) -> Index:
    """In how many lists of the k nearest others, by cosine, each row is, intp[u]."""
    units = unit_rows(vectors)
    return np.bincount(nearest(lambda rows: units[rows] @ units.T, len(units), k).ravel(), minlength=len(units))
