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


def pool(pooling: str, hidden: Tensor, mask: Tensor, skip: int = 0) -> Tensor:
    """Vectors [b, d] of hidden states [b, t, d] without the first `skip` tokens of each text; `mask` bool[b, t] is false on padding.

    A text of which nothing is left has zeros, or, where one token is taken from the front, its first one, as sentence-transformers has it.
    """
    place = mask.cumsum(dim=1)
    return _POOL[pooling](hidden, mask & (place > skip), place)


def _first_token(hidden: Tensor, kept: Tensor, _place: Tensor) -> Tensor:
    """Hidden state of the first token ([CLS]), before any pooler."""
    return hidden[torch.arange(len(hidden), device=hidden.device), kept.int().argmax(dim=1)]


def _last_token(hidden: Tensor, kept: Tensor, place: Tensor) -> Tensor:
    return _total(hidden, kept & (place == place[:, -1:]))


def _mean(hidden: Tensor, kept: Tensor, _place: Tensor) -> Tensor:
    """Mean over all tokens of a text, [CLS] and [SEP] included."""
    return _total(hidden, kept) / _count(kept)


def _mean_sqrt_length(hidden: Tensor, kept: Tensor, _place: Tensor) -> Tensor:
    """Sum over all tokens divided by the square root of their number."""
    return _total(hidden, kept) / _count(kept).sqrt()


def _weighted_mean(hidden: Tensor, kept: Tensor, place: Tensor) -> Tensor:
    """Mean over all tokens, each as heavy as its place in the text, counted from 1 with the tokens that are left out."""
    weights = (place * kept).to(hidden.dtype)
    return _total(hidden * weights[..., None], kept) / weights.sum(dim=1, keepdim=True).clamp(min=1)


def _maximum(hidden: Tensor, kept: Tensor, _place: Tensor) -> Tensor:
    """Largest value of each dimension over all tokens of a text."""
    largest = hidden.masked_fill(~kept[..., None], -torch.inf).amax(dim=1)
    return largest.masked_fill(~kept.any(dim=1, keepdim=True), 0)


def _total(hidden: Tensor, kept: Tensor) -> Tensor:
    return hidden.masked_fill(~kept[..., None], 0).sum(dim=1)  # states of padding may be anything, also no number


def _count(kept: Tensor) -> Tensor:
    return kept.sum(dim=1, keepdim=True).clamp(min=1)


_POOL: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "cls": _first_token,
    "mean": _mean,
    "max": _maximum,
    "mean-sqrt-length": _mean_sqrt_length,
    "weighted-mean": _weighted_mean,
    "last-token": _last_token,
}
