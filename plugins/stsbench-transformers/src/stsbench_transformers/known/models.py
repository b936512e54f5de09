"""The data, read once each: `presets.json` and `mteb_prompts.json`, in which every fact has its source."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from stsbench.plugin import Preset
from stsbench_transformers.checkpoints.checkpoint import Checkpoint


def read_presets() -> Mapping[str, Preset]:
    """By the name of a model, the reference that runs it as its authors do."""
    return {name: Preset(_reference(name, known), known["sources"]) for name, known in _presets().items()}


def task_prompts(checkpoint: Checkpoint) -> Mapping[str, str] | None:
    """The prompts that mteb's registry has for a model of the hub; None for a folder, and for what the registry does not know."""
    return None if checkpoint.folder is not None else _prompts().get(checkpoint.label)


def published(checkpoint: Checkpoint, benchmark: str, protocol: str) -> tuple[float | None, str, str] | None:
    """What was published of a model of the hub by cosine (None: nothing known), where, and of which reference; None for what is no preset.

    That is the preset's, of the revision that the source tells where it tells one.
    """
    if checkpoint.folder is not None or (preset := _presets().get(checkpoint.label)) is None:
        return None
    known = preset.get("published", {"protocol": None})
    if known["protocol"] != protocol:
        return None, "", ""
    stated = re.search(r"\b[0-9a-f]{40}$", known["source"])
    options = {**preset["options"], **({"revision": stated[0]} if stated else {})}
    return known["figures"].get(benchmark), known["source"], _reference(checkpoint.label, {**preset, "options": options})


def _reference(name: str, known: Mapping[str, Any]) -> str:
    options = {key: value if isinstance(value, list) else [value] for key, value in sorted(known["options"].items())}
    return ",".join(
        [f"{known['encoder']}:{name}", *(f"{key}={'+'.join(quote(one, safe=':/') for one in values)}" for key, values in options.items())]
    )


@cache
def _presets() -> Mapping[str, Mapping[str, Any]]:
    return _read("presets.json")["presets"]  # type: ignore[no-any-return]


@cache
def _prompts() -> Mapping[str, Mapping[str, str]]:
    return {model: one["prompts"] for one in _read("mteb_prompts.json")["sets"] for model in one["models"]}


def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
