"""How a checkpoint is run: decided once, from its files alone, before anything is loaded; part of the fingerprint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from stsbench.plugin import ModelError, digest
from stsbench_transformers.checkpoints.checkpoint import Checkpoint, blaming
from stsbench_transformers.checkpoints.limits import LengthLimits, require_positions
from stsbench_transformers.checkpoints.sources import ADAPTER

_LEFT = frozenset(  # tokenizers that pad on the left unless their settings say otherwise
    {"CodeLlamaTokenizer", "CohereTokenizer", "CpmAntTokenizer", "GemmaTokenizer", "LlamaTokenizer", "Siglip2Tokenizer", "XLNetTokenizer"}
)
SETTINGS = "config_sentence_transformers.json"


@dataclass(frozen=True, slots=True)
class Decision:
    """What every backend has to do alike. Dimensions and a length that the user asks for are no part of it.

    `pooling` is empty where whoever runs the model chooses it, `include_prompt` whether it takes the prompt's tokens too, `dimensions` None
    where all are kept, `limits` None where texts have no tokens to count, `padding` the side that the tokenizer pads, and `folders` are
    those that weights are read from. `similarity` is the one that the model was trained for, `base` what an adapter is added to, `code`
    the repository of Python code that is not the model's own, and `library` why the library that saved the model has to run it, empty
    where nothing is in the way of our own backends.
    """

    modules: tuple[str, ...]
    pooling: tuple[str, ...]
    dimensions: int | None
    limits: LengthLimits | None
    padding: str
    prompts: Mapping[str, str]
    folders: tuple[str, ...] = ("",)
    default_prompt: str | None = None
    similarity: str | None = None
    route: str | None = None
    base: Checkpoint | None = None
    code: Checkpoint | None = None
    library: str = ""
    include_prompt: bool = True

    @property
    def facts(self) -> dict[str, str]:
        """The decision in words, by name; what does not apply is left out."""
        facts = {
            "modules": " > ".join(self.modules),
            "pooling": "+".join(self.pooling),
            "prompt": "" if self.include_prompt else "left out of the pooling",
            "dimensions": str(self.dimensions or ""),
            **({} if self.limits is None else self.limits.facts),
            "padding": self.padding,
            "prompts": ", ".join(name for name, text in self.prompts.items() if text),
            "default_prompt": self.default_prompt or "",
            "similarity": self.similarity or "",
            "route": self.route or "",
            "base": _name(self.base),
            "code": _name(self.code),
            "library": self.library,
        }
        return {name: value for name, value in facts.items() if value}

    @property
    def identity(self) -> str:
        """A digest (32 hex digits) of what vectors depend on: values, no words, and of what lies elsewhere its content, not its place."""
        limits = None if self.limits is None else [self.limits.longest, self.limits.absolute]
        decided = [self.modules, self.pooling, self.dimensions, limits, self.padding, self.route, self.default_prompt, self.similarity]
        beside = [None if one is None else [one.identity, one.commit] for one in (self.base, self.code)]
        less = [] if self.include_prompt else ["without the prompt"]
        return digest([json.dumps([decided, dict(self.prompts), beside, *less], sort_keys=True)])


@blaming
def decide(checkpoint: Checkpoint, *, include_prompt: bool = True) -> Decision:
    """The decision for a transformer alone, whose states are pooled as the user says; raises ModelError.

    An adapter is refused: its base would be run in its place by a backend that does not know of it.
    """
    if checkpoint.find(ADAPTER) is not None:
        raise ModelError(
            f"model {checkpoint.label!r} is an adapter (adapter_config.json), which this encoder does not add to its base; "
            "merge it into the base and save that, or run it as sentence-transformers:"
        )
    config = checkpoint.read("config.json")
    if not config:
        raise ModelError(f"model {checkpoint.label!r} has no config.json; give the folder or hub id of a Hugging Face transformer")
    require_positions(checkpoint.label, config)
    tokenizer = checkpoint.read("tokenizer_config.json")
    return Decision(
        modules=("Transformer",),
        pooling=(),
        dimensions=None,
        limits=LengthLimits.of(config, tokenizer.get("model_max_length")),
        padding=padding_side(tokenizer),
        prompts=read_prompts(checkpoint),
        include_prompt=include_prompt,
    )


def padding_side(tokenizer: Mapping[str, object]) -> str:
    """The side that `tokenizer_config.json` states, or else that of the tokenizer's class."""
    kind = str(tokenizer.get("tokenizer_class") or "").removesuffix("Fast")
    return str(tokenizer.get("padding_side") or ("left" if kind in _LEFT else "right"))


def read_prompts(checkpoint: Checkpoint) -> Mapping[str, str]:
    """Prompts by name that the settings of sentence-transformers hold; empty where there are none. Raises ModelError."""
    prompts = checkpoint.read(SETTINGS).get("prompts") or {}
    if not isinstance(prompts, dict):
        raise ModelError(f"{SETTINGS} of model {checkpoint.label!r} names no prompts under 'prompts'; mend it, or take that out")
    return {str(name): str(prompt) for name, prompt in prompts.items() if prompt is not None}


def _name(beside: Checkpoint | None) -> str:
    return "" if beside is None else f"{beside.label} ({beside.commit or beside.identity})"
