"""The loaded model and its tokenizer. Imports torch and transformers: to be imported by the first encode()."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from inspect import signature
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stsbench.plugin import Float32, ModelError, Tokens
from stsbench_transformers.batching.batches import WHY, Packing, fit_budget
from stsbench_transformers.checkpoints.checkpoint import Checkpoint, lacks_pooler
from stsbench_transformers.checkpoints.weights import key_mapping, require_one
from stsbench_transformers.loading import forget, quiet
from stsbench_transformers.pytorch.devices import choose_device
from stsbench_transformers.pytorch.pooling import mix, pool
from stsbench_transformers.tokens.tokenised import Flags, Ids, Tokenised, pad, token_view, tokenise
from stsbench_transformers.tokens.tokenizer import cut_as_transformers
from stsbench_transformers.views import View


@dataclass(frozen=True)
class Backbone:
    """A transformer in evaluation mode on its device, in the dtype that was asked for, with its tokenizer."""

    model: Any
    tokenizer: Any
    device: torch.device
    threads: int = 0
    pooler: bool = True
    instead: str = ""  # why not another backend
    packing: Packing = "padded"

    @classmethod
    def load(cls, checkpoint: Checkpoint, *, dtype: str, device: str, pooler: bool, threads: int = 0, instead: str = "") -> Backbone:
        """Load weights from safetensors; raises ModelError where they are not those of the model, or not in `dtype`."""
        from transformers import AutoModel, AutoTokenizer

        place = choose_device(device)
        if checkpoint.folder is not None:
            checkpoint.require_safetensors()
        checkpoint.download()
        renamed = key_mapping(checkpoint, checkpoint.read("config.json"))
        where = {"pretrained_model_name_or_path": checkpoint.source, "revision": checkpoint.commit or "main"}
        with quiet():
            try:
                tokenizer = AutoTokenizer.from_pretrained(**where, trust_remote_code=False)
                model, report = AutoModel.from_pretrained(
                    **where,
                    dtype=getattr(torch, dtype),
                    use_safetensors=True,
                    output_loading_info=True,
                    trust_remote_code=False,
                    key_mapping=renamed or None,
                )
            except Exception as error:  # whatever the library and those beneath it meet in files that are broken
                raise checkpoint.blame(error) from error
        checkpoint.require_vocabulary(tokenizer)
        require_one(checkpoint, model.base_model_prefix)
        missing = set(report["missing_keys"])
        own_pooler = getattr(model, "pooler", None) is not None and not any(name.startswith("pooler.") for name in missing)
        if pooler and not own_pooler:
            raise lacks_pooler(checkpoint)
        _check_weights(checkpoint, model, missing, dtype)
        forget(model)
        if getattr(model.config, "use_cache", False):  # of a decoder: nothing is generated here, and what it keeps cannot be traced
            model.config.use_cache = False
        return cls(model.eval().to(place), tokenizer, place, threads, own_pooler, instead)

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text with the tokenizer's special tokens, cut to `max_length` of them."""
        return tokenise(partial(cut_as_transformers, self.tokenizer), texts, max_length, self.tokenizer.num_special_tokens_to_add())

    def collect(
        self, tokenised: Tokenised, order: Sequence[int], batches: Iterable[slice], views: Sequence[View], skip: int = 0
    ) -> tuple[dict[str, Float32], dict[str, Tokens]]:
        """Vectors and tokens of the texts in `order` for each view, from one forward pass a batch; only float32 results are kept.

        A text without any token gets a zero vector. Poolings leave out the first `skip` tokens of each text.
        """
        with _threads(self.threads), torch.inference_mode():
            return self._collect([tokenised.ids[row] for row in order], [tokenised.special[row] for row in order], batches, views, skip)

    def _collect(
        self, ids: Sequence[Ids], special: Sequence[Flags], batches: Iterable[slice], views: Sequence[View], skip: int
    ) -> tuple[dict[str, Float32], dict[str, Tokens]]:
        depth, width = self.model.config.num_hidden_layers, self.model.config.hidden_size
        inner = any(layer != depth for view in views for layer in view.layers)
        pooled = [view for view in views if view.pooling != "tokens"]
        vectors = {str(view): torch.zeros((len(ids), width), pin_memory=self.device.type == "cuda") for view in pooled}
        kept: dict[str, list[Float32]] = {str(view): [np.zeros((0, width), dtype=np.float32)] for view in views if view.pooling == "tokens"}
        for batch in batches:
            output, mask = self.forward(ids[batch], inner=inner)
            hidden = {view.layers: mix(_states(output, depth, inner), view.layers) for view in views if view.layers}
            for view in views:
                if view.pooling == "tokens":
                    kept[str(view)].append(_numpy(hidden[view.layers][mask]))
                elif view.pooling == "pooler":
                    vectors[str(view)][batch].copy_(output.pooler_output, non_blocking=True)
                else:
                    vectors[str(view)][batch].copy_(pool(view.pooling, hidden[view.layers], mask, skip), non_blocking=True)
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)  # copies are under way until here, and batches follow each other without waiting
        arrays = {view: np.ascontiguousarray(values.numpy()) for view, values in vectors.items()}
        return arrays, {name: token_view(np.concatenate(parts), ids, special, self.pieces) for name, parts in kept.items()}

    @property
    def facts(self) -> dict[str, str]:
        """Where and with what it runs."""
        import transformers

        facts = {"device": str(self.device), "backend": "torch", "torch": torch.__version__, "transformers": transformers.__version__}
        if self.packing != "padded":
            facts["batches"] = WHY[self.packing]
        return {**facts, "backend.why": self.instead} if self.instead else facts

    @property
    def checked(self) -> int:
        """The longest text on which it is right: any."""
        return sys.maxsize

    @cached_property
    def _masked(self) -> bool:
        """Whether the model takes a mask of its tokens."""
        return "attention_mask" in signature(self.model.forward).parameters

    @property
    def budget(self) -> int:
        """Tokens of a batch: what a core's caches hold, and on a GPU what its free memory does."""
        if self.device.type == "cpu":
            return 1024
        if self.device.type != "cuda":
            return 32768
        free, _ = torch.cuda.mem_get_info(self.device)
        config = self.model.config
        return fit_budget(
            free,
            width=config.hidden_size,
            wide=getattr(config, "intermediate_size", 4 * config.hidden_size),
            layers=config.num_hidden_layers,
        )

    def pieces(self, ids: list[int]) -> list[str]:
        """The vocabulary's text of each id."""
        texts: list[str] = self.tokenizer.convert_ids_to_tokens(ids)
        return texts

    def forward(self, ids: Sequence[Ids], *, inner: bool) -> tuple[Any, Tensor]:
        """One forward pass over texts, padded on the right: the model's output and the mask bool[b, t] of their tokens."""
        padded, flags = pad(ids, self.tokenizer.pad_token_id or 0)
        given, mask = (self._send(torch.from_numpy(one)) for one in (padded, flags))
        masked = {"attention_mask": mask.long()} if self._masked else {}
        output = self.model(input_ids=given, **masked, output_hidden_states=inner, return_dict=True)
        return output, mask

    def _send(self, tensor: Tensor) -> Tensor:
        """On the device; to a GPU without waiting for it, from memory that the system does not move."""
        cuda = self.device.type == "cuda"
        return (tensor.pin_memory() if cuda else tensor).to(self.device, non_blocking=cuda)


