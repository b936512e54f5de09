"""What a model says of itself, read from its files without loading it."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What decides a choice besides figures; None and () mean that the model does not say. `training` is the declared training data."""

    licence: str | None = None
    languages: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    parameters: int | None = None

    def facts(self) -> dict[str, str]:
        """The card as provenance, by names that start with `card.`; what is not known is left out."""
        facts = {
            "licence": self.licence or "",
            "languages": " ".join(self.languages),
            "training": " ".join(self.training),
            "parameters": "" if self.parameters is None else str(self.parameters),
        }
        return {f"card.{name}": value for name, value in facts.items() if value}

    @classmethod
    def of_readme(cls, text: str | None, parameters: int | None = None) -> ModelCard:
        """The card that the front matter of a hub README declares (`license`, `language`, `datasets`); empty where it has none."""
        declared = _front_matter(text or "")
        licence = declared.get("license_name") if declared.get("license") == "other" else declared.get("license")
        return cls(
            licence=str(licence) if isinstance(licence, str) and licence else None,
            languages=_words(declared.get("language")),
            training=_words(declared.get("datasets")),
            parameters=parameters,
        )


def count_parameters(headers: Iterable[bytes]) -> int | None:
    """The number of floating-point weights that safetensors files declare, from the start of each file; None where one cannot be read."""
    total = 0
    try:
        for data in headers:
            (length,) = struct.unpack("<Q", data[:8])
            tensors = json.loads(data[8 : 8 + length])
            tensors.pop("__metadata__", None)
            total += sum(prod(tensor["shape"]) for tensor in tensors.values() if tensor["dtype"].startswith(("F", "BF")))
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return total or None


def _front_matter(text: str) -> Mapping[str, Any]:
    import yaml

    head, _, rest = text.lstrip("\ufeff").partition("---\n")
    if head.strip() or not rest:
        return {}
    try:
        declared = yaml.safe_load(rest.partition("\n---")[0])
    except (yaml.YAMLError, ValueError, RecursionError):  # a date or a number that is none is a ValueError
        return {}
    return declared if isinstance(declared, dict) else {}


def _words(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple("-".join(item.split()) for item in items if isinstance(item, str) and item.strip())
