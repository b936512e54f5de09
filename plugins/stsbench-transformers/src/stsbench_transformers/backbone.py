"""The loaded model and its tokenizer. Imports torch and transformers: to be imported by the first encode()."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor

from stsbench.plugin import ModelError, OptionError
from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.quiet import quiet

# what transformers raises where files are missing, broken, or of a kind that it does not know
LOAD_ERRORS = (OSError, ValueError, TypeError, KeyError, RuntimeError, ImportError, SafetensorError)


@dataclass(frozen=True)
class Tokenised:
    """Token ids of each text with special-token flags (int64[t], bool[t]), and which texts were cut, bool[n]."""

    ids: list[Tensor]
    special: list[Tensor]
    truncated: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Backbone:
    """A transformer in evaluation mode on its device, in the dtype that was asked for, with its tokenizer."""

    model: Any
    tokenizer: Any
    device: torch.device

    @classmethod
    def load(cls, checkpoint: Checkpoint, *, dtype: str, device: str, pooler: bool) -> Backbone:
        """Load weights from safetensors; raises ModelError where they are not those of the model, or not in `dtype`."""
        from transformers import AutoModel, AutoTokenizer

        place = choose_device(device)
        checkpoint.download()
        where = {"pretrained_model_name_or_path": checkpoint.source, "revision": checkpoint.commit or "main"}
        with quiet():
            try:
                tokenizer = AutoTokenizer.from_pretrained(**where, trust_remote_code=False)
                model, report = AutoModel.from_pretrained(
                    **where, dtype=getattr(torch, dtype), use_safetensors=True, output_loading_info=True, trust_remote_code=False
                )
            except LOAD_ERRORS as error:
                raise checkpoint.blame(error) from error
        _check_weights(checkpoint, model, set(report["missing_keys"]), dtype, pooler)
        return cls(model.eval().to(place), tokenizer, place)

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text with the tokenizer's special tokens, cut to `max_length` of them."""
        if max_length is not None and max_length <= self.tokenizer.num_special_tokens_to_add():
            raise OptionError(f"option 'max_length' leaves no room for a text beside the special tokens; give more than {max_length}")
        if not texts:
            return Tokenised([], [], np.zeros(0, dtype=np.bool_))
        kept = self._encode(texts, max_length)
        ids = [torch.tensor(row, dtype=torch.int64) for row in kept["input_ids"]]
        special = [torch.tensor(row, dtype=torch.bool) for row in kept["special_tokens_mask"]]
        truncated = np.zeros(len(texts), dtype=np.bool_)
        if full := [row for row, one in enumerate(ids) if len(one) == max_length]:  # only these can have been cut
            whole = self._encode([texts[row] for row in full], None)["input_ids"]
            truncated[full] = [len(one) > len(ids[row]) for one, row in zip(whole, full, strict=True)]
        return Tokenised(ids, special, truncated)

    def _encode(self, texts: Sequence[str], max_length: int | None) -> Any:
        return self.tokenizer(
            list(texts),
            truncation=max_length is not None,
            max_length=max_length,
            padding=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            return_special_tokens_mask=True,
            verbose=False,
        )

    def forward(self, ids: Sequence[Tensor], *, inner: bool) -> tuple[Any, Tensor]:
        """One forward pass over texts, padded on the right: the model's output and the mask bool[b, t] of their tokens."""
        lengths = torch.tensor([len(row) for row in ids])
        padded = torch.full((len(ids), int(lengths.max())), self.tokenizer.pad_token_id or 0)
        for row, one in enumerate(ids):
            padded[row, : len(one)] = one
        mask = (torch.arange(padded.shape[1]) < lengths[:, None]).to(self.device)
        output = self.model(input_ids=padded.to(self.device), attention_mask=mask.long(), output_hidden_states=inner, return_dict=True)
        return output, mask


def choose_device(device: str) -> torch.device:
    """The device of that name; `auto` is a GPU if torch sees one, else the CPU. Raises OptionError where it cannot be used."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return torch.zeros(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise OptionError(
            f"option 'device' is {device!r}, which torch cannot use here; give cpu, auto, or a device that it sees"
        ) from error


def _check_weights(checkpoint: Checkpoint, model: Any, missing: set[str], dtype: str, pooler: bool) -> None:
    if getattr(model.config, "is_encoder_decoder", False):
        raise ModelError(f"model {checkpoint.label!r} is an encoder with a decoder, whose layers have no one meaning; give an encoder")
    without_pooler = getattr(model, "pooler", None) is None or any(name.startswith("pooler.") for name in missing)
    if pooler and without_pooler:
        raise ModelError(
            f"model {checkpoint.label!r} has no pooler weights; choose pooling=cls for its raw [CLS] state, or another pooling"
        )
    if absent := sorted(name for name in missing if not name.startswith("pooler.")):
        raise ModelError(
            f"the weights of model {checkpoint.label!r} lack {len(absent)} of its tensors (such as {absent[0]}), which would be random; "
            "check that the weights and config.json belong together"
        )
    found = {str(one.dtype).removeprefix("torch.") for one in model.parameters() if one.is_floating_point()}
    if found != {dtype}:
        raise ModelError(f"model {checkpoint.label!r} was loaded as {' and '.join(sorted(found))} instead of {dtype}; choose another dtype")
