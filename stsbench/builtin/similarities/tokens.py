"""Similarities of token vectors, as components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stsbench.builtin.similarities.softcosine import TermSimilarity, soft_cosine_tokens
from stsbench.contracts.data import FitData, Float64, Tokens, frozen
from stsbench.errors import OptionError

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


@dataclass(frozen=True)
class SoftCosine:
    """Soft cosine of the tokens of two texts, weighted by `weigh`."""

    similarity: TermSimilarity
    special: bool = False
    weigh: Weigh = occurrence

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Soft cosine of each pair of texts, float64[n] in [0, 1]; 0 where a text has no tokens."""
        left, right = self.chosen(left), self.chosen(right)
        return soft_cosine_tokens(left, right, (self.weigh(left), self.weigh(right)), self.similarity)

    def chosen(self, tokens: Tokens) -> Tokens:
        """The tokens that count."""
        return tokens if self.special else tokens.content()


@dataclass(frozen=True)
class SoftCosineIdf:
    """Soft cosine with idf weights, which `fit` learns; `idf` is None until then."""

    base: SoftCosine
    idf: Idf | None = None

    def fit(self, data: FitData) -> SoftCosineIdf:
        """The same similarity with the idf weights of these texts' tokens; raises ValueError if `data` holds no tokens."""
        if data.tokens is None:
            raise ValueError("soft-cosine-idf is fitted on tokens, and the data hold none")
        return replace(self, idf=Idf.of(self.base.chosen(data.tokens)))

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Soft cosine of each pair of texts, float64[n] in [0, 1]; 0 where a text has no tokens of any weight."""
        if self.idf is None:
            raise OptionError("soft-cosine-idf has no idf weights yet: give it fit=self, or fit= with a benchmark to learn them from")
        return replace(self.base, weigh=self.idf).score(left, right)


def soft_cosine(*, power: float = 2.0, threshold: float = 0.0, special: bool = False) -> SoftCosine:
    """Soft cosine of the tokens of two texts, in [0, 1]: cosine in which similar tokens match in part.

    Each token is a term of its own. Two terms are as similar as the cosine of their vectors to the `power`, where that cosine is
    above the `threshold`, else not at all. `special` counts the tokens that the model adds, too. A text without tokens scores 0.
    Source: Sidorov et al. 2014; term similarities as in gensim (Charlet and Damnati 2017).
    """
    return SoftCosine(_similarity(power, threshold), special)


def soft_cosine_idf(*, power: float = 2.0, threshold: float = 0.0, special: bool = False) -> SoftCosineIdf:
    """Soft cosine of the tokens of two texts, in [0, 1], in which rare tokens weigh more.

    A token weighs log((n + 1) / (df + 1)), df being the number of the n texts of `fit=` that hold it. Otherwise as `soft-cosine`.
    """
    return SoftCosineIdf(SoftCosine(_similarity(power, threshold), special))


def _similarity(power: float, threshold: float) -> TermSimilarity:
    if not 0.0 < power < float("inf"):
        raise OptionError(f"option 'power' takes a number above 0, not {power}")
    if not 0.0 <= threshold < 1.0:
        raise OptionError(f"option 'threshold' takes a number from 0 to below 1, not {threshold}")
    return TermSimilarity(power, threshold)
