"""A board as a long table: a line for each system and benchmark, which several writers put into their own form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard

Value = str | int | float | bool | None

FIELDS: Final[dict[str, type]] = {
    "rank": int,
    "system": str,
    "encoder": str,
    "fingerprint": str,
    "view": str,
    "transforms": str,
    "similarity": str,
    "primary": bool,
    "average": float,
    "average_low": float,
    "average_high": float,
    "best_rank": int,
    "worst_rank": int,
    "letters": str,
    "chance_of_best": float,
    "fisher_z_mean": float,
    "borda": float,
    "alike": str,
    "flags": str,
    "benchmark": str,
    "n": int,
    "status": str,
    "reason": str,
    "spearman": float,
    "low": float,
    "high": float,
    "texts_low": float,
    "texts_high": float,
    "ceiling": float,
    "pearson": float,
    "kendall": float,
    "cell_flags": str,
    "signature": str,
    "source": str,
}


def entries(board: Leaderboard) -> Iterator[tuple[Value, ...]]:
    """The values of `FIELDS` for each row and column of the board, in order; None for what is not known.

    Figures that others published come last: they have a source, and no rank.
    """
    for row in board.rows:
        system = (row.rank, row.label, row.encoder, row.fingerprint, row.view, " ".join(row.transforms), row.similarity, row.primary)
        place = (row.average, row.low, row.high, row.best_rank, row.worst_rank, row.letters, row.chance_of_best)
        whole = (row.aggregates.get("fisher-z"), row.aggregates.get("borda"), " = ".join(row.alike), " ".join(row.flags))
        for column, cell in zip(board.columns, row.cells, strict=True):
            figures = (cell.spearman, cell.low, cell.high, cell.texts_low, cell.texts_high, column.ceiling, cell.pearson, cell.kendall)
            yield (
                *system,
                *place,
                *whole,
                column.name,
                cell.n,
                cell.status,
                cell.reason,
                *figures,
                " ".join(cell.flags),
                cell.signature,
                None,
            )
    for published in board.published:
        known: dict[str, Value] = {"system": published.label, "average": published.average, "source": published.source}
        known["flags"] = " ".join(published.flags)
        for column, cell in zip(board.columns, published.cells, strict=True):
            own = {name: getattr(cell, name) for name in ("n", "status", "spearman", "low", "high")}
            own |= {"benchmark": column.name, "ceiling": column.ceiling, "cell_flags": " ".join(cell.flags)}
            yield tuple({**known, **own}.get(name) for name in FIELDS)


PORTION_FIELDS: Final[dict[str, type]] = {
    "system": str,
    "benchmark": str,
    "kind": str,
    "name": str,
    "n": int,
    "spearman": float,
    "reason": str,
}


def portion_entries(board: Leaderboard) -> Iterator[tuple[Value, ...]]:
    """The values of `PORTION_FIELDS` for each part and group of pairs that a cell has a figure of."""
    for row in board.rows:
        for column, cell in zip(board.columns, row.cells, strict=True):
            for one in cell.portions:
                yield row.label, column.name, one.kind, one.name, one.n, one.spearman, one.reason


SELECTED_FIELDS: Final[dict[str, type]] = {
    "label": str,
    "among": int,
    "average": float,
    "low": float,
    "high": float,
    "optimism": float,
    "chosen": str,
    "observed": float,
    "share": float,
}


def selected_entries(board: Leaderboard) -> Iterator[tuple[Value, ...]]:
    """The values of `SELECTED_FIELDS` for each choice of the best."""
    for one in board.selected:
        yield tuple(getattr(one, name) for name in SELECTED_FIELDS)
