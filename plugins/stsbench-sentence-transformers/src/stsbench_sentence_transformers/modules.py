"""What a model's modules do to hidden states, read from its configuration: which of them need not the library that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.limits import count_layers
from stsbench_transformers.views import View

from stsbench.plugin import Float32, ModelError

_POOLINGS = {"cls": "cls", "max": "max", "mean": "mean", "mean_sqrt_len_tokens": "mean-sqrt-length"}
_SWITCHES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_SENTENCE = "sentence_embedding"
_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"Tanh": np.tanh, "Identity": np.asarray}
_TRANSFORMER = {  # settings of the first module that leave it what it is, and the values that do
    "transformer_task": ("feature-extraction",),
    "modality_config": ({"text": {"method": "forward", "method_output_name": "last_hidden_state"}},),
    "module_output_name": ("token_embeddings",),
    "do_lower_case": (False,),
}


class NotOurs(Exception):
    """A module that is left to sentence-transformers; the message says which."""


@dataclass(frozen=True)
class Dense:
    """A linear layer over sentence vectors, with its activation; the weights are read when it is first called."""

    checkpoint: Checkpoint
    path: str
    shape: tuple[int, int]
    bias: bool
    activation: str

    @cached_property
    def _weights(self) -> Mapping[str, Float32]:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = self.checkpoint.find(f"{self.path}/model.safetensors")
        try:
            found = {name: np.asarray(one, dtype=np.float32) for name, one in load_file(str(path)).items()}
        except (SafetensorError, OSError, TypeError, KeyError, AttributeError) as error:
            raise self.checkpoint.blame(error) from error
        expected = {"linear.weight": self.shape, **({"linear.bias": self.shape[:1]} if self.bias else {})}
        if any(name not in found or found[name].shape != shape for name, shape in expected.items()):
            raise ModelError(f"weights in {self.path} of model {self.checkpoint.label!r} are not those that its config.json describes")
        return found

    def __call__(self, vectors: Float32) -> Float32:
        """The projected rows, float32[u, k]; raises ModelError where the weights are not those described."""
        projected = vectors @ self._weights["linear.weight"].T
        activated: Float32 = _ACTIVATIONS[self.activation](projected + self._weights["linear.bias"] if self.bias else projected)
        return activated


def normalise(vectors: Float32) -> Float32:
    """Rows scaled to length 1; a zero row stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Float32 = vectors / np.maximum(length, np.float32(1e-12))
    return unit


@dataclass(frozen=True)
class Pipeline:
    """Poolings of the last layer, which are put side by side, and what follows: [u, d] to [u, k]."""

    views: tuple[View, ...]
    steps: tuple[Any, ...]
    width: int
    limit: Mapping[str, int]  # what stands in the place of the tokenizer's `model_max_length`

    def __call__(self, pooled: Sequence[Float32]) -> Float32:
        """Sentence vectors float32[u, k] of the pooled states of each view."""
        vectors = pooled[0] if len(pooled) == 1 else np.concatenate(pooled, axis=1)
        for step in self.steps:
            vectors = step(vectors)
        return vectors


def read_pipeline(checkpoint: Checkpoint, modules: Sequence[Mapping[str, Any]] | None) -> Pipeline:
    """What `modules.json` describes (None: mean pooling alone). Raises NotOurs where a module is not among those known here."""
    config = checkpoint.read("config.json")
    try:
        depth, width = count_layers(checkpoint.label, config), int(config["hidden_size"])
    except (ModelError, KeyError) as error:
        raise NotOurs("config.json states no size of a transformer") from error
    if config.get("is_encoder_decoder") or config.get("auto_map"):
        raise NotOurs("the model is no plain encoder")
    kinds = [_kind(module) for module in modules] if modules is not None else ["Transformer", "Pooling"]
    if kinds[:2] != ["Transformer", "Pooling"] or (modules is not None and modules[0]["path"] != ""):
        raise NotOurs("the model does not start with a transformer and a pooling")
    settings = checkpoint.read("sentence_bert_config.json")
    limit = {"model_max_length": settings["max_seq_length"]} if settings.get("max_seq_length") else {}
    for name, value in settings.items():
        if name != "max_seq_length" and value not in (*_TRANSFORMER.get(name, ()), None):
            raise NotOurs(f"sentence_bert_config.json sets {name}")
    poolings = _read_poolings(checkpoint.read(f"{modules[1]['path']}/config.json")) if modules is not None else ("mean",)
    width *= len(poolings)
    steps: list[Any] = []
    for kind, module in zip(kinds[2:], (modules or ())[2:], strict=True):
        if kind == "Normalize" and set(checkpoint.read(f"{module['path']}/config.json").values()) <= {_SENTENCE, None}:
            steps.append(normalise)
        elif kind == "Dense":
            steps.append(_read_dense(checkpoint, module["path"], width))
            width = steps[-1].shape[0]
        else:
            raise NotOurs(f"the module {kind} is not known here")
    return Pipeline(tuple(View(_POOLINGS[name], (depth,)) for name in poolings), tuple(steps), width, limit)


def _kind(module: Mapping[str, Any]) -> str:
    kind = str(module.get("type", ""))
    return kind.rpartition(".")[2] if kind.startswith("sentence_transformers.") else kind


def _read_poolings(config: Mapping[str, Any]) -> tuple[str, ...]:
    named = config.get("pooling_mode")
    chosen = (named,) if isinstance(named, str) else tuple(named or ())
    chosen = chosen or tuple(name for switch, name in _SWITCHES.items() if config.get(switch)) or ("mean",)
    if not config.get("include_prompt", True) or not set(chosen) <= set(_POOLINGS):
        raise NotOurs(f"pooling {'+'.join(chosen)} leaves out the prompt, or is not known here")
    return chosen


def _read_dense(checkpoint: Checkpoint, path: str, width: int) -> Dense:
    config = checkpoint.read(f"{path}/config.json")
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = activation.rpartition(".")[2]
    named = {config.get("module_input_name") or _SENTENCE, config.get("module_output_name") or _SENTENCE}
    if not activation.startswith("torch.") or name not in _ACTIVATIONS or config.get("use_residual") or named != {_SENTENCE}:
        raise NotOurs("a dense layer does more than a linear map and tanh")
    if config.get("in_features") != width:
        raise NotOurs("a dense layer takes vectors of another width")
    return Dense(checkpoint, path, (int(config["out_features"]), width), bool(config.get("bias", True)), name)
