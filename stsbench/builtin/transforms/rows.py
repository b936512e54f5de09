"""Transforms that work within a vector, or component by component."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.contracts.data import Float64
from stsbench.errors import OptionError


@dataclass(frozen=True)
class Normalise:
    """Vectors divided by their Euclidean norms. Zero vectors stay zero."""

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d] of norm 1, or 0 where a vector is zero."""
        return kernels.unit(vectors)


@dataclass(frozen=True)
class LayerNorm:
    """Vectors less the mean of their components, divided by their standard deviation: layer normalisation without gain and bias.

    A constant vector becomes zero.
    """

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d], rows of mean 0 and variance 1, or zero where a vector is constant."""
        scaled: Float64 = kernels.unit(kernels.centred(vectors)) * np.sqrt(vectors.shape[1])
        return scaled


@dataclass(frozen=True)
class Truncate:
    """The first k components."""

    k: int

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, k]; raises OptionError where vectors have fewer components."""
        if self.k > vectors.shape[1]:
            raise OptionError(f"option 'k' of truncate is {self.k}, but vectors have {vectors.shape[1]} components; give fewer")
        return vectors[:, : self.k].copy()


@dataclass(frozen=True)
class Binary:
    """The sign of each component, unpacked: 1 where it is above 0, else -1. Cosine then ranks as the Hamming distance of the bits does."""

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d] of 1 and -1."""
        return np.where(vectors > 0.0, 1.0, -1.0)


@dataclass(frozen=True, eq=False)
class Int8:
    """256 steps between the least and the largest value of each component; None until fitted."""

    lowest: Float64 | None = None
    step: Float64 | None = None

    def fit(self, vectors: Float64) -> Int8:
        """The steps that the vectors of both sides together span."""
        lowest = vectors.min(axis=0)
        return Int8(lowest, (vectors.max(axis=0) - lowest) / 255)

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d] of whole numbers from -128 to 127."""
        if self.lowest is None or self.step is None:
            raise OptionError("quantise-int8 has no range yet; give it fit=self, or fit= with a benchmark")
        varies = self.step > 0.0
        steps = np.floor((vectors - self.lowest) / np.where(varies, self.step, 1.0))
        return np.where(varies, np.clip(steps, 0.0, 255.0) - 128.0, 0.0)
