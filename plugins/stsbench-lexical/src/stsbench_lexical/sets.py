"""Overlap of the sets of words or character n-grams of two texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.plugin import Float64

_WORD = re.compile(r"\w+")

Split = Callable[[str], Sequence[str]]
Overlap = Callable[[frozenset[str], frozenset[str]], float]


def words(text: str) -> list[str]:
    """Runs of word characters, lower-cased."""
    return _WORD.findall(text.lower())


def pieces(text: str) -> list[str]:
    """What white space separates, lower-cased."""
    return text.lower().split()


@dataclass(frozen=True)
class Grams:
    """Character n-grams of the lower-cased text, spaces included."""

    n: int

    def __call__(self, text: str) -> list[str]:
        """All n-grams; none if the text is shorter."""
        lowered = text.lower()
        return [lowered[start : start + self.n] for start in range(len(lowered) - self.n + 1)]


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Share of the union that is common, 0 if both are empty."""
    return len(left & right) / len(left | right) if left or right else 0.0


def overlap(left: frozenset[str], right: frozenset[str]) -> float:
    """Share of the smaller set that is common, 0 if one is empty."""
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def cosine(left: frozenset[str], right: frozenset[str]) -> float:
    """Cosine of the sets' indicator vectors, 0 if one is empty."""
    return len(left & right) / math.sqrt(len(left) * len(right)) if left and right else 0.0


@dataclass(frozen=True)
class SetOverlap:
    """A measure of the overlap of two sets of terms."""

    split: Split
    measure: Overlap

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The overlap of each pair of texts, float64[n] in [0, 1]."""
        sides = zip(left, right, strict=True)
        return np.array([self.measure(frozenset(self.split(x)), frozenset(self.split(y))) for x, y in sides], dtype=np.float64)


@dataclass(frozen=True)
class LengthGap:
    """Negated difference in the number of words: what length alone says."""

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """Negated difference of the numbers of words of each pair, float64[n]."""
        return np.array([-abs(len(words(x)) - len(words(y))) for x, y in zip(left, right, strict=True)], dtype=np.float64) + 0.0
