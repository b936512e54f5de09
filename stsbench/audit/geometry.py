"""The geometry of vectors: how long they are and what that carries, how they fill their space, in how many dimensions, and hubs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.builtin.similarities.kernels import unit
from stsbench.contracts.data import Float64, Index
from stsbench.stats.intervals import Estimate, partial_spearman, spearman
from stsbench.stats.pairing import nearest

CONSTANT = 1e-5  # variation of norms below which it is the rounding of float32, and carries nothing

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Norms:
    """Norms of u texts' vectors: mean, variation (deviation / mean), least, largest, and the number of zero vectors.

    `length`, `rarity` are Spearman of the norm with the number of words and with their mean idf. `gold` is the partial Spearman of
    log|u| + log|v| with gold, the cosine held fixed: what lengths know of gold beyond cosine. All three leave out zero vectors
    and are undefined where the others' norms are constant. Sources: Schakel and Wilson 2015; Yokoi et al. 2020; Oyama et al. 2023.
    """

    mean: float
    variation: float
    least: float
    largest: float
    zero: int
    length: Estimate
    rarity: Estimate
    gold: Estimate

    @property
    def constant(self) -> bool:
        """Whether all norms are the same but for rounding."""
        return self.zero == 0 and self.variation < CONSTANT


def measure_norms(vectors: Float64, texts: Sequence[str], left: Index, right: Index, cosines: Float64, gold: Float64) -> Norms:
    """The norms of vectors float64[u, d] of `texts`; pairs are rows `left` and `right` of them. At least one text."""
    norms = np.linalg.norm(vectors, axis=1)
    mean = float(norms.mean())
    variation = float(norms.std()) / mean if mean else 0.0
    size = mean, variation, float(norms.min()), float(norms.max())
    zero = int((norms == 0).sum())
    nonzero = norms > 0
    if not nonzero.any() or norms[nonzero].std() < CONSTANT * norms[nonzero].mean():
        nothing = Estimate(reason="norms are constant")
        return Norms(*size, zero, nothing, nothing, nothing)
    lengths, rarities = word_statistics(texts)
    whole = (norms[left] > 0) & (norms[right] > 0)
    both = np.log(norms[left][whole]) + np.log(norms[right][whole])
    carried = partial_spearman(both, gold[whole], cosines[whole])
    of_texts = spearman(norms[nonzero], lengths[nonzero]), spearman(norms[nonzero], rarities[nonzero])
    return Norms(*size, zero, *of_texts, carried)


def word_statistics(texts: Sequence[str]) -> tuple[Float64, Float64]:
    """Of each text the number of words (runs of word characters), and their mean idf among these texts, ln(u / df); 0 without words."""
    words = [_WORD.findall(text.lower()) for text in texts]
    counts = Counter(word for own in words for word in set(own))
    lengths = np.array([len(own) for own in words], dtype=np.float64)
    rarities = np.array([sum(math.log(len(texts) / counts[word]) for word in own) / max(1, len(own)) for own in words])
    return lengths, rarities


def overlap(left: Sequence[str], right: Sequence[str]) -> Float64:
    """Jaccard overlap of the words of each pair, float64[n] in [0, 1]; 0 where neither has a word."""
    sets = [(set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))) for one, other in zip(left, right, strict=True)]
    return np.array([len(one & other) / max(1, len(one | other)) for one, other in sets])


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
    units = unit(vectors)
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
    units = unit(vectors)
    return np.bincount(nearest(lambda rows: units[rows] @ units.T, len(units), k).ravel(), minlength=len(units))
