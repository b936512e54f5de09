"""The OpenVINO backend: a converted model, run without torch and without transformers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from stsbench.plugin import Float32, ModelError, OptionError, Tokens, processors
from stsbench_transformers.batching.batches import BUDGET, WHY, Packing
from stsbench_transformers.batching.probing import LONGEST
from stsbench_transformers.kept import read_kept
from stsbench_transformers.tokens.tokenised import Flags, Ids, Tokenised, pad, token_view
from stsbench_transformers.tokens.tokenizer import LibraryTokenizer
from stsbench_transformers.views import View

_PRECISION = {"float32": "f32", "bfloat16": "bf16"}
FACTS = ("depth", "width", "pooler", "first", "packing", "checked")  # that are kept beside a converted model
_QUEUED = 2  # batches a stream


@dataclass(frozen=True)
class Graph:
    """A converted model. Its views are reduced inside the compiled graph, so that no hidden state leaves it but for token views."""

    folder: Path
    tokenizer: LibraryTokenizer
    dtype: str
    threads: int
    depth: int
    width: int
    pooler: bool
    first: int = 0  # the first layer that the converted model gives; an export gives the last one alone
    packing: Packing = "padded"
    checked: int = LONGEST  # tokens of the longest text on which a traced model was compared with torch

    @classmethod
    def load(cls, folder: Path, tokenizer: LibraryTokenizer, *, dtype: str, threads: int) -> Graph:
        """The model that `convert` wrote into the folder; raises ModelError where a file is missing or not as it was written."""
        try:
            return cls(folder, tokenizer, dtype, threads, **read_kept(folder / "graph.json"))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"the converted model in {folder} cannot be read; delete that folder, and it is converted anew") from error

    @cached_property
    def _compiled(self) -> dict[tuple[tuple[View, ...], int], Any]:
        return {}

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text with the tokenizer's special tokens, cut to `max_length` of them."""
        return self.tokenizer.tokenise(texts, max_length)

    def collect(
        self, tokenised: Tokenised, order: Sequence[int], batches: Iterable[slice], views: Sequence[View], skip: int = 0
    ) -> tuple[dict[str, Float32], dict[str, Tokens]]:
        """Vectors and tokens of the texts in `order` for each view, several batches at once; a text without tokens gets a zero vector.

        Poolings leave out the first `skip` tokens of each text.
        """
        ids = [tokenised.ids[row] for row in order]
        model = self._compile(tuple(views), skip)
        vectors = {str(view): np.zeros((len(ids), self.width), dtype=np.float32) for view in views if view.pooling != "tokens"}
        kept: dict[str, dict[int, Float32]] = {str(view): {} for view in views if view.pooling == "tokens"}

        for batch, mask, outputs in self._infer(model, ids, batches):
            for view, values in zip(views, outputs, strict=True):
                if view.pooling == "tokens":
                    kept[str(view)][batch.start] = values[mask]
                else:
                    vectors[str(view)][batch] = values
        special = [tokenised.special[row] for row in order]
        empty = np.zeros((0, self.width), dtype=np.float32)
        return vectors, {
            name: token_view(np.concatenate([empty, *(parts[start] for start in sorted(parts))]), ids, special, self.tokenizer.pieces)
            for name, parts in kept.items()
        }

    def _infer(self, model: Any, ids: Sequence[Ids], batches: Iterable[slice]) -> Iterator[tuple[slice, Flags, list[Float32]]]:
        """Each batch with the mask of its tokens and its outputs, which hold until the next is asked for; several are in flight.

        Requests are waited for here. With callbacks, a worker that waits for the interpreter's lock and a destructor that holds it
        can wait for each other.
        """
        free = [model.create_infer_request() for _ in range(self._streams * _QUEUED)]
        busy: deque[tuple[Any, slice, Flags]] = deque()
        for batch in batches:
            if not free:
                yield _finish(*busy[0])
                free.append(busy.popleft()[0])
            request = free.pop()
            padded, mask = pad(ids[batch], self.tokenizer.filler)
            request.start_async({0: padded, 1: mask.astype(np.int64)})
            busy.append((request, batch, mask))
        while busy:
            yield _finish(*busy.popleft())

    @property
    def budget(self) -> int:
        """Tokens of a batch: in float32 as many as keep a layer's inner states in the caches of a core; shorter numbers multiply faster."""
        return BUDGET if self.dtype == "float32" else 1024

    @property
    def _streams(self) -> int:
        return self.threads or processors()

    def _compile(self, views: tuple[View, ...], skip: int) -> Any:
        if (views, skip) not in self._compiled:
            if any(layer < self.first for view in views for layer in view.layers):
                raise OptionError(
                    f"the model's export gives the states of layer {self.depth} alone; leave out other layers, and the pooler"
                )
            core = openvino.Core()
            try:
                base = core.read_model(self.folder / "model.xml")
            except RuntimeError as error:
                raise ModelError(
                    f"the converted model in {self.folder} cannot be read; delete that folder, and it is converted anew"
                ) from error
            given = [base.output(position).node.input_value(0) for position in range(len(base.outputs))]
            states = dict(enumerate(given, start=self.first))
            outputs = [reduce(states, self.depth, base.input(1).node, view, skip) for view in views]
            model = openvino.Model([ops.result(one) for one in outputs], base.get_parameters(), "views")
            # one thread a stream: batches are independent, and threads that share one wait for each other
            options = {
                "INFERENCE_PRECISION_HINT": _PRECISION[self.dtype],
                "NUM_STREAMS": str(self._streams),
                "INFERENCE_NUM_THREADS": str(self._streams),
                # a process of fewer threads than processors would take the first ones, as every other such process does
                "ENABLE_CPU_PINNING": "YES" if self._streams >= processors() else "NO",
            }
            self._compiled[views, skip] = core.compile_model(model, "CPU", options)
        return self._compiled[views, skip]

    @property
    def facts(self) -> dict[str, str]:
        """Where and with what it runs."""
        facts = {"device": "cpu", "backend": "openvino", "openvino": openvino.__version__}
        return facts if self.packing == "padded" else {**facts, "batches": WHY[self.packing]}


