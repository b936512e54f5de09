"""board.json: everything that a board says, for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.stores.canonical import json_bytes, rounded

if TYPE_CHECKING:
    from stsbench.contracts.boards.board import Leaderboard


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonWriter:
    """The whole board as one JSON document: sorted keys, figures to 6 decimals, null for what is not known."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        value = board.model_dump()
        figures = {name: rounded(value[name]) for name in ("columns", "rows", "selected", "published")}
        return {"board.json": json_bytes({**value, **figures})}
