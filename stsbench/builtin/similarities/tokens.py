"""Similarities of token vectors, as components."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stsbench.builtin.similarities.idf import Idf, fit_tokens, occurrence
from stsbench.builtin.similarities.kernels import total, unit
from stsbench.builtin.similarities.padded import following
from stsbench.builtin.similarities.softcosine import TermSimilarity, nearest_terms, soft_cosine_terms, soft_cosine_tokens
from stsbench.contracts.components.fitted import fitted, required
from stsbench.contracts.data import FitData, Float64, Index, Tokens
from stsbench.errors import OptionError

DENSE = 8192  # types up to which their matrix is made once (half a gigabyte); beyond, each pair's own block is


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftCosine:
    """Soft cosine of the tokens of two texts, in [0, 1]: cosine in which similar tokens match in part.

    Each token is a term of its own. Two terms are as similar as the cosine of their vectors to the `power`, where that cosine is
    above the `threshold`, else not at all. `special` counts the tokens that the model adds, too. A text without tokens scores 0.
    Source: Sidorov et al. 2014; term similarities as in gensim (Charlet and Damnati 2017).
    """

    power: float = 2.0
    threshold: float = 0.0
    special: bool = False

    def __post_init__(self) -> None:
        _ = self.similarity

    @property
    def similarity(self) -> TermSimilarity:
        """How similar two terms are; raises OptionError."""
        return TermSimilarity(self.power, self.threshold)

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Soft cosine of each pair of texts, float64[n] in [0, 1]; 0 where a text has no tokens of any weight."""
        left, right = self.chosen(left), self.chosen(right)
        return soft_cosine_tokens(left, right, (self.weigh(left), self.weigh(right)), self.similarity)

    def chosen(self, tokens: Tokens) -> Tokens:
        """The tokens that count."""
        return tokens if self.special else tokens.content()

    def weigh(self, tokens: Tokens) -> Float64:
        """The weight of each token, float64[t]."""
        return occurrence(tokens)


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftCosineIdf(SoftCosine):
    """Soft cosine of the tokens of two texts, in [0, 1], in which rare tokens weigh more.

    A token weighs log((n + 1) / (df + 1)), df being the number of the n texts of `fit=` that hold it. Otherwise as `soft-cosine`.
    """

    idf: Idf | None = field(default=None, init=False)

    def fit(self, data: FitData) -> SoftCosineIdf:
        """The same similarity with the idf weights of these texts' tokens; raises ValueError if `data` holds no tokens."""
        return fitted(self, idf=Idf.of(self.chosen(fit_tokens(data, "soft-cosine-idf"))))

    def weigh(self, tokens: Tokens) -> Float64:
        """The weight of each token, float64[t]; raises OptionError."""
        return required(self.idf, "soft-cosine-idf")(tokens)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Token types with their idf, the vector of each, float64[v, d], and where they are few their similarities, float64[v, v]."""

    idf: Idf
    types: Float64
    terms: Float64 | None

    def known(self, tokens: Tokens) -> Tokens:
        """The tokens that are in the vocabulary."""
        ids = self.idf.ids
        places = np.minimum(np.searchsorted(ids, tokens.ids), max(0, len(ids) - 1))
        known = ids[places] == tokens.ids if len(ids) else np.zeros(len(tokens.ids), dtype=np.bool_)
        offsets = np.concatenate([[0], np.cumsum(known)])[tokens.offsets].astype(np.intp)
        return Tokens(tokens.values[known], offsets, tokens.ids[known], tokens.special[known], tokens.pieces)

    def vectors(self, tokens: Tokens, starts: Index, room: Float64) -> None:
        """Writes the vectors of the types of tokens."""
        room[:] = self.types[np.searchsorted(self.idf.ids, tokens.ids[following(tokens, starts, room.shape[1])])]


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftCosineVocabulary(SoftCosine):
    """Soft cosine of tf-idf vectors over the vocabulary of the texts of `fit=`, in [0, 1].

    A type of token has one vector, the mean of its unit vectors in those texts, and weighs log((n + 1) / (df + 1)) each time it
    occurs; tokens of other types are left out. With `nonzero_limit` at most that many similarities of a type to others are kept, as
    in gensim (there 100 by default), which takes a matrix of all types; without it, all are. Otherwise as `soft-cosine`.
    Source: Charlet and Damnati 2017.
    """

    nonzero_limit: int | None = None
    vocabulary: Vocabulary | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nonzero_limit is not None and self.nonzero_limit < 0:
            raise OptionError(f"option 'nonzero_limit' takes a number from 0, not {self.nonzero_limit}")

    def fit(self, data: FitData) -> SoftCosineVocabulary:
        """The similarity over the types of these texts: a type's vector is the mean of its tokens' unit vectors."""
        tokens = self.chosen(fit_tokens(data, "soft-cosine-vocabulary"))
        idf = Idf.of(tokens)
        place = np.searchsorted(idf.ids, tokens.ids)
        sums = np.zeros((len(idf.ids), tokens.values.shape[1]))
        np.add.at(sums, place, unit(tokens.values.astype(np.float64)))
        types = sums / np.maximum(1, np.bincount(place, minlength=len(idf.ids)))[:, None]
        terms = self._similar(unit(types)) if self.nonzero_limit is not None or len(types) <= DENSE else None
        return fitted(self, vocabulary=Vocabulary(idf, types, terms))

    def _similar(self, units: Float64) -> Float64:
        """Similarities of all types, float64[v, v]; with a limit, types choose their nearest in the order of their ids."""
        lengths = np.sqrt(total(units**2))[None]  # 1, or 0 of a zero vector
        s = self.similarity((units @ units.T)[None], lengths, lengths)[0]
        return s if self.nonzero_limit is None else nearest_terms(np.maximum(s, s.T), self.nonzero_limit, np.arange(len(s)))

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Soft cosine of each pair of texts, float64[n] in [0, 1]; 0 where a text has no tokens of the vocabulary."""
        vocabulary = required(self.vocabulary, "soft-cosine-vocabulary")
        idf = vocabulary.idf
        left, right = (vocabulary.known(self.chosen(side)) for side in (left, right))
        if vocabulary.terms is not None:
            bags = [(side.offsets, np.searchsorted(idf.ids, side.ids), idf(side)) for side in (left, right)]
            return soft_cosine_terms(bags[0], bags[1], vocabulary.terms)
        return soft_cosine_tokens(left, right, (idf(left), idf(right)), self.similarity, vocabulary.vectors)
