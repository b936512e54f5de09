"""The similarity `aligned`: every token looks for its best match in the other text, and rare tokens count more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log

import numpy as np

from stsbench.plugin import FitData, Float64, OptionError, Similarity, Tokens


@dataclass(frozen=True)
class Aligned:
    """The share of each text's weight that finds a match in the other; `weights` is None until it is fitted."""

    threshold: float
    weights: Mapping[int, float] | None = None  # of each token id
    unseen: float = 0.0  # the weight of all others

    def fit(self, data: FitData) -> Aligned:
        """The same similarity with the idf weights of these texts; this one stays as it is."""
        assert data.tokens is not None  # needs="tokens" and fits="texts" promise them
        tokens = data.tokens.content()  # without special tokens
        texts = Counter(number for start, stop in pairwise(tokens.offsets) for number in set(tokens.ids[start:stop].tolist()))
        weights = {number: _idf(len(tokens), count) for number, count in texts.items()}
        return replace(self, weights=weights, unseen=_idf(len(tokens), 0))

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """One score a pair, float64[n] in [0, 1]; a pair's score depends on nothing but the fit and the pair."""
        if self.weights is None:
            raise OptionError("aligned has no weights yet: give it fit=self, or fit= with a benchmark to learn them from")
        sides = [zip(_units(side), self._weigh(side), strict=True) for side in (left.content(), right.content())]
        return np.array([self._pair(*x, *y) for x, y in zip(*sides, strict=True)], dtype=np.float64)

    def _weigh(self, tokens: Tokens) -> list[Float64]:
        assert self.weights is not None
        flat = np.array([self.weights.get(number, self.unseen) for number in tokens.ids.tolist()], dtype=np.float64)
        return [flat[start:stop] for start, stop in pairwise(tokens.offsets)]

    def _pair(self, x: Float64, p: Float64, y: Float64, q: Float64) -> float:
        if not len(x) or not len(y):
            return 0.0  # never NaN: a text without tokens is like no other
        cosines = x @ y.T
        cosines[cosines <= max(self.threshold, 1e-12)] = 0.0  # what rounding leaves of a cosine of 0 is no match
        precision, recall = p @ cosines.max(axis=1) / p.sum(), q @ cosines.max(axis=0) / q.sum()
        return float(2.0 * precision * recall / (precision + recall)) if precision + recall else 0.0


def _idf(texts: int, count: int) -> float:
    return log((texts + 1) / (count + 1)) + 1.0  # above 0 for every token, as in scikit-learn


def _units(tokens: Tokens) -> list[Float64]:
    vectors = [values.astype(np.float64) for values in tokens]  # float32 comes in; arithmetic is float64
    norms = [np.linalg.norm(one, axis=1, keepdims=True) for one in vectors]
    return [one / np.where(lengths == 0.0, 1.0, lengths) for one, lengths in zip(vectors, norms, strict=True)]  # zeros stay zero


def aligned(*, threshold: float = 0.0) -> Similarity:
    """Best-match alignment of the tokens of two texts, in [0, 1], in which rare tokens weigh more.

    Each token is matched with the token of the other text whose vector has the highest cosine, if that is above the `threshold`.
    The idf-weighted means of both directions are joined by their harmonic mean (BERTScore, Zhang et al. 2020). `fit=` names the
    texts that the idf weights log((n + 1) / (df + 1)) + 1 are learnt from.
    """
    if not 0.0 <= threshold < 1.0:
        raise OptionError(f"option 'threshold' takes a number from 0 to below 1, not {threshold}")
    return Aligned(threshold)
