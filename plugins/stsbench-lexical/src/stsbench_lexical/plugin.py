"""The hooks of this distribution. scikit-learn and sacrebleu are imported by the first score or fit."""

from __future__ import annotations

from collections.abc import Iterable

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


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """Pair scorers by words and characters."""
    return [
        Component("token-jaccard", token_jaccard, needs="texts"),
        Component("token-overlap", token_overlap, needs="texts"),
        Component("token-cosine", token_cosine, needs="texts"),
        Component("whitespace-cosine", whitespace_cosine, needs="texts"),
        Component("char-jaccard", char_jaccard, needs="texts"),
        Component("length-gap", sets.LengthGap, needs="texts"),
        Component("idf-jaccard", IdfJaccard, needs="texts", fits="texts"),
        Component("bm25", Bm25, needs="texts", fits="texts"),
        Component("chrf", Chrf, needs="texts"),
        Component("count-cosine", CountCosine, needs="texts", fits="texts"),
        Component("tfidf", Tfidf, needs="texts", fits="texts"),
    ]
