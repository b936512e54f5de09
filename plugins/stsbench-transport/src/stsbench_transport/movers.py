"""The cost of moving the tokens of one text onto those of another."""

from __future__ import annotations

import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from stsbench.plugin import FitData, Float64, OptionError, Tokens

BACKENDS = {name: f"POT_BACKEND_DISABLE_{called}" for name, called in (
    ("torch", "PYTORCH"), ("jax", "JAX"), ("cupy", "CUPY"), ("tensorflow", "TENSORFLOW"),
)}  # fmt: skip
NOISE = 1e-12  # of the largest cost: what weights that are off by a rounding error cost


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Negated word mover's distance: the least cost of moving one text's tokens onto the other's, all of the same weight.

    `distance=cosine` takes 1 - cosine as the cost. `special` moves the tokens that the model adds, too.
    Source: Kusner et al., ICML 2015.
    """

    distance: Literal["euclidean", "cosine"] = "euclidean"
    special: bool = False

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Negated cost of each pair of texts, float64[n], at most 0."""
        left, right = (side if self.special else side.content() for side in (left, right))
        return 0.0 - np.maximum(0.0, self.totals(list(zip(_texts(left), _texts(right), strict=True))))

    def totals(self, sides: Sequence[tuple[Text, Text]]) -> Float64:
        """The cost of each pair, float64[n]."""
        return np.array([self.pair(left, right) for left, right in sides], dtype=np.float64)

    def pair(self, left: Text, right: Text) -> float:
        """The cost of one pair."""
        return exact(self.weights(left), self.weights(right), self.costs(left, right))

    def weights(self, text: Text) -> Float64:
        """Weights of the tokens, of sum 1."""
        return np.full(len(text.ids), 1.0 / len(text.ids))

    def costs(self, left: Text, right: Text) -> Float64:
        """Cost of each left and right token, float64[m, l]."""
        if self.distance == "cosine":
            return cosine_costs(left, right)
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(left.values, right.values))


@dataclass(frozen=True)
class Text:
    """The tokens of one text, at least one: values float64[m, d] and their ids."""

    values: Float64
    ids: tuple[int, ...]


def _texts(tokens: Tokens) -> list[Text]:
    """The texts, with one token of zeros in each that has none."""
    origin = np.zeros((1, tokens.values.shape[1]))
    bounds = zip(tokens.offsets[:-1].tolist(), tokens.offsets[1:].tolist(), strict=True)
    return [
        Text(tokens.values[start:stop].astype(np.float64), tuple(tokens.ids[start:stop].tolist())) if stop > start else Text(origin, (-1,))
        for start, stop in bounds
    ]


@dataclass(frozen=True, kw_only=True)
class Weighted(Mover):
    """Exact transport of tokens that weigh by inverse document frequency."""

    texts: int = 0
    frequencies: Mapping[int, int] | None = None

    def weights(self, text: Text) -> Float64:
        """Inverse document frequencies, of sum 1; the same for all where all are 0."""
        known = self.frequencies or {}
        idf = np.array([math.log((self.texts + 1) / (known.get(one, 0) + 1)) for one in text.ids])
        return idf / idf.sum() if idf.sum() > 0.0 else super().weights(text)


@dataclass(frozen=True, kw_only=True)
class IdfMover(Mover):
    """Negated word mover's distance in which a token weighs log((n + 1) / (df + 1)), df of the n texts of `fit=` holding it.

    Where all tokens of a text weigh nothing, they weigh the same. Source: Zhao et al., EMNLP 2019 (MoverScore, on single tokens).
    """

    def fit(self, data: FitData) -> Weighted:
        """The distance with the frequencies of these texts' tokens; raises ValueError if `data` holds no tokens."""
        if data.tokens is None:
            raise ValueError("wmd-idf is fitted on tokens, and the data hold none")
        tokens = data.tokens if self.special else data.tokens.content()
        counts = Counter(one for text in _texts(tokens) for one in set(text.ids))
        return Weighted(distance=self.distance, special=self.special, texts=len(tokens), frequencies=dict(counts))

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Raises OptionError: it has to be fitted first."""
        del left, right
        raise OptionError("wmd-idf has no document frequencies yet: give it fit=self, or fit= with a benchmark to count them in")


@dataclass(frozen=True, kw_only=True)
class RotatorsDistance:
    """Negated word rotator's distance, in [-2, 0]: a token weighs the norm of its vector, and moving it costs 1 - cosine.

    Source: Yokoi et al., EMNLP 2020.
    """

    special: bool = False

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """Negated distance of each pair of texts, float64[n] in [-2, 0]; 0 for two texts without tokens, -1 for one."""
        return _Rotator(distance="cosine", special=self.special).score(left, right)


class _Rotator(Mover):
    def pair(self, left: Text, right: Text) -> float:
        empty = [not text.values.any() for text in (left, right)]
        return float(sum(empty) == 1) if any(empty) else super().pair(left, right)

    def weights(self, text: Text) -> Float64:
        norms = np.linalg.norm(text.values, axis=1)
        shares: Float64 = norms / norms.sum()
        return shares


def exact(left: Float64, right: Float64, costs: Float64) -> float:
    """The least cost of moving the weights `left` onto `right`."""
    unit = np.ldexp(1.0, int(np.frexp(costs.max())[1]))  # a power of two: POT takes costs for 0 that are small by themselves
    cost: Any = _solver()(left, right / right.sum() * left.sum(), np.ascontiguousarray(costs / unit), numItermax=1_000_000) * unit
    return 0.0 if cost <= NOISE * costs.max() else float(cost)


@cache
def _solver() -> Callable[..., Any]:
    """POT's, which knows of the array libraries that are imported by now: it would import all others that are installed, for nothing."""
    absent = [variable for library, variable in BACKENDS.items() if library not in sys.modules and variable not in os.environ]
    os.environ.update(dict.fromkeys(absent, "1"))
    try:
        import ot
    finally:
        for variable in absent:
            del os.environ[variable]
    solver: Callable[..., Any] = ot.emd2
    return solver


def cosine_costs(left: Text, right: Text) -> Float64:
    """1 - cosine of each left and right token, float64[m, l] in [0, 2]; 1 where a vector is zero."""
    x, y = (_unit(text.values) for text in (left, right))
    from scipy.spatial.distance import cdist

    costs = np.asarray(cdist(x, y, "sqeuclidean")) / 2.0  # by differences: equal directions cost exactly 0
    costs[~x.any(axis=1)] = 1.0
    costs[:, ~y.any(axis=1)] = 1.0
    return costs


def _unit(rows: Float64) -> Float64:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Float64 = rows / np.where(norms == 0.0, 1.0, norms)
    return units
