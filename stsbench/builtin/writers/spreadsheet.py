"""board.csv: a line for each system and benchmark."""

from __future__ import annotations

import csv as tables
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.writers.text import cell_text
from stsbench.contracts.protocols import Writer

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard

HEADER = [
    "rank",
    "system",
    "encoder",
    "fingerprint",
    "view",
    "transforms",
    "similarity",
    "primary",
    "average",
    "average_low",
    "average_high",
    "best_rank",
    "worst_rank",
    "letters",
    "chance_of_best",
    "fisher_z_mean",
    "borda",
    "alike",
    "flags",
    "benchmark",
    "n",
    "status",
    "reason",
    "spearman",
    "low",
    "high",
    "texts_low",
    "texts_high",
    "ceiling",
    "pearson",
    "kendall",
    "cell_flags",
    "signature",
    "source",
]


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Writes `board.csv`, UTF-8, LF, figures to 6 decimals, an empty cell for what is not known.

    Where there are any, the figures of parts and groups are in `portions.csv`, and the best of the grid in `selected.csv`.
    """

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        return {"board.csv": _table([HEADER, *_lines(board)]), **dict(_further(board))}


def csv() -> Writer:
    """A long table for spreadsheets and scripts: one line for each system and benchmark; `source` is set for published figures."""
    return CsvWriter()


def _lines(board: Leaderboard) -> Iterator[list[str]]:
    for row in board.rows:
        system = [_whole(row.rank), cell_text(row.label), cell_text(row.encoder), cell_text(row.fingerprint), cell_text(row.view)]
        system += [cell_text(" ".join(row.transforms)), cell_text(row.similarity), str(row.primary).lower(), _figure(row.average)]
        system += [_figure(row.low), _figure(row.high), _whole(row.best_rank), _whole(row.worst_rank), row.letters or ""]
        system += [_figure(row.chance_of_best), _figure(row.aggregates.get("fisher-z")), _figure(row.aggregates.get("borda"))]
        system += [cell_text(" = ".join(row.alike)), cell_text(" ".join(row.flags))]
        for column, cell in zip(board.columns, row.cells, strict=True):
            yield [
                *system,
                cell_text(column.name),
                _whole(cell.n),
                cell.status,
                cell_text(cell.reason or ""),
                _figure(cell.spearman),
                _figure(cell.low),
                _figure(cell.high),
                _figure(cell.texts_low),
                _figure(cell.texts_high),
                _figure(column.ceiling),
                _figure(cell.pearson),
                _figure(cell.kendall),
                cell_text(" ".join(cell.flags)),
                cell_text(cell.signature or ""),
                "",
            ]
    yield from _published(board)


def _published(board: Leaderboard) -> Iterator[list[str]]:
    """Lines of the figures that others published, which have a source and no rank."""
    for row in board.published:
        system = {
            "system": cell_text(row.label),
            "average": _figure(row.average),
            "flags": " ".join(row.flags),
            "source": cell_text(row.source),
        }
        for column, cell in zip(board.columns, row.cells, strict=True):
            own = {"benchmark": cell_text(column.name), "n": _whole(cell.n), "status": cell.status, "cell_flags": " ".join(cell.flags)}
            own |= {
                "spearman": _figure(cell.spearman),
                "low": _figure(cell.low),
                "high": _figure(cell.high),
                "ceiling": _figure(column.ceiling),
            }
            yield [{**system, **own}.get(name, "") for name in HEADER]


PORTIONS = ["system", "benchmark", "kind", "name", "n", "spearman", "reason"]
SELECTED = ["label", "among", "average", "low", "high", "optimism", "chosen", "observed", "share"]


def _further(board: Leaderboard) -> Iterator[tuple[str, bytes]]:
    portions = [
        [
            cell_text(row.label),
            cell_text(column.name),
            one.kind,
            cell_text(one.name),
            str(one.n),
            _figure(one.spearman),
            cell_text(one.reason or ""),
        ]
        for row in board.rows
        for column, cell in zip(board.columns, row.cells, strict=True)
        for one in cell.portions
    ]
    if portions:
        yield "portions.csv", _table([PORTIONS, *portions])
    if board.selected:
        lines = [
            [cell_text(one.label), str(one.among), *map(_figure, (one.average, one.low, one.high, one.optimism)), cell_text(one.chosen),
             *map(_figure, (one.observed, one.share))]
            for one in board.selected
        ]  # fmt: skip
        yield "selected.csv", _table([SELECTED, *lines])


def _table(lines: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    tables.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def _whole(value: int | None) -> str:
    return "" if value is None else str(value)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{round(value, 6) + 0.0:.6f}"
