"""Texts of which a tokenizer makes no token, such as an empty one where no special tokens are added: the library fails on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from stsbench_transformers.tokens.tokenised import Flags

from stsbench.plugin import Float32, ModelError
from stsbench_sentence_transformers.running.confirming import first_module, writes_chats


def find_tokenless(model: Any, texts: Sequence[str]) -> Flags:
    """Which texts have no token for the transformer that reads them, bool[n]; none where another module reads them."""
    tokenizer: Any = getattr(first_module(model), "tokenizer", None)
    if not texts or not getattr(tokenizer, "is_fast", False) or tokenizer.num_special_tokens_to_add() or writes_chats(model):
        return np.zeros(len(texts), dtype=np.bool_)
    return np.array([not ids for ids in tokenizer(list(texts), verbose=False).input_ids], dtype=np.bool_)


@torch.inference_mode()
def pool_nothing(model: Any, label: str) -> Float32:
    """What the modules after the pooling make of zeros, float32[d]: the pooled state of a text without tokens on every backend."""
    modules = list(model)
    place = next((row for row, module in enumerate(modules) if type(module).__name__ == "Pooling"), None)
    if place is None:
        raise ModelError(f"model {label!r} has no vector for a text without tokens, such as an empty one; leave such texts out")
    parameter = next(model.parameters())
    zeros = torch.zeros((1, modules[place].get_embedding_dimension()), dtype=parameter.dtype, device=parameter.device)
    features: dict[str, Any] = {"sentence_embedding": zeros}
    for module in modules[place + 1 :]:
        features = module(features)
    vector: Float32 = features["sentence_embedding"][0].float().cpu().numpy()
    return vector
