"""The configuration files of a sentence-transformers model, each read once, as the library reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import SETTINGS
from stsbench_transformers.checkpoints.sources import find_base

from stsbench.plugin import ModelError
from stsbench_sentence_transformers.reading.routing import Routes

_SWITCHES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_WIDTHS = frozenset({"embedding_dimension", "word_embedding_dimension"})  # of which the library needs either for a pooling
_FAMILIES = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")  # of sentence_bert_config.json and so on
_WEIGHTLESS = frozenset({"Asym", "BoW", "Dropout", "Normalize", "Pooling", "Router"})
PARTS = frozenset({"text_config", "vision_config", "audio_config"})  # of models that read more than texts


@dataclass(frozen=True)
class Files:
    """A model's configuration files, each read once; without `modules.json` the library reads none of its own settings."""

    checkpoint: Checkpoint
    task: str | None = None  # what texts are called, for a router

    @cached_property
    def modules(self) -> Sequence[Mapping[str, Any]] | None:
        """What `modules.json` lists, each module with its path; None where there is no such file. Raises ModelError."""
        modules = self.checkpoint.read_json("modules.json")
        if modules is not None and not (isinstance(modules, list) and modules and all(map(_is_module, modules))):
            raise ModelError(
                f"modules.json of model {self.checkpoint.label!r} is not a list of modules with a path each; fetch the model again"
            )
        return modules

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The modules' classes, with their package where that is not the library's."""
        return ("Transformer", "Pooling") if self.modules is None else tuple(map(_kind, self.modules))

    @cached_property
    def sees(self) -> bool:
        """Whether the model reads images beside texts, into one space."""
        if (modalities := self.reading.get("modality_config")) is not None:
            return "image" in modalities
        if self.modules is None:
            return {"text_config", "vision_config"} <= set(self.config)
        return self.kinds[0].rpartition(".")[2] == "CLIPModel"

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The modules' folders; that of the model itself has no name, though some write it as a point."""
        return ("",) if self.modules is None else tuple("/".join(PurePosixPath(one["path"]).parts) for one in self.modules)

    @cached_property
    def routes(self) -> Routes | None:
        """Those of the first module, where it is a router."""
        return Routes.read(self.checkpoint, self.paths[0], self.task) if self.kinds[0] in ("Router", "Asym") else None

    def read(self, path: str) -> Mapping[str, Any]:
        """The configuration of the module in that folder."""
        return self.checkpoint.read(str(PurePosixPath(path, "config.json")))

    @property
    def weighed(self) -> tuple[str, ...]:
        """The folders of all modules, none where no module is of a kind that has weights."""
        kinds = {short(kind) for kind in (*self.kinds, *(() if self.routes is None else self.routes.types.values()))}
        inner = () if self.routes is None else tuple(self.routes.types)
        return () if kinds <= _WEIGHTLESS else (*self.paths, *inner)

    @cached_property
    def first(self) -> str:
        """What stands before the names of the transformer's files."""
        return f"{self.paths[0]}/" if self.paths[0] and self.transformer else ""

    @property
    def transformer(self) -> bool:
        """Whether the first module is a transformer."""
        return short(self.kinds[0]) == "Transformer"

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

    @property
    def templated(self) -> bool:
        """Whether the library writes texts into the tokenizer's chat template; for a model that it saved, it does only where told to."""
        if self.modules is not None:
            return False
        return self.tokenizer.get("chat_template") is not None or self.checkpoint.find("chat_template.jinja") is not None

    @property
    def include_prompt(self) -> bool:
        """Whether every pooling takes the tokens of the prompt too."""
        return self.modules is None or all(self.read(path).get("include_prompt", True) for path in self._pooled)

    @property
    def _pooled(self) -> list[str]:
        """The folders of the poolings."""
        return [path for kind, path in zip(self.kinds, self.paths, strict=True) if kind == "Pooling"]

    @cached_property
    def pooling(self) -> tuple[str, ...]:
        """The poolings, put side by side; empty where the library alone can tell."""
        if self.modules is not None:
            return tuple(name for path in self._pooled for name in self._poolings_in(path))
        if PARTS & set(self.config):
            return ()
        (architecture, *_) = self.config.get("architectures") or [""]
        return ("lasttoken",) if str(architecture).endswith("ForCausalLM") and self.config.get("is_causal", True) else ("mean",)

    def _poolings_in(self, path: str) -> tuple[str, ...]:
        """The poolings of the module in that folder; raises ModelError where its file is missing, of which the mean would be a guess."""
        config = self.read(path)
        if not _WIDTHS & set(config):
            raise ModelError(
                f"{PurePosixPath(path, 'config.json')} of model {self.checkpoint.label!r}, which says how token states are pooled, is "
                "missing or is no such file; check that all its files are there"
            )
        if (named := config.get("pooling_mode", _WIDTHS)) is not _WIDTHS:
            return (named,) if isinstance(named, str) else tuple(named or ())
        return tuple(name for switch, name in _SWITCHES.items() if config.get(switch)) or ("mean",)


def _is_module(module: object) -> bool:
    """Whether it is a module in a folder of the model, not a hidden one: such folders are no part of a model's identity."""
    path = module.get("path") if isinstance(module, dict) else None
    return isinstance(path, str) and not path.startswith("/") and not any(part.startswith(".") for part in PurePosixPath(path).parts)


def short(kind: str) -> str:
    """The class without its package."""
    return kind.rpartition(".")[2]


def _kind(module: Mapping[str, Any]) -> str:
    kind = str(module.get("type", ""))
    return short(kind) if kind.startswith("sentence_transformers.") else kind
