"""Which pairs are labelled next, drawn with known chances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.choosing.pool import PairPool

UNIFORM = 0.4  # share of the chances that is the same for all pairs, which bounds the weight of any
EARLIER = 0.1  # share of attention that candidates keep which the labels speak against
NOTHING = 1e-6  # standard deviation of ranks, of which the whole is 1, that is rounding
NEAR = 0.2  # of the correlation with the consensus, by which candidates without labels lose attention


class Drawn(NamedTuple):
    """Pairs drawn together, in random order, and the chance of each to be among them, float64 in (0, 1]."""

    rows: Index
    chances: Float64


def propose(pool: PairPool, drawn: Index, number: int, chances_of_best: Float64 | None, generator: np.random.Generator) -> Drawn:
    """`number` pairs that have not been `drawn` yet, those on which the candidates that may be best disagree with higher chances.

    A label helps to tell two systems apart as their ranks of its pair differ: the variance of a weighted sum is least where chances are
    proportional to the size of what is summed (Neyman 1934), here to the spread of the ranks among candidates, weighed by their chance of
    being best (`Lead.chances` of labels so far, None before there are any: then by their agreement with the consensus). A share of the
    chances is uniform. The draw is systematic along the consensus (Madow 1949), so that each batch covers all of it; every pair's chance is
    exact, and 1 at most. Raises ValueError for fewer than 1 pair, or more than are left.
    """
    left = np.flatnonzero(np.bincount(drawn, minlength=len(pool.ranks)) == 0)
    if not 1 <= number <= len(left):
        raise ValueError(f"{number} pairs cannot be drawn of {len(left)} that are left")
    weights = _attention(pool, chances_of_best)
    squares = np.einsum("ij,ij,j->i", pool.ranks, pool.ranks, weights) - (pool.ranks @ weights) ** 2
    spread = np.sqrt(np.maximum(squares[left], 0.0))
    sizes = np.full(len(left), 1 / len(left))
    if (total := spread.sum()) > NOTHING * len(left):  # else there is one candidate, or all agree
        sizes = (1 - UNIFORM) * spread / total + UNIFORM * sizes
    chances = _inclusion(sizes, number)
    order = np.argsort(pool.features[left, 0], kind="stable")
    steps = np.cumsum(chances[order])
    places = np.searchsorted(steps * (number / steps[-1]), generator.random() + np.arange(number), side="right")
    taken = generator.permutation(order[places])
    return Drawn(left[taken], chances[taken])


def _attention(pool: PairPool, chances_of_best: Float64 | None) -> Float64:
    """How much each candidate counts, float64[s] with sum 1, near-duplicates as one."""
    agreement = pool.loadings[:, 0]
    early = pool.shares * np.exp((agreement - agreement.max()) / NEAR)
    early /= early.sum()
    attention: Float64 = early
    if chances_of_best is not None:
        attention = EARLIER * early + (1 - EARLIER) * chances_of_best / chances_of_best.sum()
    return attention


def _inclusion(sizes: Float64, number: int) -> Float64:
    """Chances proportional to `sizes`, at most 1, with sum `number`: what would be above 1 is certain, and the rest shares what is left."""
    chances = np.ones(len(sizes))
    free = np.ones(len(sizes), dtype=np.bool_)
    while free.any():
        scaled = sizes[free] * ((number - (~free).sum()) / sizes[free].sum())
        chances[free] = np.minimum(scaled, 1.0)
        if (scaled <= 1).all():
            break
        free[np.flatnonzero(free)[scaled > 1]] = False
    return chances
