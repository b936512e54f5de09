"""Cosine of sparse term vectors, by scikit-learn, and chrF, by sacrebleu; both are imported when they are first used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from stsbench.plugin import FitData, Float64, OptionError, fitted, required


def sparse_cosine(left: Any, right: Any) -> Float64:
    """Cosine of the rows of two sparse matrices, float64[n]; 0 where a row is empty."""
    cross, of_left, of_right = (np.asarray(a.multiply(b).sum(axis=1)).reshape(-1) for a, b in ((left, right), (left, left), (right, right)))
    norms = np.sqrt(of_left) * np.sqrt(of_right)
    scores: Float64 = np.clip(cross / np.where(norms == 0.0, 1.0, norms), 0.0, 1.0)
    return scores


def learnt(vectorizer: Any, data: FitData, name: str) -> Any:
    """The vectorizer with the vocabulary of the texts; raises OptionError where they have no term that it takes."""
    terms = vectorizer.build_analyzer()
    if not any(terms(text) for text in data.texts):
        other = "analyzer=char or shorter n-grams" if name == "tfidf" else "token-cosine"
        raise OptionError(
            f"{name} finds no term in the texts of fit= (words have two characters or more); take {other}, or fit other texts"
        )
    return vectorizer.fit(data.texts)


@dataclass(frozen=True, eq=False)
class CountCosine:
    """Cosine of the counts of lower-cased words of two or more characters, in [0, 1], over the vocabulary of the texts of `fit=`.

    Words that are not in it do not count: scikit-learn's CountVectorizer as it comes.
    """

    vectorizer: Any = field(default=None, init=False)

    def fit(self, data: FitData) -> CountCosine:
        """The cosine over the vocabulary of these texts."""
        from sklearn.feature_extraction.text import CountVectorizer

        return fitted(self, vectorizer=learnt(CountVectorizer(dtype=np.float64), data, "count-cosine"))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """Cosine of each pair of texts, float64[n] in [0, 1]; a text without known words scores 0."""
        vectorizer = required(self.vectorizer, "count-cosine")
        return sparse_cosine(vectorizer.transform(left), vectorizer.transform(right))


@dataclass(frozen=True, eq=False, kw_only=True)
class Tfidf:
    """Cosine of tf-idf vectors over the vocabulary of the texts of `fit=`, in [0, 1]: scikit-learn's TfidfVectorizer.

    N-grams of `shortest` to `longest` words or characters (`char_wb`: within words). `sublinear` counts 1 + ln(tf).
    """

    analyzer: Literal["word", "char", "char_wb"] = "word"
    shortest: int = 1
    longest: int = 1
    sublinear: bool = False
    vectorizer: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.longest:
            given = f"{self.shortest} and {self.longest}"
            raise OptionError(f"tfidf takes n-grams of a shortest size of at least 1 to a longest, not {given}")

    def fit(self, data: FitData) -> Tfidf:
        """The cosine over the vocabulary and frequencies of these texts."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(analyzer=self.analyzer, ngram_range=(self.shortest, self.longest), sublinear_tf=self.sublinear)
        return fitted(self, vectorizer=learnt(vectorizer, data, "tfidf"))

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """Cosine of each pair of texts, float64[n] in [0, 1]; a text without known terms scores 0."""
        vectorizer = required(self.vectorizer, "tfidf")
        return sparse_cosine(vectorizer.transform(left), vectorizer.transform(right))


@dataclass(frozen=True, kw_only=True)
class Chrf:
    """Character n-gram F-score up to `order`, in [0, 1], the mean of both directions. Case counts, white space does not.

    Source: Popovic, WMT 2015; computed by sacrebleu.
    """

    order: int = 6
    beta: int = 2

    def __post_init__(self) -> None:
        if self.order < 1 or self.beta < 1:
            raise OptionError(f"chrf takes an order and a beta of at least 1, not {self.order} and {self.beta}")

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
