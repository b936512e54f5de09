"""How names read on a page, where room is short: systems whole in its table, without what all have in common in its charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, TypeVar

from stsbench.contracts import ref as refs
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.boards.column import Column
from stsbench.contracts.identity import ONLY_VIEWS
from stsbench.contracts.wording import visible

T = TypeVar("T")
DOT: Final = " · "


def averaged(board: Leaderboard) -> str:
    """What the averages of a board are, as captions begin."""
    return f"{'Mean' if board.main.title.startswith('average') else 'Average'} {board.main.title} × 100"


def clipped(text: str, most: int = 120) -> str:
    """`text`, or its start and an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def headed(column: Column[T]) -> Column[T]:
    """The column with its title as a page shows it."""
    return replace(column, title=clipped(visible(column.title), 40))


def name(text: str) -> str:
    """A name as charts show it."""
    return clipped(visible(text), 60)


@lru_cache(maxsize=1024)
def short(ref: str) -> str:
    """A canonical reference without the distribution."""
    return visible(refs.short(ref))


def source(row: Row, *, transforms: bool = True) -> str:
    """What a row's similarity reads: the model, its view where it has several, what loads it where it must be said, and `transforms`."""
    view = "" if row.view in ONLY_VIEWS else row.view
    return name(DOT.join(filter(None, [row.model, view, *(short(one) for one in row.transforms if transforms), row.loader])))


def brief(rows: Sequence[Row]) -> list[str]:
    """Names for a chart of `rows`: without the similarity, where they are still unlike each other."""
    sources = [source(row) for row in rows]
    times = Counter(sources)
    return [one if times[one] == 1 else name(row.label) for one, row in zip(sources, rows, strict=True)]
