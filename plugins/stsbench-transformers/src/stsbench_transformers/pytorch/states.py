"""From token ids to views, batch by batch; only float32 results are kept. Imports torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from stsbench.plugin import Float32, Tokens
from stsbench_transformers.pytorch.pooling import POOL, mix
from stsbench_transformers.tokens.tokenised import Ids, Tokenised, token_view
from stsbench_transformers.views import View


class LoadedModel(Protocol):
    """A loaded model of torch, as its states are read."""

    @property
    def model(self) -> Any:
        """The model."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it is."""
        ...

    def forward(self, ids: Sequence[Ids], *, inner: bool) -> tuple[Any, Tensor]:
        """The model's output of a batch, and the mask bool[b, t] of its tokens."""
        ...

    def pieces(self, ids: list[int]) -> list[str]:
        """The vocabulary's text of each id."""
        ...


@torch.inference_mode()
def collect(
    backbone: LoadedModel, tokenised: Tokenised, order: Sequence[int], batches: Iterable[slice], views: Sequence[View]
) -> tuple[dict[str, Float32], dict[str, Tokens]]:
    """Vectors and tokens of the texts in `order` for each view, from one forward pass a batch.

    A text without any token gets a zero vector.
    """
    depth, width = backbone.model.config.num_hidden_layers, backbone.model.config.hidden_size
    ids = [tokenised.ids[row] for row in order]
    inner = any(layer != depth for view in views for layer in view.layers)
    pooled = [view for view in views if view.pooling != "tokens"]
    vectors = {str(view): torch.zeros((len(ids), width), pin_memory=backbone.device.type == "cuda") for view in pooled}
    kept: dict[str, list[Float32]] = {str(view): [np.zeros((0, width), dtype=np.float32)] for view in views if view.pooling == "tokens"}
    for batch in batches:
        output, mask = backbone.forward(ids[batch], inner=inner)
        hidden = {view.layers: mix(_states(output, depth, inner), view.layers) for view in views if view.layers}
        for view in views:
            if view.pooling == "tokens":
                kept[str(view)].append(_numpy(hidden[view.layers][mask]))
            elif view.pooling == "pooler":
                vectors[str(view)][batch].copy_(output.pooler_output, non_blocking=True)
            else:
                vectors[str(view)][batch].copy_(POOL[view.pooling](hidden[view.layers], mask), non_blocking=True)
    if backbone.device.type == "cuda":
        torch.cuda.synchronize(backbone.device)  # copies are under way until here, and batches follow each other without waiting
    special = [tokenised.special[row] for row in order]
    arrays = {view: np.ascontiguousarray(values.numpy()) for view, values in vectors.items()}
    return arrays, {name: token_view(np.concatenate(parts), ids, special, backbone.pieces) for name, parts in kept.items()}


def _states(output: Any, depth: int, inner: bool) -> Sequence[Tensor]:
    last: Tensor = output.last_hidden_state  # after a final norm, where the model has one
    return [*output.hidden_states[:depth], last] if inner else [last] * (depth + 1)


def _numpy(tensor: Tensor) -> Float32:
    return np.ascontiguousarray(tensor.float().cpu().numpy())
