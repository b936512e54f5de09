"""What boards say in words, the same in every form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stsbench.contracts.boards import tables
from stsbench.contracts.boards.board import Cell, Leaderboard, SelectedRow
from stsbench.contracts.boards.column import Column
from stsbench.contracts.kinds import MAIN

ON_HALVES: Final = (
    "The best of many figures overstates, for the pairs that chose it are those that it is a figure of. Here the system is chosen on a "
    "random half of the pairs and scored on the other; the optimism is what that takes off the best figure. Systems that have seen gold "
    "scores of some of the pairs (leaked) are not among those that it is chosen from."
)
ELSEWHERE: Final = (
    "Chosen on development splits, by the mean over them, on the pairs that no benchmark of the board has. What is chosen so has an "
    "ordinary average and interval here; the optimism is what the best average of the same systems on this board has above it. "
    "Leaked systems are not among them."
)


def measured(board: Leaderboard, times: str = "x") -> str:
    """What the figures of a board are, as sentences and titles begin."""
    return f"{capital(board.main.words)} {times} 100"


def judged(board: Leaderboard, times: str = "x") -> str:
    """The same with what they are held against, which for triplets are the triplets themselves."""
    if MAIN["triplets"] == board.main.name:
        return measured(board, times)
    return f"{measured(board, times)} {'with' if board.main.words.endswith('correlation') else 'by'} human judgement"


def without_figure(board: Leaderboard) -> list[tuple[str, str, Cell]]:
    """The cells that have no figure, with the label of the row and the name of the benchmark."""
    cells = [(row.label, *pair) for row in board.rows for pair in zip(board.columns, row.cells, strict=True)]
    return [(label, column.name, cell) for label, column, cell in cells if cell.figure is None]


def capital(text: str) -> str:
    """`text` as a sentence begins."""
    return text[:1].upper() + text[1:]


def choices(board: Leaderboard) -> list[tuple[str, Sequence[Column[SelectedRow]], list[SelectedRow]]]:
    """What choosing the best comes to, on halves of the pairs and on development splits: in words, and as a table's columns and rows."""
    halves = [row for row in board.selected if not row.development]
    elsewhere = [row for row in board.selected if row.development]
    every = ((ON_HALVES, tables.ON_HALVES, halves), (ELSEWHERE, tables.ELSEWHERE, elsewhere))
    return [one for one in every if one[-1]]
