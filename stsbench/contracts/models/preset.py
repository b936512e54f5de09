"""Presets: names under which a plugin knows how the authors of a model run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Preset:
    """The reference that a name stands for, with where what it says was found, by option."""

    reference: str
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
