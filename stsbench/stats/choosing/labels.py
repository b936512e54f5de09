"""What people said of pairs that were drawn, and how much each counts for the whole pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Flags, Float64, Index


@dataclass(frozen=True)
class Labelled:
    """Pairs in the order of their draws: row in the pool, number of the draw, chance in it (`Drawn.chances`), and gold.

    Gold is NaN where a pair was drawn and nobody could label it. Raises ValueError where a pair is there twice, a chance not in (0, 1], or
    draws are out of order.
    """

    rows: Index
    draws: Index
    chances: Float64
    gold: Float64

    def __post_init__(self) -> None:
        lengths = {len(values) for values in (self.rows, self.draws, self.chances, self.gold)}
        if len(lengths) > 1 or len(np.unique(self.rows)) < len(self.rows):
            raise ValueError("each pair that was drawn has one row, draw, chance and gold")
        if not ((self.chances > 0) & (self.chances <= 1)).all() or (np.diff(self.draws) < 0).any():
            raise ValueError("chances lie in (0, 1], and draws are in order")

    @property
    def labelled(self) -> Flags:
        """Which of the pairs have gold."""
        return ~np.isnan(self.gold)

    def counts(self) -> Float64:
        """How many pairs of the pool each labelled pair stands for, in the order of rows: sums over the pool are estimated without bias.

        A draw by itself gives such a sum: what was labelled before counts once, and what it drew by one over its chance (Horvitz and
        Thompson 1952). Draws are averaged by how many labels they gave, as LURE averages single ones (Farquhar et al. 2021), so that the
        expectation is right whatever earlier labels did to later chances. Pairs without a label are taken for missing at random within
        their draw. Raises ValueError where there is no label.
        """
        there = self.labelled
        if not there.any():
            raise ValueError("there is no label yet")
        _, draw = np.unique(self.draws, return_inverse=True)
        drawn, given = np.bincount(draw), np.bincount(draw, weights=there)
        later = given.sum() - np.cumsum(given)
        shares: Float64 = (drawn[draw] / np.maximum(given[draw], 1) * (given[draw] / self.chances + later[draw]))[there] / given.sum()
        return shares

    def weights(self) -> Float64:
        """The same with mean 1: the weights of the finished benchmark, whose weighted figures are consistent for those of the pool."""
        counts = self.counts()
        weights: Float64 = counts / counts.mean()
        return weights
