"""What a model's modules do to pooled states, where that needs not the library that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.weights import read_tensors
from stsbench_transformers.views import View

from stsbench.plugin import Float32, ModelError

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"Tanh": np.tanh, "Identity": np.asarray}


@dataclass(frozen=True)
class Dense:
    """A linear layer over sentence vectors, with its activation; the weights are read when it is first called."""

    checkpoint: Checkpoint
    path: str
    shape: tuple[int, int]
    bias: bool
    activation: str

    @cached_property
    def _weights(self) -> Mapping[str, Float32]:
        from safetensors import SafetensorError

        if (path := self.checkpoint.find(str(PurePosixPath(self.path, "model.safetensors")))) is None:
            raise ModelError(f"model {self.checkpoint.label!r} has no weights in {self.path}; check that all its files are there")
        try:
            tensors = {name: np.asarray(tensor, dtype=np.float32) for name, tensor in read_tensors(path).items()}
        except (SafetensorError, OSError, TypeError, KeyError, AttributeError) as error:
            raise self.checkpoint.blame(error) from error
        expected = {"linear.weight": self.shape, **({"linear.bias": self.shape[:1]} if self.bias else {})}
        if {name: tensor.shape for name, tensor in tensors.items()} != expected:  # one too many is left out of what was trained
            raise ModelError(f"weights in {self.path} of model {self.checkpoint.label!r} are not those that its config.json describes")
        return tensors

    def __call__(self, vectors: Float32) -> Float32:
        """The projected rows, float32[u, k]; raises ModelError where the weights are not those described."""
        projected = vectors @ self._weights["linear.weight"].T
        activated: Float32 = ACTIVATIONS[self.activation](projected + self._weights["linear.bias"] if self.bias else projected)
        return activated


def normalise(vectors: Float32) -> Float32:
    """Rows scaled to length 1; a zero row stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Float32 = vectors / np.maximum(length, np.float32(1e-12))
    return unit


@dataclass(frozen=True)
class Pipeline:
    """Poolings of the last layer, which are put side by side, and what follows: [u, d] to [u, k]."""

    views: tuple[View, ...]
    steps: tuple[Callable[[Float32], Float32], ...]
    width: int

    def __call__(self, pooled: Sequence[Float32]) -> Float32:
        """Sentence vectors float32[u, k] of the pooled states of each view."""
        vectors = pooled[0] if len(pooled) == 1 else np.concatenate(pooled, axis=1)
        for step in self.steps:
            vectors = step(vectors)
        return vectors
