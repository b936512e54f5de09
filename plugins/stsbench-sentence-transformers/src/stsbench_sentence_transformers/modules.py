"""How a sentence-transformers model is run, read from its files as the library reads them, and whether it takes the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.decision import SETTINGS, Decision, padding_side, read_prompts
from stsbench_transformers.limits import Limits, count_layers
from stsbench_transformers.sources import find_base, find_code
from stsbench_transformers.views import View

from stsbench.plugin import ModelError
from stsbench_sentence_transformers.kinds import require_crossing, require_dense
from stsbench_sentence_transformers.pipeline import ACTIVATIONS, Dense, Pipeline, normalise
from stsbench_sentence_transformers.routing import Routes

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
_TRANSFORMER = {  # settings of the first module that leave it what it is, and the values that do
    "transformer_task": ("feature-extraction",),
    "modality_config": ({"text": {"method": "forward", "method_output_name": "last_hidden_state"}},),
    "module_output_name": ("token_embeddings",),
    "do_lower_case": (False,),
}
_FAMILIES = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")  # of sentence_bert_config.json and so on
_WEIGHTLESS = frozenset({"Asym", "BoW", "Dropout", "Normalize", "Pooling", "Router"})
_SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")  # as the library names them, and stsbench too
_PARTS = frozenset({"text_config", "vision_config", "audio_config"})  # of models that read more than texts


class NotOurs(Exception):
    """A model that is left to sentence-transformers; the message, a clause, says why."""


@dataclass(frozen=True)
class Files:
    """A model's configuration files, each read once; without `modules.json` the library reads none of its own settings."""

    checkpoint: Checkpoint

    @cached_property
    def modules(self) -> Sequence[Mapping[str, Any]] | None:
        """What `modules.json` lists, each module with its path; None where there is no such file. Raises ModelError."""
        found = self.checkpoint.read_json("modules.json")
        if found is not None and not (isinstance(found, list) and found and all(map(_is_module, found))):
            raise ModelError(
                f"modules.json of model {self.checkpoint.label!r} is not a list of modules with a path each; fetch the model again"
            )
        return found

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The modules' classes, with their package where that is not the library's."""
        return ("Transformer", "Pooling") if self.modules is None else tuple(map(_kind, self.modules))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The modules' folders."""
        return ("",) if self.modules is None else tuple(str(one["path"]) for one in self.modules)

    @cached_property
    def routes(self) -> Routes | None:
        """Those of the first module, where it is a router."""
        return Routes.read(self.checkpoint, self.paths[0]) if self.kinds[0] in ("Router", "Asym") else None

    @property
    def weighed(self) -> tuple[str, ...]:
        """The folders of all modules, none where no module is of a kind that has weights."""
        kinds = {_short(kind) for kind in (*self.kinds, *(() if self.routes is None else self.routes.types.values()))}
        inner = () if self.routes is None else tuple(self.routes.types)
        return () if kinds <= _WEIGHTLESS else (*self.paths, *inner)

    @cached_property
    def first(self) -> str:
        """What stands before the names of the transformer's files."""
        return f"{self.paths[0]}/" if self.paths[0] and self.transformer else ""

    @property
    def transformer(self) -> bool:
        """Whether the first module is a transformer."""
        return _short(self.kinds[0]) == "Transformer"

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """Those of the model."""
        return {} if self.modules is None else self.checkpoint.read(SETTINGS)

    @cached_property
    def reading(self) -> Mapping[str, Any]:
        """Settings of the first module: the first of `sentence_bert_config.json` and its older names that says something."""
        if self.modules is None:
            return {}
        return next((one for kind in _FAMILIES if (one := self.checkpoint.read(f"{self.first}sentence_{kind}_config.json"))), {})

    @cached_property
    def base(self) -> Checkpoint | None:
        """What the transformer is an adapter of."""
        return find_base(self.checkpoint, self.first) if self.transformer else None

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The transformer's configuration: of an adapter, that of its base."""
        if self.base is not None and self.base is not self.checkpoint:
            return self.base.read("config.json")
        return self.checkpoint.read(f"{self.first}config.json")

    @cached_property
    def tokenizer(self) -> Mapping[str, Any]:
        """Settings of the tokenizer."""
        return self.checkpoint.read(f"{self.first}tokenizer_config.json")

    @cached_property
    def pooling(self) -> tuple[str, ...]:
        """The poolings, put side by side; empty where the library alone can tell."""
        if self.modules is not None:
            found = [path for kind, path in zip(self.kinds, self.paths, strict=True) if kind == "Pooling"]
            return _read_poolings(self.checkpoint.read(f"{found[0]}/config.json")) if found else ()
        if _PARTS & set(self.config):
            return ()
        (architecture, *_) = self.config.get("architectures") or [""]
        return ("lasttoken",) if str(architecture).endswith("ForCausalLM") and self.config.get("is_causal", True) else ("mean",)


