"""board.json: everything that a board says, for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stsbench.contracts.protocols import Writer
from stsbench.contracts.ref import CHAIN, Ref, decode, encode
from stsbench.errors import RefError
from stsbench.stores.canonical import json_bytes, rounded

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard


_PROSE = {"name", "title", "description", "label", "protocol", "writers"}  # of a board's description: no references
_FILES = {"csv", "tsv", "jsonl", "parquet", "scores", "vectors"}  # components whose target is always a file
_PATHS = ("/", "./", "../", "~")  # what the targets of all others begin with that are paths


@dataclass(frozen=True, slots=True)
class JsonWriter:
    """Writes `board.json`: sorted keys, figures to 6 decimals, null for what is not known."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        value = board.model_dump()
        figures = {name: rounded(value[name]) for name in ("columns", "rows", "selected", "published")}
        return {"board.json": json_bytes({**value, **figures, "spec": _without_paths(value["spec"])})}


def _without_paths(value: Any) -> Any:
    """What a board asks for, with `~` in the place of every path that its references name: paths are their owner's."""
    if isinstance(value, dict):
        chains = {
            key: [CHAIN.join(map(_discreet, one.split(CHAIN))) for one in inner] for key, inner in value.items() if key == "transforms"
        }
        return {key: inner if key in _PROSE else _without_paths(inner) for key, inner in value.items()} | chains
    if isinstance(value, list | tuple):
        return [_without_paths(inner) for inner in value]
    return _discreet(value) if isinstance(value, str) else value


def _discreet(text: str) -> str:
    try:
        ref = Ref.parse(text)
    except RefError:  # no reference, so nothing that was ever looked for
        return text
    if ref.target is not None and (ref.name.rpartition("/")[2] in _FILES or ref.target.startswith(_PATHS)):
        ref = replace(ref, target="~")
    options = {key: "@~" if raw.startswith("@") else "+".join(map(_inner, raw.split("+"))) for key, raw in ref.options}
    return str(ref.with_options(**options))


def _inner(raw: str) -> str:
    """A value that is a reference, as those of fit= and trained_on=, or as it is."""
    return encode(_discreet(decode(raw))) if ":" in decode(raw) else raw


def json() -> Writer:
    """The whole board as one JSON document."""
    return JsonWriter()
