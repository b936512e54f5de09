"""A similarity of tokens that learns from texts: what two texts share, where rare tokens weigh more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stsbench.plugin import Component, FitData, Float64, OptionError, Similarity, Tokens, fitted, hookimpl, required


@dataclass(frozen=True)
class RareOverlap:
    """The similarity, and what it has learnt: a weight for each token id, and one for those that it has not seen."""

    power: float
    weights: Mapping[int, float] | None = None
    unseen: float = 1.0

    def fit(self, data: FitData) -> RareOverlap:
        """A copy that knows how rare each token is among these texts; this one stays as it is."""
        assert data.tokens is not None  # since the component needs tokens
        texts = ids_of(data.tokens)
        counts = Counter(number for ids in texts for number in ids)
        weights = {number: float(np.log((1 + len(texts)) / count)) ** self.power for number, count in counts.items()}
        return fitted(self, weights=weights, unseen=float(np.log(1 + len(texts))) ** self.power)

    def score(self, left: Tokens, right: Tokens) -> Float64:
        """One score a pair, from 0 to 1: the weight of what both texts have, as a share of all that they have."""
        weights = required(self.weights, "rare-overlap")

        def weigh(ids: Iterable[int]) -> float:
            return sum(weights.get(number, self.unseen) for number in sorted(ids))  # sorted: a sum depends on its order

        shares = [weigh(x & y) / weigh(x | y) if x | y else 0.0 for x, y in zip(ids_of(left), ids_of(right), strict=True)]
        return np.array(shares, dtype=np.float64)  # never NaN: texts without tokens score 0


def ids_of(tokens: Tokens) -> list[set[int]]:
    """The token ids of each text, without those that a model adds, such as [CLS]."""
    content = tokens.content()
    return [set(content.ids[start:stop].tolist()) for start, stop in pairwise(content.offsets)]


def rare_overlap(*, power: float = 1.0) -> Similarity:
    """Weighted Jaccard similarity of token ids, in [0, 1]; the weights are idf, log((n + 1) / df), to a `power`.

    `fit=` names the texts that it counts tokens in.
    """
    if power < 0:
        raise OptionError(f"option 'power' takes a number from 0, not {power:g}")
    return RareOverlap(power)


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """The similarity `rare-overlap`."""
    return [Component("rare-overlap", rare_overlap, needs="tokens", fits="texts")]
