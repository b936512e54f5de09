"""The hooks of this distribution. scikit-learn and sacrebleu are imported by the first score or fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from stsbench.plugin import Component, OptionError, Similarity, hookimpl
from stsbench_lexical import sets
from stsbench_lexical.corpus import Bm25, IdfJaccard
from stsbench_lexical.vectors import Chrf, CountCosine, Tfidf


def token_jaccard() -> sets.SetOverlap:
    """Jaccard index of the sets of lower-cased words, in [0, 1]. Dice's coefficient ranks the same."""
    return sets.SetOverlap(sets.words, sets.jaccard)


def token_overlap() -> sets.SetOverlap:
    """Share of the smaller set of lower-cased words that the other text has, in [0, 1]."""
    return sets.SetOverlap(sets.words, sets.overlap)


def token_cosine() -> sets.SetOverlap:
    """Cosine of binary vectors of lower-cased words, in [0, 1]; punctuation does not count.

    It is like the baseline of SemEval's organisers and not the same: on tracks 5, 3 and 1 of 2017 it has 74.03, 73.54 and 62.25 where
    they published 72.78, 71.17 and 60.45; with marks of punctuation as words it would have 72.68, 71.17 and 59.95.
    """
    return sets.SetOverlap(sets.words, sets.cosine)


def whitespace_cosine() -> sets.SetOverlap:
    """Cosine of binary vectors of what white space separates, lower-cased, in [0, 1]; punctuation stays with its word."""
    return sets.SetOverlap(sets.pieces, sets.cosine)


def char_jaccard(*, n: int = 2) -> sets.SetOverlap:
    """Jaccard index of the sets of character n-grams of the lower-cased texts, spaces included, in [0, 1]."""
    if n < 1:
        raise OptionError(f"option 'n' takes a whole number of at least 1, not {n}")
    return sets.SetOverlap(sets.Grams(n), sets.jaccard)


def length_gap() -> sets.LengthGap:
    """Negated difference in the number of words: what length alone says."""
    return sets.LengthGap()


def idf_jaccard() -> IdfJaccard:
    """Jaccard index of word sets in [0, 1], a word weighing ln(1 + (n - df + .5) / (df + .5)), df of the n texts of `fit=` holding it."""
    return IdfJaccard()


def bm25(*, k1: float = 1.2, b: float = 0.75, normalised: bool = True) -> Bm25:
    """BM25 of each text as a query for the other, its words counting once, with frequencies and mean length of the texts of `fit=`.

    `normalised`: both directions' sum over that of each text with itself; else their mean.
    """
    if not 0.0 <= k1 < float("inf") or not 0.0 <= b <= 1.0:
        raise OptionError(f"bm25 takes a finite k1 of at least 0 and b from 0 to 1, not {k1} and {b}")
    return Bm25(k1, b, normalised)


def chrf(*, order: int = 6, beta: int = 2) -> Chrf:
    """Character n-gram F-score up to `order`, in [0, 1], the mean of both directions. Case counts, white space does not.

    Source: Popovic, WMT 2015; computed by sacrebleu.
    """
    if order < 1 or beta < 1:
        raise OptionError(f"chrf takes an order and a beta of at least 1, not {order} and {beta}")
    return Chrf(order, beta)


def count_cosine() -> CountCosine:
    """Cosine of the counts of lower-cased words of two or more characters, in [0, 1], over the vocabulary of the texts of `fit=`.

    Words that are not in it do not count: scikit-learn's CountVectorizer as it comes.
    """
    return CountCosine()


def tfidf(*, analyzer: Literal["word", "char", "char_wb"] = "word", shortest: int = 1, longest: int = 1, sublinear: bool = False) -> Tfidf:
    """Cosine of tf-idf vectors over the vocabulary of the texts of `fit=`, in [0, 1]: scikit-learn's TfidfVectorizer.

    N-grams of `shortest` to `longest` words or characters (`char_wb`: within words). `sublinear` counts 1 + ln(tf).
    """
    if not 1 <= shortest <= longest:
        raise OptionError(f"tfidf takes n-grams of a shortest size of at least 1 to a longest, not {shortest} and {longest}")
    return Tfidf(analyzer, shortest, longest, sublinear)


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """Pair scorers by words and characters."""
    return [
        Component("token-jaccard", token_jaccard, needs="texts"),
        Component("token-overlap", token_overlap, needs="texts"),
        Component("token-cosine", token_cosine, needs="texts"),
        Component("whitespace-cosine", whitespace_cosine, needs="texts"),
        Component("char-jaccard", char_jaccard, needs="texts"),
        Component("length-gap", length_gap, needs="texts"),
        Component("idf-jaccard", idf_jaccard, needs="texts", fits="texts"),
        Component("bm25", bm25, needs="texts", fits="texts"),
        Component("chrf", chrf, needs="texts"),
        Component("count-cosine", count_cosine, needs="texts", fits="texts"),
        Component("tfidf", tfidf, needs="texts", fits="texts"),
    ]
