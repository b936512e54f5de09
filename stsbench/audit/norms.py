"""How long vectors are, and what their lengths carry."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.audit.estimate import partial_spearman, spearman
from stsbench.contracts.data import Float64, Index
from stsbench.stats.intervals import Estimate

CONSTANT = 1e-5  # variation of norms below which it is the rounding of float32, and carries nothing

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Norms:
    """Norms of u texts' vectors: mean, variation (deviation / mean), least, largest, and the number of zero vectors.

    `length`, `rarity` are Spearman of the norm with the number of words and with their mean idf. `gold` is the partial Spearman of
    log|u| + log|v| with gold, the cosine held fixed: what lengths know of gold beyond cosine. All three leave out zero vectors
    and are undefined where the others' norms are constant. Sources: Schakel and Wilson 2015; Yokoi et al. 2020; Oyama et al. 2023.
    """

    mean: float
    variation: float
    least: float
    largest: float
    zero: int
    length: Estimate
    rarity: Estimate
    gold: Estimate

    @property
    def constant(self) -> bool:
        """Whether all norms are the same but for rounding."""
        return self.zero == 0 and self.variation < CONSTANT


def measure_norms(vectors: Float64, texts: Sequence[str], left: Index, right: Index, cosines: Float64, gold: Float64) -> Norms:
    """The norms of vectors float64[u, d] of `texts`; pairs are rows `left` and `right` of them. At least one text."""
    norms = np.linalg.norm(vectors, axis=1)
    mean = float(norms.mean())
    variation = float(norms.std()) / mean if mean else 0.0
    size = mean, variation, float(norms.min()), float(norms.max())
    zero = int((norms == 0).sum())
    nonzero = norms > 0
    if not nonzero.any() or norms[nonzero].std() < CONSTANT * norms[nonzero].mean():
        nothing = Estimate(reason="norms are constant")
        return Norms(*size, zero, nothing, nothing, nothing)
    lengths, rarities = word_statistics(texts)
    whole = (norms[left] > 0) & (norms[right] > 0)
    both = np.log(norms[left][whole]) + np.log(norms[right][whole])
    carried = partial_spearman(both, gold[whole], cosines[whole])
    of_texts = spearman(norms[nonzero], lengths[nonzero]), spearman(norms[nonzero], rarities[nonzero])
    return Norms(*size, zero, *of_texts, carried)


def word_statistics(texts: Sequence[str]) -> tuple[Float64, Float64]:
    """Of each text the number of words (runs of word characters), and their mean idf among these texts, ln(u / df); 0 without words."""
    words = [_WORD.findall(text.lower()) for text in texts]
    counts = Counter(word for own in words for word in set(own))
    lengths = np.array([len(own) for own in words], dtype=np.float64)
    rarities = np.array([sum(math.log(len(texts) / counts[word]) for word in own) / max(1, len(own)) for own in words])
    return lengths, rarities


def overlap(left: Sequence[str], right: Sequence[str]) -> Float64:
    """Jaccard overlap of the words of each pair, float64[n] in [0, 1]; 0 where neither has a word."""
    sets = [(set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))) for one, other in zip(left, right, strict=True)]
    return np.array([len(one & other) / max(1, len(one | other)) for one, other in sets])