def read_model(checkpoint: Checkpoint, *, remote: bool) -> tuple[Decision, Pipeline | None]:
    """The decision, and what follows the transformer where our own backends can run it; `remote`: code of the model is run.

    Raises ModelError for files that are no model of sentence vectors.
    """
    files = Files(checkpoint)
    if files.modules is None and not files.config:
        raise ModelError(
            f"model {checkpoint.label!r} has neither modules.json nor config.json; give the folder or hub id of a sentence-transformers model"
        )
    require_dense(checkpoint, files.modules or (), files.settings)
    if (elsewhere := files.reading.get("tokenizer_name_or_path")) is not None:
        raise ModelError(
            f"model {checkpoint.label!r} takes its tokenizer from another place ({str(elsewhere).rpartition('/')[2]}); "
            "save that tokenizer in the model's folder, and take tokenizer_name_or_path out of sentence_bert_config.json"
        )
    try:
        pipeline, reason = _read_pipeline(files, remote), ""
    except NotOurs as found:
        pipeline, reason = None, str(found)
    stated = files.reading.get("max_seq_length")
    decision = Decision(
        modules=tuple(map(_short, files.kinds)),
        pooling=files.pooling,
        dimensions=files.settings.get("truncate_dim"),
        limits=Limits.of(files.config, files.tokenizer.get("model_max_length"), stated) if files.transformer else None,
        padding=padding_side(files.tokenizer) if files.transformer else "",
        prompts=read_prompts(checkpoint) if files.modules is not None else {},
        default_prompt=files.settings.get("default_prompt_name"),
        similarity=named if (named := files.settings.get("similarity_fn_name")) in _SIMILARITIES else None,
        folders=files.weighed,
        route=None if files.routes is None else files.routes.taken,
        base=files.base,
        code=find_code(checkpoint, files.config, files.tokenizer) if remote else None,
        library=reason,
    )
    return decision, pipeline


def read_crossing(checkpoint: Checkpoint) -> Decision:
    """The decision for a cross-encoder of one label; raises ModelError for what is none."""
    files = Files(checkpoint)
    if not files.config:
        raise ModelError(f"model {checkpoint.label!r} has no config.json; give the folder or hub id of a cross-encoder")
    require_crossing(checkpoint, files.modules or (), files.settings)
    labels = len(files.config.get("id2label") or {}) or int(files.config.get("num_labels") or 2)  # 2 is what transformers takes for granted
    if labels != 1:
        raise ModelError(f"model {checkpoint.label!r} gives {labels} numbers a pair, not one score; choose a cross-encoder with one label")
    stated = files.reading.get("max_seq_length")
    return Decision(
        modules=("Transformer",) if files.modules is None else tuple(map(_short, files.kinds)),
        pooling=(),
        dimensions=None,
        limits=Limits.of(files.config, files.tokenizer.get("model_max_length"), stated),
        padding=padding_side(files.tokenizer),
        prompts={},
        folders=files.weighed,
        base=files.base,
        library="a cross-encoder is run by the library alone",
    )


def _read_pipeline(files: Files, remote: bool) -> Pipeline:
    checkpoint, config, kinds = files.checkpoint, files.config, files.kinds
    if remote:
        raise NotOurs("the model may bring code of its own")
    if kinds[0] != "Transformer":
        raise NotOurs(f"the model starts with the module {_short(kinds[0])}")
    if files.first or kinds[1:2] != ("Pooling",):
        raise NotOurs("its transformer lies in a folder of its own" if files.first else "no pooling follows its transformer")
    if files.base is not None:
        raise NotOurs(f"the model is an adapter of {files.base.label}")
    if config.get("is_encoder_decoder") or config.get("auto_map") or _PARTS & set(config):
        raise NotOurs("the model is no plain encoder")
    try:
        depth, width = count_layers(checkpoint.label, config), int(config["hidden_size"])
    except (ModelError, KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"models of type {config.get('model_type')} are run by the library alone") from error
    for name, value in files.reading.items():
        if name != "max_seq_length" and value not in (*_TRANSFORMER.get(name, ()), None):
            raise NotOurs(f"sentence_bert_config.json sets {name}")
    whole = files.modules is None or checkpoint.read(f"{files.paths[1]}/config.json").get("include_prompt", True)
    if not whole or not set(files.pooling) <= set(_POOLINGS):
        raise NotOurs(f"pooling {'+'.join(files.pooling)} leaves out the prompt, or is not known here")
    width *= len(files.pooling)
    steps: list[Any] = []
    for kind, path in zip(kinds[2:], files.paths[2:], strict=True):
        if kind == "Normalize" and set(checkpoint.read(f"{path}/config.json").values()) <= {_SENTENCE, None}:
            steps.append(normalise)
        elif kind == "Dense":
            steps.append(_read_dense(checkpoint, path, width))
            width = steps[-1].shape[0]
        else:
            raise NotOurs(f"the module {kind} is not known here")
    return Pipeline(tuple(View(_POOLINGS[name], (depth,)) for name in files.pooling), tuple(steps), width)


def _is_module(module: object) -> bool:
    """Whether it is a module in a folder of the model, not a hidden one: such folders are no part of a model's identity."""
    path = module.get("path") if isinstance(module, dict) else None
    return isinstance(path, str) and not path.startswith("/") and not any(part.startswith(".") for part in path.split("/"))


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]


def _kind(module: Mapping[str, Any]) -> str:
    kind = str(module.get("type", ""))
    return _short(kind) if kind.startswith("sentence_transformers.") else kind


def _read_poolings(config: Mapping[str, Any]) -> tuple[str, ...]:
    named = config.get("pooling_mode")
    chosen = (named,) if isinstance(named, str) else tuple(named or ())
    return chosen or tuple(name for switch, name in _SWITCHES.items() if config.get(switch)) or ("mean",)


def _read_dense(checkpoint: Checkpoint, path: str, width: int) -> Dense:
    config = checkpoint.read(f"{path}/config.json")
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = activation.rpartition(".")[2]
    named = {config.get("module_input_name") or _SENTENCE, config.get("module_output_name") or _SENTENCE}
    if not activation.startswith("torch.") or name not in ACTIVATIONS or config.get("use_residual") or named != {_SENTENCE}:
        raise NotOurs("a dense layer does more than a linear map and tanh")
    if config.get("in_features") != width:
        raise NotOurs("a dense layer takes vectors of another width")
    return Dense(checkpoint, path, (int(config["out_features"]), width), bool(config.get("bias", True)), name)
