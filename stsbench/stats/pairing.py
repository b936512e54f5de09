"""Pairs made of texts alone: drawn over strata from the most alike to the least by several systems, each with a known probability.

Nearly all pairs of texts are unrelated: a plain draw of some hundred holds hardly any on which systems could differ. Strata here grow
from each to the next by one factor, so that the most alike is as small as its share of the draw, and the least alike nearly everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float32, Float64, Index
from stsbench.stats.orders import Order

STRATA = 6
NEIGHBOURS = 10  # of a text under each system
RANDOM = 20_000  # pairs that are looked at besides those of neighbours, at least
VALUES = 2**22  # scores that are looked at at a time (32 MiB)
ALIKE = 0.99  # systems whose ranks correlate so count as one

Block = Callable[[Index], Float32 | Float64]  # scores [q, texts] of some texts with every text
Score = Callable[[Index, Index], Float64]  # scores float64[m, s] of pairs of texts by row under each system


@dataclass(frozen=True, eq=False)
class DrawnPairs:
    """Pairs of texts by row, `left` before `right`; `stratum` counts from 1, the most alike.

    `weights` are how many pairs of the `population` each one stands for, 1 over its probability to be drawn: they sum to the population.
    """

    left: Index
    right: Index
    stratum: Index
    weights: Float64
    population: int

    def __len__(self) -> int:
        return len(self.left)


def nearest(block: Block, texts: int, most: int = NEIGHBOURS) -> Index:
    """The nearest neighbours of each text but itself, intp[texts, k], in no order; `block` scores some texts with all of them."""
    most = min(most, texts - 1)
    neighbours = np.empty((texts, most), dtype=np.intp)
    for start in range(0, texts, step := max(1, VALUES // texts)):
        rows = np.arange(start, min(start + step, texts))
        scores = -block(rows)
        scores[np.arange(len(rows)), rows] = np.inf
        neighbours[rows] = np.argpartition(scores, most - 1, axis=1)[:, :most]
    return neighbours


def draw_pairs(texts: int, neighbours: Sequence[Index], score: Score, size: int, generator: np.random.Generator) -> DrawnPairs:
    """`size` pairs of two different texts, at most all, evenly many of each stratum; ValueError for fewer than two texts or one pair.

    `neighbours` are what `nearest` found under each system. Looked at are these, and of all other pairs some that are drawn at random.
    A pair's place is the mean over systems of the logarithm of the share of all pairs that are at least as alike under it. Within a
    stratum all pairs are as likely as each other, as far as what was looked at holds enough of them: of pairs that were drawn at random
    each stands for many, and is taken so much rather.
    """
    if texts < 2 or size < 1:
        raise ValueError("pairs take two texts at least, and one pair at least is drawn")
    population = texts * (texts - 1) // 2
    if population <= size:
        left, right = np.triu_indices(texts, 1)
        looked, counts = np.arange(population), np.ones(population)
    else:
        looked, counts = _looked_at(texts, neighbours, max(RANDOM, 20 * size), generator)
        left, right = looked // texts, looked % texts
    place = _places(score(left, right), counts)
    strata = _strata(place, counts, min(size, population))
    chosen, weights = _taken(strata, counts, min(size, population), generator)
    mixed = generator.permutation(len(chosen))
    chosen, weights = chosen[mixed], weights[mixed]
    return DrawnPairs(left[chosen], right[chosen], strata[chosen], weights, population)


def _taken(strata: Index, counts: Float64, size: int, generator: np.random.Generator) -> tuple[Index, Float64]:
    """Rows of `size` pairs, evenly many of each stratum, and how many pairs each one stands for."""
    rows: list[Index] = []
    weights: list[Float64] = []
    members = sorted((np.flatnonzero(strata == one) for one in range(1, STRATA + 1)), key=len)
    for waiting, stratum in zip(range(STRATA, 0, -1), members, strict=True):  # the smallest first: what it lacks is drawn from the others
        if taken := min(len(stratum), -(-size // waiting)):
            size -= taken
            chances = _chances(counts[stratum], taken)
            drawn = _drawn(chances, generator)
            rows.append(stratum[drawn])
            weights.append(counts[stratum[drawn]] / chances[drawn])
    return np.concatenate(rows), np.concatenate(weights)


def _looked_at(texts: int, neighbours: Sequence[Index], random: int, generator: np.random.Generator) -> tuple[Index, Float64]:
    """Numbers of pairs (left x texts + right), those of neighbours and random others, and how many pairs each stands for."""
    near = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *(_numbers(found, texts) for found in neighbours)]))
    others = texts * (texts - 1) // 2 - len(near)
    random = min(random, others)
    if others <= 4 * random:
        left, right = np.triu_indices(texts, 1)
        far = generator.choice(np.setdiff1d(left * texts + right, near, assume_unique=True), random, replace=False)
    else:
        far = np.array(list(_far(texts, near, random, generator)), dtype=np.intp)
    return np.concatenate([near, far]), np.repeat([1.0, others / max(1, random)], [len(near), random])


def _numbers(neighbours: Index, texts: int) -> Index:
    rows = np.arange(len(neighbours), dtype=np.intp)[:, None]
    return np.unique(np.minimum(rows, neighbours) * texts + np.maximum(rows, neighbours))


def _far(texts: int, near: Index, random: int, generator: np.random.Generator) -> Iterator[int]:
    """Random pairs that are none of neighbours, each once."""
    known: set[int] = set()
    while True:
        left, right = generator.integers(0, texts, (2, random))
        drawn = (left * texts + right)[left < right]
        for number in drawn[~np.isin(drawn, near)].tolist():
            if number not in known:
                known.add(number)
                yield number
                if len(known) == random:
                    return


def _places(scores: Float64, counts: Float64) -> Float64:
    """How alike the texts of each pair are by all systems together, float64[m]: the lower, the more."""
    shares = np.column_stack([np.log(Order.of(column).above(counts) / counts.sum()) for column in scores.T])
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.atleast_2d(np.corrcoef(shares, rowvar=False)) >= ALIKE  # not of constant scores, which are as no other
    np.fill_diagonal(alike, val=True)
    shared = 1 / alike.sum(axis=0)
    places: Float64 = shares @ (shared / shared.sum())
    return places


def _strata(place: Float64, counts: Float64, size: int) -> Index:
    """The stratum of each pair, from 1."""
    share = Order.of(-place).above(counts) / counts.sum()
    smallest = min(1.0, size / STRATA / counts.sum())
    limits = smallest ** (np.arange(STRATA - 1, 0, -1) / (STRATA - 1))
    strata: Index = (1 + np.searchsorted(limits, share, side="left")).astype(np.intp)
    return strata


def _chances(counts: Float64, size: int) -> Float64:
    """The probability of each pair of a stratum to be among `size` drawn ones: proportional to what it stands for, and 1 at most."""
    chances, certain = np.ones(len(counts)), np.zeros(len(counts), dtype=np.bool_)
    while size < len(counts) and not certain.all():
        others = ~certain
        chances[others] = (size - certain.sum()) * counts[others] / counts[others].sum()
        if not (beyond := chances > 1).any():
            break
        chances[beyond], certain = 1.0, certain | (chances >= 1)
    return chances


def _drawn(chances: Float64, generator: np.random.Generator) -> Index:
    """Rows that are drawn with these probabilities, which sum to their number: systematically, in random order."""
    order = generator.permutation(len(chances))
    ends = np.cumsum(chances[order])
    size = round(float(ends[-1]))
    chosen = np.searchsorted(ends * (size / ends[-1]), generator.random() + np.arange(size), side="right")
    return order[np.minimum(chosen, len(order) - 1)]
