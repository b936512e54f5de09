"""Similarities of two sets of token vectors, as components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np

from stsbench.builtin.similarities import matching
from stsbench.builtin.similarities.idf import Idf, Weigh, fit_tokens, occurrence
from stsbench.builtin.similarities.padded import by_pairs
from stsbench.contracts.components.fitted import fitted, required
from stsbench.contracts.data import FitData, Float64, Tokens

Special = Literal["none", "match", "all"]
Measure = Callable[[Tokens, Tokens, matching.Weights], Float64]  # scores of pairs from their tokens and the weights of these


@dataclass(frozen=True)
class TokenSets:
    """A measure of the tokens of two texts; `special` says whether tokens that the model adds take part.

    `none`: they do not; `match`: others may match them, but they weigh nothing; `all`: they count like others. With `anchor`, a text
    without tokens is one token at the origin, so that distances to it are defined; else it scores 0.
    """

    measure: Measure
    special: Special = "none"
    weigh: Weigh = occurrence
    anchor: bool = False

    def chosen(self, tokens: Tokens) -> Tokens:
        """The tokens that take part."""
        tokens = tokens.content() if self.special == "none" else tokens
        return _anchored(tokens) if self.anchor else tokens

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """The similarity of each pair of texts, float64[n]."""
        left, right = self.chosen(left), self.chosen(right)
        return self.measure(left, right, (self.weights(left), self.weights(right)))

    def weights(self, tokens: Tokens) -> Float64:
        """The weight of each token, float64[t]."""
        return np.where(tokens.special, 0.0, self.weigh(tokens)) if self.special == "match" else self.weigh(tokens)


@dataclass(frozen=True, kw_only=True)
class BertScoreIdf:
    """BERTScore F1 in which rare tokens weigh more: log((n + 1) / (df + 1)), df of the n texts of `fit=` holding the token."""

    special: Special = "match"
    idf: Idf | None = field(default=None, init=False)

    def fit(self, data: FitData) -> BertScoreIdf:
        """The same similarity with the idf weights of these texts' tokens; raises ValueError if `data` holds no tokens."""
        return fitted(self, idf=Idf.of(bertscore(special=self.special).chosen(fit_tokens(data, "bertscore-idf"))))

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """The similarity of each pair of texts, float64[n]."""
        return TokenSets(matching.f1, self.special, required(self.idf, "bertscore-idf")).score(left, right)


def _anchored(tokens: Tokens) -> Tokens:
    """The same texts, with one token of zeros in each that has none."""
    lengths = np.maximum(tokens.lengths, 1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
    filled = np.repeat(tokens.lengths > 0, lengths)
    values = np.zeros((offsets[-1], tokens.values.shape[1]), dtype=np.float32)
    ids, special = np.zeros(offsets[-1], dtype=np.int64), np.zeros(offsets[-1], dtype=np.bool_)
    values[filled], ids[filled], special[filled] = tokens.values, tokens.ids, tokens.special
    return Tokens(values, offsets, ids, special, tokens.pieces)


def bertscore(*, special: Special = "match") -> TokenSets:
    """BERTScore F1 of two texts, at most 1: the harmonic mean of `bertscore-precision` and `bertscore-recall`.

    Every token is matched to the one of the other text whose vector has the largest cosine. `special=match` lets tokens match those
    that the model adds, which weigh nothing themselves, as in bert_score; `none` leaves them out, `all` counts them. A text without
    tokens scores 0, and so do texts whose precision and recall do not add up to more than 0; where only one of them is negative, the
    score may lie below -1. No baseline is subtracted. Source: Zhang et al., ICLR 2020.
    """
    return TokenSets(matching.f1, special)


def bertscore_precision(*, special: Special = "match") -> TokenSets:
    """BERTScore precision: the mean over the right text's tokens of the cosine to the nearest token of the left. See `bertscore`."""
    return TokenSets(matching.precision, special)


def bertscore_recall(*, special: Special = "match") -> TokenSets:
    """BERTScore recall: the mean over the left text's tokens of the cosine to the nearest token of the right. See `bertscore`."""
    return TokenSets(matching.recall, special)


def maxsim(*, special: bool = True) -> TokenSets:
    """MaxSim both ways, in [-1, 1]: the mean of both directions' mean cosine to the nearest token. A text without tokens scores 0."""
    return TokenSets(matching.mean_recall, "all" if special else "none")


def maxsim_sum(*, special: bool = True) -> TokenSets:
    """MaxSim of the left text, the query, in the right: the sum over its tokens of the cosine to the nearest token.

    Source: Khattab and Zaharia, SIGIR 2020 (ColBERT).
    """
    return TokenSets(matching.sum_of_nearest, "all" if special else "none")


def relaxed_wmd(*, special: bool = False) -> TokenSets:
    """Negated relaxed word mover's distance, a bound of `wmd` from below: each token moves to the nearest, the larger of both directions.

    Distances are Euclidean, and tokens of a text weigh the same. A text without tokens counts as one token at the origin.
    Source: Kusner et al., ICML 2015.
    """
    return TokenSets(partial(by_pairs, matching.relaxed_distance), "all" if special else "none", anchor=True)


def word_centroid(*, special: bool = False) -> TokenSets:
    """Negated word centroid distance: the Euclidean distance of the mean token vectors. A text without tokens has its mean at the origin.

    Source: Kusner et al., ICML 2015.
    """
    return TokenSets(partial(by_pairs, matching.centroid_distance), "all" if special else "none", anchor=True)


def dynamax(*, special: bool = False) -> TokenSets:
    """DynaMax-Jaccard, in [0, 1]: the fuzzy Jaccard index of two texts, their own tokens being the universe.

    A text belongs to a token as much as its largest inner product with it, at least 0. A text without tokens scores 0.
    Source: Zhelezniak et al., ICLR 2019.
    """
    return TokenSets(partial(by_pairs, matching.dynamax), "all" if special else "none")


def cka(*, special: bool = False) -> TokenSets:
    """Linear centred kernel alignment of two texts' tokens, in [0, 1], dimensions being the observations.

    A text without tokens, or whose tokens are all constant vectors, scores 0. Source: Zhelezniak et al., EMNLP 2019 (CorrSet).
    """
    return TokenSets(partial(by_pairs, matching.linear_cka), "all" if special else "none")


def max_pool(*, special: bool = False) -> TokenSets:
    """Cosine of max-pooled token vectors, in [-1, 1]: of each dimension the largest value over the tokens counts.

    A text without tokens scores 0.
    """
    return TokenSets(partial(by_pairs, matching.max_pooled), "all" if special else "none")
