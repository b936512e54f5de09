"""Loading a SentenceTransformer, and asking its tokenizer what it cuts. Imports torch: to be imported by the first encode()."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder, SentenceTransformer
from stsbench_transformers.backbone import LOAD_ERRORS, choose_device
from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.limits import resolve_max_length
from stsbench_transformers.quiet import quiet
from tokenizers import Tokenizer

from stsbench.plugin import ModelError, OptionError
from stsbench_sentence_transformers.reports import missing_tensors


def load_model(
    checkpoint: Checkpoint,
    folders: Sequence[str],
    *,
    dtype: str,
    device: str,
    max_length: int | None,
    truncate_dim: int | None,
    trust_remote_code: bool,
) -> SentenceTransformer:
    """The model in evaluation mode, its weights read from safetensors and all in `dtype`; raises ModelError or OptionError."""
    place = choose_device(device)
    checkpoint.download(folders)
    with quiet(), missing_tensors() as missing:
        try:
            model = SentenceTransformer(
                checkpoint.source,
                revision=checkpoint.commit,
                device=str(place),
                model_kwargs={"dtype": getattr(torch, dtype), "use_safetensors": True},
                trust_remote_code=trust_remote_code,
            )
        except LOAD_ERRORS as error:
            raise checkpoint.blame(error) from error
    if missing:
        raise ModelError(
            f"the weights of model {checkpoint.label!r} lack {len(missing)} of its tensors (such as {min(missing)}), which would be random; "
            "check that the weights and config.json belong together"
        )
    _check_dtype(checkpoint, model, dtype)
    _limit(checkpoint, model, max_length, truncate_dim)
    return model.eval()


def _check_dtype(checkpoint: Checkpoint, model: SentenceTransformer, dtype: str) -> None:
    asked = getattr(torch, dtype)
    for module in model:
        inner = getattr(module, "auto_model", None)
        if inner is not None and inner.dtype != asked:  # before the cast below, which would hide a loss of precision
            raise ModelError(f"model {checkpoint.label!r} was loaded as {_name(inner.dtype)} instead of {dtype}; choose another dtype")
    model.to(asked)  # modules beside the transformer, such as a dense layer, are loaded as they were saved


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _limit(checkpoint: Checkpoint, model: SentenceTransformer, max_length: int | None, truncate_dim: int | None) -> None:
    width = model.get_embedding_dimension()
    if truncate_dim is not None and width is not None and truncate_dim > width:
        raise OptionError(
            f"option 'truncate_dim' is {truncate_dim}, but vectors of {checkpoint.label!r} have {width} dimensions; give fewer"
        )
    if max_length is None:
        return
    own = model.max_seq_length
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    if config is None or own is None:
        raise OptionError(f"option 'max_length' does not apply to {checkpoint.label!r}, which has no limit on texts; leave it out")
    model.max_seq_length = resolve_max_length(max_length, config.to_dict(), {})


def load_cross_encoder(checkpoint: Checkpoint, *, dtype: str, device: str, max_length: int | None) -> CrossEncoder:
    """The cross-encoder in evaluation mode, its weights read from safetensors and in `dtype`; raises ModelError or OptionError."""
    place = choose_device(device)
    if checkpoint.commit is not None:
        checkpoint.require_safetensors()
    with quiet():
        try:
            model: CrossEncoder = CrossEncoder(
                checkpoint.source,
                revision=checkpoint.commit,
                device=str(place),
                max_length=max_length,
                model_kwargs={"dtype": getattr(torch, dtype), "use_safetensors": True},
                trust_remote_code=False,
            )
        except LOAD_ERRORS as error:
            raise checkpoint.blame(error) from error
    if model.dtype != getattr(torch, dtype):
        raise ModelError(
            f"model {checkpoint.label!r} was loaded as {str(model.dtype).removeprefix('torch.')} instead of {dtype}; choose another dtype"
        )
    if max_length is not None and model.config is not None:
        resolve_max_length(max_length, model.config.to_dict(), {})
    model.eval()
    return model


def find_truncated(model: SentenceTransformer, texts: Sequence[str]) -> NDArray[np.bool_] | None:
    """Which texts the model's tokenizer cuts, bool[n]; None where it cannot tell."""
    tokenizer: Any = getattr(model[0], "tokenizer", None)
    if isinstance(tokenizer, Tokenizer):
        encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    elif getattr(tokenizer, "is_fast", False):
        if not texts:
            return np.zeros(0, dtype=np.bool_)
        encodings = tokenizer(list(texts), truncation=True, max_length=model.max_seq_length, verbose=False).encodings
    else:
        return None
    return np.array([bool(encoding.overflowing) for encoding in encodings], dtype=np.bool_)
