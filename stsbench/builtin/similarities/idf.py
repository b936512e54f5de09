"""Weights of tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import FitData, Float64, Tokens, frozen

Weigh = Callable[[Tokens], Float64]


@dataclass(frozen=True, eq=False)
class Idf:
    """Inverse document frequencies log((n + 1) / (df + 1)) of the token ids of n texts; an id that is in none has df 0.

    `ids` int64[v] are sorted, `df` int64[v] counts the texts that hold each.
    """

    n: int
    ids: NDArray[np.int64]
    df: NDArray[np.int64]

    @classmethod
    def of(cls, tokens: Tokens) -> Idf:
        """The frequencies in these texts."""
        texts = np.repeat(np.arange(len(tokens)), tokens.lengths)
        occurrences = np.unique(np.stack([texts, tokens.ids], axis=1), axis=0)
        ids, df = np.unique(occurrences[:, 1], return_counts=True)
        return cls(len(tokens), frozen(ids), frozen(df.astype(np.int64)))

    def __call__(self, tokens: Tokens) -> Float64:
        """The weight of each token, float64[t], at least 0."""
        df = np.zeros(len(tokens.ids))
        if len(self.ids):
            rows = np.minimum(np.searchsorted(self.ids, tokens.ids), len(self.ids) - 1)
            df = np.where(self.ids[rows] == tokens.ids, self.df[rows], 0.0)
        return np.log((self.n + 1) / (df + 1))


def occurrence(tokens: Tokens) -> Float64:
    """The weight 1 for each token, float64[t]."""
    return np.ones(len(tokens.ids))


def fit_tokens(data: FitData, name: str) -> Tokens:
    """The tokens of `data`; raises ValueError where there are none."""
    if data.tokens is None:
        raise ValueError(f"{name} is fitted on tokens, and the data hold none")
    return data.tokens