def _finish(request: Any, batch: slice, mask: Flags) -> tuple[slice, Flags, list[Float32]]:
    request.wait()
    return batch, mask, [request.get_output_tensor(position).data for position in range(len(request.model_outputs))]


def supports(dtype: str) -> bool:
    """Whether the CPU computes in that dtype natively, so that it is not silently another one."""
    return dtype == "float32" or (dtype in _PRECISION and "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def reduce(states: Mapping[int, Any], depth: int, mask: Any, view: View, skip: int = 0) -> Any:
    """The graph's node for a view of its hidden states by layer: float32[b, d], or [b, t, d] for a token view.

    `mask` int64[b, t] is 1 on tokens, of which poolings leave out the first `skip` of each text.
    """
    if view.pooling == "pooler":
        return states[depth + 1]
    hidden = states[view.layers[0]]
    for layer in view.layers[1:]:
        hidden = ops.add(hidden, states[layer])
    if len(view.layers) > 1:
        hidden = ops.divide(hidden, np.float32(len(view.layers)))
    if view.pooling == "tokens":
        return hidden
    if view.pooling == "cls" and not skip:
        return ops.gather(hidden, np.int64(0), np.int64(1))
    return _pool(view.pooling, hidden, mask, skip)


def _pool(pooling: str, hidden: Any, mask: Any, skip: int) -> Any:
    """What `stsbench_transformers.pytorch.pooling` does to the same states."""
    tokens, place = ops.greater(mask, np.int64(0)), ops.cum_sum(mask, np.int64(1))
    length = ops.reduce_sum(mask, np.int64(1), keep_dims=True)
    if pooling == "cls":
        first = ops.select(ops.greater(length, np.int64(skip)), np.int64(skip + 1), np.int64(1))
        return _total(hidden, ops.logical_and(tokens, ops.equal(place, first)))
    kept = ops.logical_and(tokens, ops.greater(place, np.int64(skip))) if skip else tokens
    if pooling == "last-token":
        return _total(hidden, ops.logical_and(kept, ops.equal(place, length)))
    if pooling == "weighted-mean":
        weights = ops.convert(ops.select(kept, place, np.int64(0)), "f32")
        total = ops.maximum(ops.reduce_sum(weights, np.int64(1), keep_dims=True), np.float32(1))
        return ops.divide(_total(ops.multiply(hidden, ops.unsqueeze(weights, np.int64(2))), kept), total)
    count = ops.convert(ops.subtract(length, np.int64(skip)), "f32")
    if pooling == "max":
        largest = ops.reduce_max(ops.select(ops.unsqueeze(kept, np.int64(2)), hidden, np.float32(-np.inf)), np.int64(1))
        return ops.select(ops.greater(count, np.float32(0)), largest, np.float32(0))
    count = ops.maximum(count, np.float32(1))
    return ops.divide(_total(hidden, kept), count if pooling == "mean" else ops.sqrt(count))


def _total(hidden: Any, kept: Any) -> Any:
    """Sum over the tokens that are kept: states of padding may be anything, also no number."""
    return ops.reduce_sum(ops.select(ops.unsqueeze(kept, np.int64(2)), hidden, np.float32(0)), np.int64(1))
