"""How names read on a page, where room is short."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard
    from stsbench.contracts.column import Column

T = TypeVar("T")


def averaged(board: Leaderboard) -> str:
    """What the averages of a board are, as captions begin."""
    return f"{'Mean' if board.main.title.startswith('average') else 'Average'} {board.main.title} × 100"


def clipped(text: str, most: int = 120) -> str:
    """`text`, or its start and an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def headed(column: Column[T]) -> Column[T]:
    """The column with its title as a page shows it."""
    return replace(column, title=clipped(visible(column.title), 40))
