"""Word overlap in which rare words weigh more: fitted on a corpus of texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from stsbench.plugin import FitData, Float64, OptionError, fitted, required
from stsbench_lexical.sets import words


@dataclass(frozen=True)
class Corpus:
    """How many of n texts hold each word, and their mean length in words."""

    n: int
    frequencies: Mapping[str, int]
    length: float

    @classmethod
    def of(cls, texts: Sequence[str]) -> Corpus:
        """The counts of these texts."""
        split = [words(text) for text in texts]
        return cls(len(split), Counter(word for one in split for word in set(one)), sum(map(len, split)) / max(1, len(split)))

    def idf(self, word: str) -> float:
        """ln(1 + (n - df + .5) / (df + .5)), above 0."""
        df = self.frequencies.get(word, 0)
        return math.log(1.0 + (self.n - df + 0.5) / (df + 0.5))


@dataclass(frozen=True)
class IdfJaccard:
    """Jaccard index of word sets in [0, 1], a word weighing ln(1 + (n - df + .5) / (df + .5)), df of the n texts of `fit=` holding it."""

    corpus: Corpus | None = field(default=None, init=False)

    def fit(self, data: FitData) -> IdfJaccard:
        """The index with the frequencies of these texts."""
        return fitted(self, corpus=Corpus.of(data.texts))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The index of each pair of texts, float64[n] in [0, 1]; 0 where neither has words."""
        corpus = required(self.corpus, "idf-jaccard")

        def pair(x: set[str], y: set[str]) -> float:
            union = math.fsum(map(corpus.idf, x | y))
            return math.fsum(map(corpus.idf, x & y)) / union if union else 0.0

        return np.array([pair(set(words(x)), set(words(y))) for x, y in zip(left, right, strict=True)], dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class Bm25:
    """BM25 of each text as a query for the other, its words counting once, with frequencies and mean length of the texts of `fit=`.

    `normalised`: both directions' sum over that of each text with itself; else their mean.
    """

    k1: float = 1.2
    b: float = 0.75
    normalised: bool = True
    corpus: Corpus | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.k1 < float("inf") or not 0.0 <= self.b <= 1.0:
            raise OptionError(f"bm25 takes a finite k1 of at least 0 and b from 0 to 1, not {self.k1} and {self.b}")

    def fit(self, data: FitData) -> Bm25:
        """The score with the frequencies and lengths of these texts."""
        return fitted(self, corpus=Corpus.of(data.texts))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The score of each pair of texts, float64[n], at least 0; 0 where a text has no words."""
        corpus = required(self.corpus, "bm25")
        pairs = [(Counter(words(x)), Counter(words(y))) for x, y in zip(left, right, strict=True)]
        return np.array([self.pair(corpus, x, y) for x, y in pairs], dtype=np.float64)

    def pair(self, corpus: Corpus, left: Counter[str], right: Counter[str]) -> float:
        """Both directions' mean, or their sum over that of each text with itself."""
        both = self.directed(corpus, left, right) + self.directed(corpus, right, left)
        if not self.normalised:
            return both / 2.0
        selves = self.directed(corpus, left, left) + self.directed(corpus, right, right)
        return both / selves if selves else 0.0

    def directed(self, corpus: Corpus, query: Counter[str], text: Counter[str]) -> float:
        """BM25 of `text` for the words of `query`, each once."""
        length = self.k1 * (1.0 - self.b + self.b * text.total() / corpus.length) if corpus.length else self.k1
        return math.fsum(corpus.idf(word) * text[word] * (self.k1 + 1.0) / (text[word] + length) for word in query if word in text)
