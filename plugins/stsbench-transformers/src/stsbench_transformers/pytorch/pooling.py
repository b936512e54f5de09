"""Reduction of hidden states to vectors. Imports torch: to be imported only once a model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def mix(states: Sequence[Tensor], layers: Sequence[int]) -> Tensor:
    """Mean of the chosen layers' hidden states, float32[b, t, d]."""
    if len(layers) == 1:
        return states[layers[0]].float()
    return torch.stack([states[layer].float() for layer in layers]).mean(dim=0)


def first_token(hidden: Tensor, _mask: Tensor) -> Tensor:
    """Hidden state of the first token ([CLS]), before any pooler: [b, t, d] -> [b, d]."""
    return hidden[:, 0]


def mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean over all tokens of a text, [CLS] and [SEP] included; `mask` bool[b, t] is false on padding."""
    return _total(hidden, mask) / mask.sum(dim=1, keepdim=True)


def mean_sqrt_length(hidden: Tensor, mask: Tensor) -> Tensor:
    """Sum over all tokens divided by the square root of their number."""
    return _total(hidden, mask) / mask.sum(dim=1, keepdim=True).sqrt()


def maximum(hidden: Tensor, mask: Tensor) -> Tensor:
    """Largest value of each dimension over all tokens of a text."""
    return hidden.masked_fill(~mask[..., None], -torch.inf).amax(dim=1)


def _total(hidden: Tensor, mask: Tensor) -> Tensor:
    return hidden.masked_fill(~mask[..., None], 0).sum(dim=1)  # states of padding may be anything, also no number


POOL: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cls": first_token,
    "mean": mean,
    "max": maximum,
    "mean-sqrt-length": mean_sqrt_length,
}
