"""Similarities of token vectors, as components."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stsbench.builtin.similarities.idf import Idf, Weigh, occurrence
from stsbench.builtin.similarities.kernels import total, unit
from stsbench.builtin.similarities.padded import following
from stsbench.builtin.similarities.softcosine import TermSimilarity, soft_cosine_tokens
from stsbench.builtin.similarities.vocabulary import nearest_terms, soft_cosine_terms
from stsbench.contracts.data import FitData, Float64, Index, Tokens
from stsbench.errors import OptionError

DENSE = 8192  # types up to which their matrix is made once (half a gigabyte); beyond, each pair's own block is


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


@dataclass(frozen=True, eq=False)
class SoftCosineVocabulary:
    """Soft cosine over a vocabulary of token types, each with one vector and an idf; `fit` learns them, None until then."""

    base: SoftCosine
    limit: int | None = None
    idf: Idf | None = None
    types: Float64 | None = None
    terms: Float64 | None = None

    def fit(self, data: FitData) -> SoftCosineVocabulary:
        """The similarity over the types of these texts: a type's vector is the mean of its tokens' unit vectors."""
        if data.tokens is None:
            raise ValueError("soft-cosine-vocabulary is fitted on tokens, and the data hold none")
        tokens = self.base.chosen(data.tokens)
        idf = Idf.of(tokens)
        place = np.searchsorted(idf.ids, tokens.ids)
        sums = np.zeros((len(idf.ids), tokens.values.shape[1]))
        np.add.at(sums, place, unit(tokens.values.astype(np.float64)))
        types = sums / np.maximum(1, np.bincount(place, minlength=len(idf.ids)))[:, None]
        terms = self._similar(unit(types)) if self.limit is not None or len(types) <= DENSE else None
        return replace(self, idf=idf, types=types, terms=terms)

    def _similar(self, units: Float64) -> Float64:
        """Similarities of all types, float64[v, v]; with a limit, types choose their nearest in the order of their ids."""
        lengths = np.sqrt(total(units**2))[None]  # 1, or 0 of a zero vector
        s = self.base.similarity((units @ units.T)[None], lengths, lengths)[0]
        return s if self.limit is None else nearest_terms(np.maximum(s, s.T), self.limit, np.arange(len(s)))

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Soft cosine of each pair of texts, float64[n] in [0, 1]; 0 where a text has no tokens of the vocabulary."""
        if self.idf is None or self.types is None:
            raise OptionError("soft-cosine-vocabulary has no vocabulary yet: give it fit=self, or fit= with a benchmark")
        left, right = (_known(self.base.chosen(side), self.idf) for side in (left, right))
        if self.terms is not None:
            bags = [(side.offsets, np.searchsorted(self.idf.ids, side.ids), self.idf(side)) for side in (left, right)]
            return soft_cosine_terms(bags[0], bags[1], self.terms)
        return soft_cosine_tokens(left, right, (self.idf(left), self.idf(right)), self.base.similarity, self._of_types)

    def _of_types(self, tokens: Tokens, starts: Index, room: Float64) -> None:
        """Writes the vectors of the types of tokens."""
        assert self.idf is not None
        assert self.types is not None
        room[:] = self.types[np.searchsorted(self.idf.ids, tokens.ids[following(tokens, starts, room.shape[1])])]


def _known(tokens: Tokens, idf: Idf) -> Tokens:
    """The tokens that are in the vocabulary."""
    place = np.minimum(np.searchsorted(idf.ids, tokens.ids), max(0, len(idf.ids) - 1))
    known = idf.ids[place] == tokens.ids if len(idf.ids) else np.zeros(len(tokens.ids), dtype=np.bool_)
    offsets = np.concatenate([[0], np.cumsum(known)])[tokens.offsets].astype(np.intp)
    return Tokens(tokens.values[known], offsets, tokens.ids[known], tokens.special[known], tokens.pieces)


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


def soft_cosine_vocabulary(
    *, power: float = 2.0, threshold: float = 0.0, special: bool = False, nonzero_limit: int | None = None
) -> SoftCosineVocabulary:
    """Soft cosine of tf-idf vectors over the vocabulary of the texts of `fit=`, in [0, 1].

    A type of token has one vector, the mean of its unit vectors in those texts, and weighs log((n + 1) / (df + 1)) each time it
    occurs; tokens of other types are left out. With `nonzero_limit` at most that many similarities of a type to others are kept, as
    in gensim (there 100 by default), which takes a matrix of all types; without it, all are. Otherwise as `soft-cosine`. Source: Charlet and Damnati 2017.
    """
    if nonzero_limit is not None and nonzero_limit < 0:
        raise OptionError(f"option 'nonzero_limit' takes a number from 0, not {nonzero_limit}")
    return SoftCosineVocabulary(SoftCosine(_similarity(power, threshold), special), nonzero_limit)


def _similarity(power: float, threshold: float) -> TermSimilarity:
    if not 0.0 < power < float("inf"):
        raise OptionError(f"option 'power' takes a number above 0, not {power}")
    if not 0.0 <= threshold < 1.0:
        raise OptionError(f"option 'threshold' takes a number from 0 to below 1, not {threshold}")
    return TermSimilarity(power, threshold)
