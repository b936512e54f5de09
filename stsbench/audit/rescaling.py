"""How far Spearman can be moved by rescaling the space that cosine is taken in (after Steck, Ekanadham and Kallus 2024)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stsbench.audit.fragility import SCALES, Products, log_normal
from stsbench.contracts.data import Float64
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import SPEARMAN, figure
from stsbench.stats.orders import midranks

Identified = Literal["O(d)", "diag", "GL(d)", "unknown"]
Map = Literal["diagonal", "linear", "other"]
Admission = Literal["admissible", "sensitivity"]

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
BOUND = 2.0  # factor by which the worst case may stretch or shrink a dimension
STEPS = 40

_FREE: dict[Identified, tuple[Map, ...]] = {"O(d)": (), "unknown": (), "diag": ("diagonal",), "GL(d)": ("diagonal", "linear")}


@dataclass(frozen=True, slots=True)
class Family:
    """A family of maps of the space, and Spearman of cosine under each: `points` by name, their least and largest.

    `standing` is `admissible` if training leaves every map of the family free, so that the model is as good under one as under another
    and cosine is arbitrary within the range; else `sensitivity`: the maps change the model, and the range is what they would do.
    """

    name: str
    words: str
    standing: Admission
    points: tuple[tuple[str, float], ...]

    @property
    def low(self) -> float:
        """The least Spearman."""
        return min(value for _, value in self.points)

    @property
    def high(self) -> float:
        """The largest Spearman."""
        return max(value for _, value in self.points)

    @property
    def spread(self) -> float:
        """Largest less least Spearman, at least 0."""
        return self.high - self.low


def standing(identified: Identified, kind: Map) -> Admission:
    """Whether maps of that kind are a symmetry of the training objective, given up to what it identifies the embedding."""
    return "admissible" if kind in _FREE[identified] else "sensitivity"


def rescalings(
    vectors: Float64, left: Float64, right: Float64, products: Products, gold: Float64, identified: Identified, seed: int = 0
) -> tuple[Family, ...]:
    """All families for pairs `left` and `right`, float64[n, d]; what is fitted is fitted on the unique texts' `vectors`, float64[u, d].

    Maps under which all cosines are the same have no Spearman and are left out, and so is a family of which nothing is left.
    """
    d = vectors.shape[1]
    squares = [log_normal(d, scale, seed) ** 2 for scale in SCALES]
    draws = [
        (f"s = {scale:g}, draw {draw}", column)
        for scale, columns in zip(SCALES, squares, strict=True)
        for draw, column in enumerate(columns.T)
    ]
    deviations = vectors.std(axis=0)
    flat = deviations == 0.0
    inverse = np.where(flat, 1.0, 1 / np.where(flat, 1.0, deviations))
    mean = vectors.mean(axis=0)
    variances, axes = np.linalg.eigh((vectors - mean).T @ (vectors - mean) / len(vectors))
    kept = variances > max(vectors.shape) * np.finfo(np.float64).eps * max(float(variances[-1]), 0.0)
    about = Products.of((left - mean) @ axes[:, kept], (right - mean) @ axes[:, kept])
    powers = [(f"beta = {beta:g}", variances[kept] ** -beta) for beta in POWERS]
    left_out = [k for k in dict.fromkeys((0, 1, 2, 3, max(1, d // 100))) if k < kept.sum()]
    tops = [(f"without the top {k}", np.repeat([1.0, 0.0], [kept.sum() - k, k])) for k in left_out]  # variances rise
    worst = [(name, np.exp(2 * theta)) for name, theta in _extremes(products, midranks(gold))]
    families = [
        _family("coordinate", f"dimensions times exp(s z), z standard normal, s up to {SCALES[-1]:g}", identified, "diagonal",
                products, gold, draws),
        _family("deviation", "dimensions divided by their deviation, without a shift", identified, "diagonal", products, gold,
                [("as it is", np.ones(d)), ("divided", inverse**2)]),
        _family("worst case", f"dimensions times 1/{BOUND:g} to {BOUND:g}, chosen with the gold in hand", identified, "diagonal",
                products, gold, worst),
        _family("principal", "centred; principal axes times variance^(-beta/2), beta = 1 being whitening", identified, "other",
                about, gold, powers),
        _family("standardised", "centred; dimensions divided by their deviation", identified, "other",
                Products.of(left - mean, right - mean), gold, [("centred", np.ones(d)), ("divided", inverse**2)]),
        _family("all but the top", "centred; without the first principal axes", identified, "other", about, gold, tops),
    ]  # fmt: skip
    return tuple(family for family in families if family.points)


def _family(
    name: str, words: str, identified: Identified, kind: Map, products: Products, gold: Float64, maps: Iterable[tuple[str, Float64]]
) -> Family:
    named = list(maps)
    if not named:
        return Family(name, words, standing(identified, kind), ())
    cosines = products.cosines(np.column_stack([squares for _, squares in named]))
    values = [
        (label, figure(SPEARMAN, gold, rankable(column)[0].astype(np.float64))) for (label, _), column in zip(named, cosines.T, strict=True)
    ]
    return Family(name, words, standing(identified, kind), tuple((label, value) for label, value in values if value is not None))


def _extremes(products: Products, ranks: Float64) -> list[tuple[str, Float64]]:
    """Log scales, float64[d], at which cosine agrees least and most with the ranks of gold: projected sign-gradient steps from 0.

    What is found bounds the true extremes from inside.
    """
    start = np.zeros(products.cross.shape[1])
    target = ranks - ranks.mean()
    extremes = [("as it is", start)]
    for sign, name in ((-1.0, "lowest found"), (1.0, "highest found")):
        theta, best, best_value = start, start, -math.inf
        for step in range(STEPS):
            value, slope = _agreement(products, theta, target)
            if sign * value > best_value:
                best, best_value = theta, sign * value
            reach = math.log(BOUND) * (1 - step / STEPS)
            theta = np.clip(theta + sign * reach * np.sign(slope), -math.log(BOUND), math.log(BOUND))
        extremes.append((name, best))
    return extremes


def _agreement(products: Products, theta: Float64, target: Float64) -> tuple[float, Float64]:
    """Pearson of cosines under exp(theta) with `target` (mean 0), and its derivative by theta, float64[d]; 0 where undefined."""
    squares = np.exp(2 * theta)
    cosines = products.cosines(squares[:, None])[:, 0]
    centred = cosines - cosines.mean()
    spread, size = float(np.linalg.norm(centred)), float(np.linalg.norm(target))
    if spread == 0.0 or size == 0.0:
        return 0.0, np.zeros(len(theta))
    value = float(centred @ target) / spread / size
    outer = (target / size - value * centred / spread) / spread  # derivative by each cosine; its mean is 0 already
    lefts, rights = products.left @ squares, products.right @ squares
    lengths = np.sqrt(lefts * rights)
    safe = lengths > 0
    inverse, first, second = (np.divide(top, bottom, out=np.zeros(len(top)), where=safe) for top, bottom in
                              ((outer, lengths), (outer * cosines, lefts), (outer * cosines, rights)))  # fmt: skip
    slope: Float64 = squares * (2 * (inverse @ products.cross) - first @ products.left - second @ products.right)
    return value, slope
