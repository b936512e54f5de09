"""Cosine of sparse term vectors, by scikit-learn, and chrF, by sacrebleu; both are imported when they are first used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from stsbench.plugin import FitData, Float64, OptionError


def sparse_cosine(left: Any, right: Any) -> Float64:
    """Cosine of the rows of two sparse matrices, float64[n]; 0 where a row is empty."""
    cross, of_left, of_right = (np.asarray(a.multiply(b).sum(axis=1)).reshape(-1) for a, b in ((left, right), (left, left), (right, right)))
    norms = np.sqrt(of_left) * np.sqrt(of_right)
    scores: Float64 = np.clip(cross / np.where(norms == 0.0, 1.0, norms), 0.0, 1.0)
    return scores


@dataclass(frozen=True, eq=False)
class CountCosine:
    """Cosine of word counts; the vectoriser is None until fitted."""

    vectorizer: Any = None

    def fit(self, data: FitData) -> CountCosine:
        """The cosine over the vocabulary of these texts."""
        from sklearn.feature_extraction.text import CountVectorizer

        return CountCosine(CountVectorizer(dtype=np.float64).fit(data.texts))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """Cosine of each pair of texts, float64[n] in [0, 1]; a text without known words scores 0."""
        if self.vectorizer is None:
            raise OptionError("count-cosine has no vocabulary yet: give it fit=self, or fit= with a benchmark")
        return sparse_cosine(self.vectorizer.transform(left), self.vectorizer.transform(right))


@dataclass(frozen=True, eq=False)
class Tfidf:
    """Cosine of tf-idf vectors; the vectoriser is None until fitted."""

    analyzer: Literal["word", "char", "char_wb"]
    shortest: int
    longest: int
    sublinear: bool
    vectorizer: Any = None

    def fit(self, data: FitData) -> Tfidf:
        """The cosine over the vocabulary and frequencies of these texts."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(analyzer=self.analyzer, ngram_range=(self.shortest, self.longest), sublinear_tf=self.sublinear)
        return replace(self, vectorizer=vectorizer.fit(data.texts))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """Cosine of each pair of texts, float64[n] in [0, 1]; a text without known terms scores 0."""
        if self.vectorizer is None:
            raise OptionError("tfidf has no vocabulary yet: give it fit=self, or fit= with a benchmark")
        return sparse_cosine(self.vectorizer.transform(left), self.vectorizer.transform(right))


@dataclass(frozen=True)
class Chrf:
    """ChrF of each text as a translation of the other."""

    order: int
    beta: int

    @cached_property
    def metric(self) -> Any:
        """The metric of sacrebleu."""
        from sacrebleu.metrics.chrf import CHRF

        return CHRF(char_order=self.order, beta=self.beta)

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """Mean of both directions, float64[n] in [0, 1]; 0 where a text has no characters."""
        return np.array([(self.directed(x, y) + self.directed(y, x)) / 2.0 for x, y in zip(left, right, strict=True)], dtype=np.float64)

    def directed(self, text: str, reference: str) -> float:
        """ChrF of `text` given `reference`, in [0, 1]."""
        return float(self.metric.sentence_score(text, [reference]).score) / 100.0
