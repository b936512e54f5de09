"""Loading a SentenceTransformer, and asking its tokenizer what it cuts. Imports torch: to be imported by the first encode()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder, SentenceTransformer
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import Decision
from stsbench_transformers.checkpoints.limits import UNLIMITED
from stsbench_transformers.checkpoints.weights import require_one
from stsbench_transformers.loading import forget, quiet
from stsbench_transformers.pytorch.devices import choose_device
from stsbench_transformers.sizes import require_width
from tokenizers import Tokenizer

from stsbench.plugin import ModelError, OptionError
from stsbench_sentence_transformers.options import SentenceOptions
from stsbench_sentence_transformers.running.confirming import confirm, first_module, require_padding, writes_chats
from stsbench_sentence_transformers.running.preparing import prepared
from stsbench_sentence_transformers.running.reports import missing_tensors

M = TypeVar("M", bound=torch.nn.Module)


def load(
    kind: type[M],
    checkpoint: Checkpoint,
    decision: Decision,
    dtype: str,
    device: str,
    *,
    remote: bool = False,
    heads: bool = False,
    **options: Any,
) -> M:
    """The library's model of a kind in evaluation mode, its weights read from safetensors, in `dtype`; raises ModelError or OptionError.

    What the weights lack would be random, and is refused; `heads` are of transformers that have one of their own, names and all.
    """
    place, asked = choose_device(device), getattr(torch, dtype)
    checkpoint.download(decision.folders)
    with prepared(checkpoint, decision) as (source, revision, renamed), quiet(), missing_tensors(heads=heads) as missing:
        try:
            model = kind(
                source,
                revision=revision,
                device=str(place),
                model_kwargs={"dtype": asked, "use_safetensors": True, **({} if heads else renamed)},
                trust_remote_code=remote,
                **options,
            )
        except Exception as error:  # whatever the library and those beneath it meet in files that are broken
            raise checkpoint.blame(error, source) from error
    for tokenizer in filter(None, (getattr(module, "tokenizer", None) for module in model.modules())):
        checkpoint.require_vocabulary(tokenizer, decision.base)
    if missing:
        raise ModelError(
            f"the weights of model {checkpoint.label!r} lack {len(missing)} of its tensors (such as {min(missing)}), which would be "
            "random; check that the weights and config.json belong together"
        )
    for inner in filter(None, (getattr(module, "auto_model", None) for module in model.modules())):  # those behind a router too
        if inner.dtype != asked:  # before any cast, which would hide a loss of precision
            raise ModelError(
                f"model {checkpoint.label!r} was loaded as {str(inner.dtype).removeprefix('torch.')} instead of {dtype}; "
                "choose another dtype"
            )
        prefix = getattr(inner, "base_model_prefix", "")
        if decision.base is not None:
            require_one(decision.base, prefix)
        else:
            require_one(checkpoint, prefix, decision.folders)
    forget(model)
    model.eval()
    return model


def load_model(checkpoint: Checkpoint, decision: Decision, options: SentenceOptions, *, sees: bool = False) -> SentenceTransformer:
    """The model, all in its dtype, and cut as asked for; raises ModelError or OptionError.

    Images of one that sees are prepared with Pillow, whatever else is installed.
    """
    more: dict[str, Any] = {"processor_kwargs": {"backend": "pil"}} if sees else {}
    model = load(SentenceTransformer, checkpoint, decision, options.dtype, options.device, remote=options.trust_remote_code, **more)
    model.to(getattr(torch, options.dtype))  # modules beside the transformer, such as a dense layer, are loaded as they were saved
    confirm(checkpoint, decision, model)
    _limit(checkpoint, decision, model, options)
    return model


def _limit(checkpoint: Checkpoint, decision: Decision, model: SentenceTransformer, options: SentenceOptions) -> None:
    model.truncate_dim = None  # each view is cut from what all of them share
    width, max_length = model.get_embedding_dimension(), options.max_length
    for size in options.sizes.values():
        require_width(size, width, repr(checkpoint.label))
    first = first_module(model)
    longest = getattr(first, "max_seq_length", None)
    if max_length is not None and (longest is None or decision.limits is None):
        raise OptionError(f"option 'max_length' does not apply to {checkpoint.label!r}, which has no limit on texts; leave it out")
    limit = None if decision.limits is None else decision.limits.resolve(max_length)
    if longest is not None and limit is not None and (max_length is not None or limit < longest):
        first.max_seq_length = limit  # the library reads on past the last position


def load_cross_encoder(checkpoint: Checkpoint, decision: Decision, *, dtype: str, device: str, max_length: int | None) -> CrossEncoder:
    """The cross-encoder, cut as asked for; raises ModelError or OptionError."""
    model: CrossEncoder = load(CrossEncoder, checkpoint, decision, dtype, device, heads=True, max_length=max_length)
    require_padding(checkpoint, model.tokenizer)
    limit = None if decision.limits is None else decision.limits.resolve(max_length)
    if limit is not None and (model.max_seq_length is None or limit < model.max_seq_length):
        model.max_seq_length = limit
    return model


@contextmanager
def running(checkpoint: Checkpoint) -> Iterator[None]:
    """Say that the library fails at running the model, by the class of its error alone: its message may hold a text. Raises ModelError."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            f"sentence-transformers loads model {checkpoint.label!r}, but fails at running it ({type(error).__name__}); "
            "try SentenceTransformer(...).encode on a text of your own, and ask whoever published the model"
        ) from error


def find_truncated(model: SentenceTransformer, texts: Sequence[str]) -> NDArray[np.bool_] | None:
    """Which texts the model's tokenizer cuts, bool[n]; None where it cannot tell."""
    first = first_module(model)
    tokenizer: Any = getattr(first, "tokenizer", None)
    if isinstance(tokenizer, Tokenizer):
        encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return np.array([bool(encoding.overflowing) for encoding in encodings], dtype=np.bool_)
    if not getattr(tokenizer, "is_fast", False) or writes_chats(model):
        return None
    limit = first.max_seq_length
    if not texts or limit is None or limit >= UNLIMITED:
        return np.zeros(len(texts), dtype=np.bool_)
    encodings = tokenizer(list(texts), truncation=True, max_length=limit, verbose=False).encodings
    return np.array([bool(encoding.overflowing) for encoding in encodings], dtype=np.bool_)
