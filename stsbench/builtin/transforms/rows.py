"""Transforms that work within a vector, or component by component."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stsbench.builtin.similarities import kernels
from stsbench.contracts.components.fitted import fitted, required
from stsbench.contracts.data import Float64
from stsbench.errors import OptionError


@dataclass(frozen=True)
class Normalise:
    """Vectors divided by their Euclidean norms. Zero vectors stay zero."""

    def transform(self, vectors: kernels.Rows) -> kernels.Rows:
        """float64[n, d] of norm 1, or 0 where a vector is zero; sparse if they are."""
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


@dataclass(frozen=True, kw_only=True)
class Truncate:
    """The first `k` components of each vector, as Matryoshka models are made for.

    Source: Kusupati et al., NeurIPS 2022.
    """

    k: int | None = None

    def __post_init__(self) -> None:
        if self.k is None:
            raise OptionError("transform 'truncate' needs the number of components to keep; write truncate,k=64")
        require_positive("k", self.k)

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, k]; raises OptionError where vectors have fewer components."""
        if (self.k or 0) > vectors.shape[1]:
            raise OptionError(f"option 'k' of truncate is {self.k}, but vectors have {vectors.shape[1]} components; give fewer")
        return vectors[:, : self.k].copy()


@dataclass(frozen=True)
class Binary:
    """The sign of each component, unpacked: 1 where it is above 0, else -1. Cosine then ranks as the Hamming distance of the bits does."""

    bits = 1

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d] of 1 and -1."""
        return np.where(vectors > 0.0, 1.0, -1.0)


@dataclass(frozen=True, eq=False)
class Int8:
    """Components in 256 steps between the least and the largest of the texts of `fit=`, unpacked: whole numbers from -128 to 127.

    Both sides share the range; values outside it are clipped, and a component that never varies becomes 0. As in
    sentence-transformers' `quantize_embeddings`.
    """

    bits = 8
    lowest: Float64 | None = field(default=None, init=False)
    step: Float64 | None = field(default=None, init=False)

    def fit(self, vectors: Float64) -> Int8:
        """The steps that the vectors of both sides together span."""
        lowest = vectors.min(axis=0)
        return fitted(self, lowest=lowest, step=(vectors.max(axis=0) - lowest) / 255)

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d] of whole numbers from -128 to 127."""
        lowest, step = (required(learnt, "quantise-int8") for learnt in (self.lowest, self.step))
        varies = step > 0.0
        steps = np.floor((vectors - lowest) / np.where(varies, step, 1.0))
        return np.where(varies, np.clip(steps, 0.0, 255.0) - 128.0, 0.0)


def require_positive(name: str, value: int | None) -> None:
    """Raises OptionError where an option that is given is below 1."""
    if value is not None and value < 1:
        raise OptionError(f"option {name!r} takes a whole number of at least 1, not {value}")
