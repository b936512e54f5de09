"""What a model's configuration says of its size, read without loading a library."""

from __future__ import annotations

from collections.abc import Mapping
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
_UNLIMITED = 10**9  # tokenizers write 1e30 for "no limit"


def count_layers(label: str, config: Mapping[str, Any]) -> int:
    """Number of hidden layers that `config.json` states; raises ModelError."""
    for name in _LAYERS:
        if isinstance(count := config.get(name), int):
            return count
    raise ModelError(
        f"config.json of model {label!r} states no number of layers; give a Hugging Face transformer such as bert-base-uncased"
    )


def resolve_max_length(asked: int | None, config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> int | None:
    """Longest text in tokens, special ones included: what is asked for, or the tokenizer's limit capped by the model's positions.

    None means no limit. Raises OptionError where more is asked for than the model has positions.
    """
    positions = _count_positions(config)
    if asked is None:
        limits = [limit for limit in (tokenizer.get("model_max_length"), positions) if limit is not None and limit < _UNLIMITED]
        return int(min(limits)) if limits else None
    if asked < 1 or (positions is not None and asked > positions):
        most = f"1 to {positions}, the model's number of positions" if positions is not None else "at least 1"
        raise OptionError(f"option 'max_length' must be {most}, not {asked}")
    return asked


def _count_positions(config: Mapping[str, Any]) -> int | None:
    count = next((config[name] for name in _POSITIONS if isinstance(config.get(name), int) and config[name] > 0), None)
    if count is None or config.get("model_type") not in _OFFSET_POSITIONS:
        return count
    return int(count - 1 - (config.get("pad_token_id") or 0))
