"""The ONNX Runtime backend: a model's own .onnx file, its last layer, run without torch and without transformers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

from stsbench.plugin import Float32, ModelError, OptionError, Tokens, processors
from stsbench_transformers.batching.batches import BUDGET, WHY, Packing
from stsbench_transformers.batching.probing import LONGEST, find_lengths, try_packing
from stsbench_transformers.checkpoints.limits import count_layers
from stsbench_transformers.quantised import holds_steps, locate
from stsbench_transformers.tokens.tokenised import Flags, Tokenised, pad, token_view
from stsbench_transformers.tokens.tokenizer import LibraryTokenizer
from stsbench_transformers.views import View

if TYPE_CHECKING:
    from stsbench_transformers.running import Work

_STATES = ("last_hidden_state", "token_embeddings")
_KNOWN = {"input_ids", "attention_mask", "token_type_ids"}


@dataclass(frozen=True)
class OnnxModel:
    """A loaded .onnx file, which gives its last hidden state; `output` is what it calls that."""

    run: Any
    inputs: frozenset[str]
    output: str
    tokenizer: LibraryTokenizer
    streams: int
    depth: int
    width: int
    file: str
    packing: Packing = "padded"
    checked: int = LONGEST  # it stands alone, or was compared at every length that may make a difference
    budget: int = BUDGET
    chosen: str = ""  # why it is run in the place of another library, if it is

    @classmethod
    def load(cls, work: Work, file: str) -> OnnxModel:
        """That file of the checkpoint, with the batches in which a text has what it has alone; raises ModelError, OptionError."""
        if work.tokenizer.obstacle:
            raise OptionError(f"{file} cannot be run, since {work.tokenizer.obstacle}; choose other weights, or another backend")
        path, config = locate(work.checkpoint, file), work.checkpoint.read("config.json")
        depth = count_layers(work.checkpoint.label, config)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # batches are independent, and threads that share one wait for each other
        options.log_severity_level = 3
        try:
            made = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # of classes that the library does not publish
            raise ModelError(f"{file} of model {work.checkpoint.label!r} is no model that onnxruntime runs") from error
        inputs, outputs = frozenset(one.name for one in made.get_inputs()), {one.name: one.shape for one in made.get_outputs()}
        output = next((name for name in _STATES if name in outputs), None)
        if output is None or not {"input_ids", "attention_mask"} <= inputs <= _KNOWN or not isinstance(width := outputs[output][-1], int):
            given = f"takes {', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}"
            raise ModelError(f"{file} of model {work.checkpoint.label!r} {given}; last_hidden_state is looked for")
        streams = work.running.threads or processors()
        loaded = cls(made.run, inputs, output, work.tokenizer, streams, depth, width, file)
        numbers = "int8" if holds_steps(path) else "float32"
        return replace(loaded, packing=try_packing(loaded, find_lengths(config, work.limit), depth, numbers))

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text with the tokenizer's special tokens, cut to `max_length` of them."""
        return self.tokenizer.tokenise(texts, max_length)

    def collect(
        self, tokenised: Tokenised, order: Sequence[int], batches: Iterable[slice], views: Sequence[View], skip: int = 0
    ) -> tuple[dict[str, Float32], dict[str, Tokens]]:
        """Vectors and tokens of the texts in `order` for each view; a text without tokens gets zeros. `skip` tokens are not pooled."""
        if any(layer != self.depth for view in views for layer in view.layers or (-1,)):
            raise OptionError(f"{self.file} gives the states of layer {self.depth} alone; leave out other layers, and the pooler")
        ids = [tokenised.ids[row] for row in order]
        vectors = {str(view): np.zeros((len(ids), self.width), dtype=np.float32) for view in views if view.pooling != "tokens"}
        kept: dict[str, dict[int, Float32]] = {str(view): {} for view in views if view.pooling == "tokens"}

        def fill(batch: slice) -> None:
            padded, mask = pad(ids[batch], self.tokenizer.filler)
            given = {"input_ids": padded, "attention_mask": mask.astype(np.int64), "token_type_ids": np.zeros_like(padded)}
            (hidden,) = self.run([self.output], {name: given[name] for name in self.inputs})
            for view in views:
                if view.pooling == "tokens":
                    kept[str(view)][batch.start] = hidden[mask]
                else:
                    vectors[str(view)][batch] = pool(view.pooling, hidden, mask, skip)

        with ThreadPoolExecutor(self.streams) as workers:
            list(workers.map(fill, batches))
        special = [tokenised.special[row] for row in order]
        empty = np.zeros((0, self.width), dtype=np.float32)
        return vectors, {
            name: token_view(np.concatenate([empty, *(parts[start] for start in sorted(parts))]), ids, special, self.tokenizer.pieces)
            for name, parts in kept.items()
        }

    @property
    def facts(self) -> Mapping[str, str]:
        """Where and with what it runs."""
        facts = {"device": "cpu", "backend": "onnxruntime", "onnxruntime": onnxruntime.__version__}
        more = {"backend.why": self.chosen, "batches": WHY.get(self.packing, "")}
        return {**facts, **{name: fact for name, fact in more.items() if fact}}


def pool(pooling: str, hidden: Float32, mask: Flags, skip: int) -> Float32:
    """What `stsbench_transformers.pytorch.pooling` does to the same states, float32[b, d]."""
    place = mask.cumsum(axis=1)
    kept: Flags = mask & (place > skip)
    pooled: Float32
    if pooling == "cls":
        pooled = hidden[np.arange(len(hidden)), kept.argmax(axis=1)]
    elif pooling == "last-token":
        pooled = _total(hidden, kept & (place == place[:, -1:]))
    elif pooling == "max":
        largest = np.where(kept[..., None], hidden, np.float32(-np.inf)).max(axis=1)
        pooled = np.where(np.any(kept, axis=1, keepdims=True), largest, np.float32(0))
    elif pooling == "weighted-mean":
        weights = (place * kept).astype(np.float32)
        pooled = _total(hidden * weights[..., None], kept) / np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1))
    else:
        count = np.maximum(kept.sum(axis=1, keepdims=True), 1).astype(np.float32)
        pooled = _total(hidden, kept) / (count if pooling == "mean" else np.sqrt(count))
    return pooled


def _total(hidden: Float32, kept: Flags) -> Float32:
    total: Float32 = np.where(kept[..., None], hidden, np.float32(0)).sum(axis=1)
    return total
