"""What a model's configuration says of its size, read without loading a library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stsbench.plugin import ModelError, OptionError

_LAYERS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")
_POSITIONS = ("max_position_embeddings", "n_positions")
_OFFSET_POSITIONS = frozenset(  # models whose first position comes after the padding id, so that fewer are left
    {
        "camembert",
        "data2vec-text",
        "ibert",
        "longformer",
        "mpnet",
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
        "xmod",
    }
)
_ANYWHERE = frozenset(  # models that know how far apart tokens are, not where they stand: rotary or relative positions alone, or none
    {
        "eurobert",
        "funnel",
        "gemma",
        "gemma2",
        "gemma3",
        "gemma3_text",
        "glm",
        "gpt_neox",
        "gptj",
        "granite",
        "gte",
        "jina_embeddings_v3",
        "llama",
        "longt5",
        "ministral",
        "mistral",
        "modernbert",
        "mt5",
        "nomic_bert",
        "olmo",
        "olmo2",
        "phi",
        "phi3",
        "qwen2",
        "qwen3",
        "roformer",
        "smollm3",
        "stablelm",
        "starcoder2",
        "switch_transformers",
        "t5",
        "t5gemma",
        "umt5",
        "xlnet",
    }
)
_ABSOLUTE = frozenset(  # models that once had relative positions too
    {
        "bert",
        "camembert",
        "data2vec-text",
        "electra",
        "ernie",
        "ibert",
        "layoutlm",
        "markuplm",
        "megatron-bert",
        "roberta",
        "roberta-prelayernorm",
        "splinter",
        "xlm-roberta",
        "xlm-roberta-xl",
        "xmod",
    }
)
UNLIMITED = 10**9  # tokenizers write 1e30 for "no limit"


def count_layers(label: str, config: Mapping[str, Any]) -> int:
    """Number of hidden layers that `config.json` states; raises ModelError."""
    for name in _LAYERS:
        if isinstance(count := config.get(name), int) and count >= 0:
            return count
    raise ModelError(
        f"config.json of model {label!r} states no number of layers; give a Hugging Face transformer such as bert-base-uncased"
    )


def require_positions(label: str, config: Mapping[str, Any]) -> None:
    """Raise ModelError for relative positions in a model whose code in transformers has absolute ones alone, and would take those."""
    stated = config.get("position_embedding_type")
    if stated not in (None, "absolute") and config.get("model_type") in _ABSOLUTE:
        raise ModelError(
            f"model {label!r} has {stated} positions, which transformers computes for {config['model_type']} no longer: it would run the "
            "model as if they were absolute; give another model"
        )


def require_embeddings(label: str, config: Mapping[str, Any], ids: Iterable[Any], filler: int = 0) -> None:
    """Raise ModelError where a token of texts' `ids`, or the one that fills up their rows, has no embedding.

    Torch says that in other words, and OpenVINO not at all.
    """
    count = config.get("vocab_size")
    most = max((int(row.max(initial=0)) for row in ids), default=0)
    if isinstance(count, int) and (most := max(most, filler)) >= count:
        raise ModelError(
            f"the tokenizer of model {label!r} gives token {most}, but the model has {count} embeddings, from 0 on; check that both belong "
            "together"
        )


@dataclass(frozen=True, slots=True)
class LengthLimits:
    """How long a text may be in tokens, special ones included: `longest` unless the user says otherwise, never more than `positions`.

    None means no limit. `absolute` is whether a token's state depends on where it stands, so that padding on the left moves it.
    """

    longest: int | None
    positions: int | None
    absolute: bool

    @classmethod
    def of(cls, config: Mapping[str, Any], tokenizer: float | None, stated: int | None = None) -> LengthLimits:
        """The limits of a model: `stated` in place of the `tokenizer`'s, capped by absolute positions, which end where they end."""
        absolute = _is_absolute(config)
        positions = _count_positions(config, _POSITIONS if absolute else _POSITIONS[:1])
        taken = [tokenizer if stated is None else stated]
        if absolute or stated is None:
            taken.append(positions)
        limits = [limit for limit in taken if limit is not None and limit < UNLIMITED]
        return cls(int(min(limits)) if limits else None, positions, absolute)

    @property
    def facts(self) -> dict[str, str]:
        """Both in words."""
        return {"max_length": str(self.longest or "none"), "positions": "absolute" if self.absolute else "relative"}

    def resolve(self, asked: int | None) -> int | None:
        """Longest text: what is asked for, or else the model's own limit. Raises OptionError for more than there are positions."""
        if asked is None:
            return self.longest
        if asked < 1 or (self.positions is not None and asked > self.positions):
            most = f"1 to {self.positions}, the model's number of positions" if self.positions is not None else "at least 1"
            raise OptionError(f"option 'max_length' must be {most}, not {asked}")
        return asked


def _is_absolute(config: Mapping[str, Any]) -> bool:
    kind = str(config.get("model_type"))
    return bool(config.get("position_biased_input", True)) if kind.startswith("deberta") else kind not in _ANYWHERE


def _count_positions(config: Mapping[str, Any], names: Sequence[str]) -> int | None:
    count = next((config[name] for name in names if isinstance(config.get(name), int) and config[name] > 0), None)
    if count is None or config.get("model_type") not in _OFFSET_POSITIONS:
        return count
    return int(count - 1 - (config.get("pad_token_id", 1) or 0))