def _states(output: Any, depth: int, inner: bool) -> Sequence[Tensor]:
    last: Tensor = output.last_hidden_state  # after a final norm, where the model has one
    return [*output.hidden_states[:depth], last] if inner else [last] * (depth + 1)


def _numpy(tensor: Tensor) -> Float32:
    return np.ascontiguousarray(tensor.float().cpu().numpy())


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _check_weights(checkpoint: Checkpoint, model: Any, missing: set[str], dtype: str) -> None:
    if getattr(model.config, "is_encoder_decoder", False) or any(name.startswith("decoder.") for name in missing):
        raise ModelError(
            f"model {checkpoint.label!r} is an encoder with a decoder, or loaded as one, whose layers have no one meaning; "
            "give an encoder, or run its encoder as sentence-transformers:"
        )
    if absent := sorted(name for name in missing if not name.startswith("pooler.")):
        raise ModelError(
            f"the weights of model {checkpoint.label!r} lack {len(absent)} of its tensors (such as {absent[0]}), which would be random; "
            "check that the weights and config.json belong together"
        )
    dtypes = {str(one.dtype).removeprefix("torch.") for one in model.parameters() if one.is_floating_point()}
    if dtypes != {dtype}:
        raise ModelError(
            f"model {checkpoint.label!r} was loaded as {' and '.join(sorted(dtypes))} instead of {dtype}; choose another dtype"
        )
