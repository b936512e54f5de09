"""An OpenVINO graph of BERT's family built from the weights themselves, so that such a model is neither loaded nor traced in torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from stsbench.plugin import Float32

_OFFSET = frozenset({"roberta", "xlm-roberta", "camembert"})  # positions are counted from the padding id on
_FAMILY = frozenset({"bert"}) | _OFFSET
_WORDS = "embeddings.word_embeddings.weight"
_GELU = {"gelu": "erf", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


class UnknownArchitecture(Exception):
    """The model has to be traced: its weights or its configuration are not those of the family."""


def build(config: Mapping[str, Any], weights: Mapping[str, Float32], prefix: str = "") -> tuple[openvino.Model, bool]:
    """The model whose outputs are hidden states 0 to depth, and the pooler's if its weights are there; whether they are.

    Weights are those whose names start with `prefix`. Inputs are `input_ids` and `attention_mask`, int64[b, t]. Raises UnknownArchitecture.
    """
    if (
        config.get("model_type") not in _FAMILY
        or config.get("hidden_act") not in _GELU
        or config.get("position_embedding_type", "absolute") != "absolute"
        or config.get("is_decoder")
        or config.get("add_cross_attention")
        or config.get("quantization_config")  # its weights are not those that they seem
    ):
        raise UnknownArchitecture("its configuration is not that of BERT's family")
    try:
        tensors = {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
        return _Family(config, tensors).assemble()
    except KeyError as error:
        raise UnknownArchitecture(f"it lacks {error}") from error
    except (ArithmeticError, RuntimeError, TypeError, ValueError) as error:
        raise UnknownArchitecture("its settings do not fit its weights") from error


@dataclass(frozen=True)
class _Family:
    config: Mapping[str, Any]
    weights: Mapping[str, Float32]

    def assemble(self) -> tuple[openvino.Model, bool]:
        ids, mask = (ops.parameter([-1, -1], np.int64, name=name) for name in ("input_ids", "attention_mask"))
        bias = ops.unsqueeze(ops.select(ops.greater(mask, np.int64(0)), np.float32(0), np.finfo(np.float32).min), np.array([1, 2]))
        states = [self._embed(ids)]
        for layer in range(self.config["num_hidden_layers"]):
            states.append(self._layer(states[-1], bias, f"encoder.layer.{layer}"))
        pooler = "pooler.dense.weight" in self.weights
        if pooler:
            first = ops.gather(states[-1], np.int64(0), np.int64(1))
            states.append(ops.tanh(self._linear(first, "pooler.dense")))
        return openvino.Model([ops.result(one) for one in states], [ids, mask], "states"), pooler

    def _embed(self, ids: Any) -> Any:
        words = ops.gather(self._tensor(_WORDS), ids, np.int64(0))
        place = ops.gather(self._tensor("embeddings.position_embeddings.weight"), self._positions(ids), np.int64(0))
        kind = ops.constant(np.ascontiguousarray(self.weights["embeddings.token_type_embeddings.weight"][:1], dtype=np.float32))
        return self._norm(ops.add(ops.add(words, kind), place), "embeddings.LayerNorm")

    def _positions(self, ids: Any) -> Any:
        if self.config["model_type"] in _OFFSET:
            filler = np.int64(self.config["pad_token_id"])
            counted = ops.convert(ops.not_equal(ids, filler), "i64")
            return ops.add(ops.multiply(ops.cum_sum(counted, np.int64(1)), counted), filler)
        length = ops.gather(ops.shape_of(ids), np.int64(1), np.int64(0))
        return ops.range(np.int64(0), length, np.int64(1), "i64")

    def _layer(self, hidden: Any, bias: Any, name: str) -> Any:
        heads = [self._heads(self._linear(hidden, f"{name}.attention.self.{part}")) for part in ("query", "key", "value")]
        mixed = ops.transpose(ops.scaled_dot_product_attention(*heads, bias), np.array([0, 2, 1, 3]))
        joined = ops.reshape(mixed, np.array([0, 0, self.config["hidden_size"]]), True)
        hidden = self._norm(ops.add(self._linear(joined, f"{name}.attention.output.dense"), hidden), f"{name}.attention.output.LayerNorm")
        # as [b, t, d], t rows are multiplied at a time where the processor has AVX-512: here all b * t are
        rows = ops.reshape(hidden, np.array([-1, self.config["hidden_size"]]), False)
        wide = ops.gelu(self._linear(rows, f"{name}.intermediate.dense"), _GELU[self.config["hidden_act"]])
        rows = self._norm(ops.add(self._linear(wide, f"{name}.output.dense"), rows), f"{name}.output.LayerNorm")
        return ops.reshape(rows, ops.shape_of(hidden), False)

    def _heads(self, hidden: Any) -> Any:
        count = self.config["num_attention_heads"]
        split = ops.reshape(hidden, np.array([0, 0, count, self.config["hidden_size"] // count]), True)
        return ops.transpose(split, np.array([0, 2, 1, 3]))

    def _linear(self, hidden: Any, name: str) -> Any:
        return ops.add(ops.matmul(hidden, self._tensor(f"{name}.weight"), False, True), self._tensor(f"{name}.bias"))

    def _norm(self, hidden: Any, name: str) -> Any:
        scaled = ops.mvn(hidden, np.array([-1]), True, float(self.config["layer_norm_eps"]), "INSIDE_SQRT")
        return ops.add(ops.multiply(scaled, self._tensor(f"{name}.weight")), self._tensor(f"{name}.bias"))

    def _tensor(self, name: str) -> Any:
        return ops.constant(np.ascontiguousarray(self.weights[name], dtype=np.float32))
