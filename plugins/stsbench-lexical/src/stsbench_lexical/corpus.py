"""Word overlap in which rare words weigh more: fitted on a corpus of texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stsbench.plugin import FitData, Float64, OptionError
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


def _fitted(corpus: Corpus | None, name: str) -> Corpus:
    if corpus is None:
        raise OptionError(f"{name} has counted no words yet: give it fit=self, or fit= with a benchmark")
    return corpus


@dataclass(frozen=True)
class IdfJaccard:
    """Jaccard index of word sets weighted by idf; None until fitted."""

    corpus: Corpus | None = None

    def fit(self, data: FitData) -> IdfJaccard:
        """The index with the frequencies of these texts."""
        return IdfJaccard(Corpus.of(data.texts))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The index of each pair of texts, float64[n] in [0, 1]; 0 where neither has words."""
        corpus = _fitted(self.corpus, "idf-jaccard")

        def pair(x: set[str], y: set[str]) -> float:
            union = math.fsum(map(corpus.idf, x | y))
            return math.fsum(map(corpus.idf, x & y)) / union if union else 0.0

        return np.array([pair(set(words(x)), set(words(y))) for x, y in zip(left, right, strict=True)], dtype=np.float64)


@dataclass(frozen=True)
class Bm25:
    """BM25 of each text as a query for the other; None until fitted."""

    k1: float
    b: float
    normalised: bool
    corpus: Corpus | None = None

    def fit(self, data: FitData) -> Bm25:
        """The score with the frequencies and lengths of these texts."""
        return replace(self, corpus=Corpus.of(data.texts))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The score of each pair of texts, float64[n], at least 0; 0 where a text has no words."""
        corpus = _fitted(self.corpus, "bm25")
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
