"""Laying the statistics of a board beside its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stsbench.contracts.board import Column, Leaderboard, Row
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.records import Record
from stsbench.contracts.statistics import Standing, Statistics


def column_key(name: str, protocol: str) -> str:
    """What tells the benchmarks of a board apart in its statistics."""
    return f"{name}@{protocol}"


def record_stamp(records: Sequence[Record]) -> str:
    """What ties statistics to the figures they were computed for: the keys and figures of a system's records."""
    fields = [f"{record.key} {record.figure if record.figure is None else round(record.figure, 6)}" for record in records]
    return digest(sorted(fields))[:16]


SystemKey = tuple[str, str, str, tuple[str, ...], str]


def with_statistics(
    board: Leaderboard, statistics: Statistics | None, stamps: Mapping[SystemKey, str], names: Sequence[str]
) -> Leaderboard:
    """The board with intervals, rank sets, letters and ceilings; `names` are the keys of its columns, `stamps` those of its systems.

    A row whose records are not those that the statistics were computed for gets none, and a note says how many.
    """
    if statistics is None:
        return board
    known = {one.system: one for one in statistics.systems}
    rows, stale = [], 0
    for row in board.rows:
        system = (row.encoder, row.fingerprint, row.view, row.transforms, row.similarity)
        found = known.get(system)
        stale += found is not None and found.record != stamps[system]
        rows.append(_row(row, found, names) if found is not None and found.record == stamps[system] else row)
    columns = tuple(_column(column, statistics, name) for column, name in zip(board.columns, names, strict=True))
    return board.model_copy(update={"columns": columns, "rows": tuple(rows), "notes": (*board.notes, *_notes(statistics, stale))})


def _row(row: Row, found: Standing, names: Sequence[str]) -> Row:
    cells = tuple(
        cell.model_copy(update={"low": found.cells[name].low, "high": found.cells[name].high}) if name in found.cells else cell
        for cell, name in zip(row.cells, names, strict=True)
    )
    limits = {"low": found.average.low, "high": found.average.high, "best_rank": found.best_rank, "worst_rank": found.worst_rank}
    return row.model_copy(update={"cells": cells, **limits, "letters": found.letters, "chance_of_best": found.chance_of_best})


def _column(column: Column, statistics: Statistics, name: str) -> Column:
    return column.model_copy(update={"ceiling": statistics.ceilings.get(name)})


def _notes(statistics: Statistics, stale: int) -> list[str]:
    level, systems = 100 * statistics.level, len({one.alike for one in statistics.systems})
    how = (
        f"the paired bootstrap with {statistics.resamples:,} resamples"
        if statistics.mode == "bootstrap"
        else "influence functions, since there are too many figures to resample"
    )
    notes = [
        f"Intervals hold {level:g} % and are by {how}. Ranks are sets that hold the true rank of all {systems} compared systems together at "
        f"{level:g} %, systems of identical ranks counted once; systems that share a letter cannot be told apart."
    ]
    if stale:
        notes.append(f"{stale} systems have no interval, since their results are newer than the statistics; run the board again.")
    return notes
