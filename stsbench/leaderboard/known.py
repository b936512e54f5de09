"""Laying the statistics of a board beside its figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from stsbench.contracts.boards.board import BoardSpec, Cell, Leaderboard, Portion, Row, SelectedRow
from stsbench.contracts.boards.statistics import Choosing, Selected, Standing, Statistics
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import Record
from stsbench.contracts.wording import counted

METHOD = 4  # raised when the same results get other statistics than before
RANKING = ("best_rank", "worst_rank", "letters", "chance_of_best")
STALE = "The best of the grid is not said, since the statistics are of other results; run the board again, and see what it warns of."


def column_key(name: str, protocol: str) -> str:
    """What tells the benchmarks of a board apart in its statistics."""
    return f"{name}@{protocol}"


def record_stamp(records: Sequence[Record], main: str | None = None) -> str:
    """What ties statistics to the figures they are of: the keys of a system's records, and figures of the board's main metric."""
    return digest(sorted(_figure(record, main or record.main) for record in records))[:16]


def _figure(record: Record, metric: str) -> str:
    """A figure as a stamp has it, with the name of its metric where that is not what the benchmark goes by: two metrics may be alike."""
    value = record.figures.get(metric)
    return " ".join([record.key, str(value if value is None else round(value, 6)), *([metric] if metric != record.main else [])])


def asked(spec: BoardSpec, stamps: Iterable[str]) -> str:
    """A hash of the figures of all systems, of what the board wants to have said of them, and of how that is computed."""
    wanted = [str(METHOD), str(spec.seed), spec.primary, *("|".join([one.label, one.encoder, *one.development]) for one in spec.selected)]
    return digest([*wanted, *sorted(stamps)])[:16]


def ranks_hold(statistics: Statistics, compared: Collection[SystemId]) -> bool:
    """Whether the rank sets of statistics are among the systems that are compared now."""
    ranked = {standing.system for standing in statistics.systems if standing.best_rank is not None}
    return ranked == (set(compared) if len(compared) > 1 else set())


def with_statistics(board: Leaderboard, statistics: Statistics | None, stamps: Mapping[SystemId, str], names: Sequence[str]) -> Leaderboard:
    """The board with intervals, rank sets, letters, ceilings, and what is said of the whole grid.

    `names` are the keys of its columns, `stamps` those of its systems. A row whose records are not those that the statistics were
    computed for gets none, and a note says how many.
    """
    if statistics is None:
        return board
    known = {standing.system: standing for standing in statistics.systems if standing.record == stamps.get(standing.system)}
    stale = len({standing.system for standing in statistics.systems} & stamps.keys()) - len(known)
    compared = {row.system for row in board.compared}
    ranked = ranks_hold(statistics, compared) and compared <= known.keys()
    rows = tuple(_row(row, standing, names, ranked) if (standing := known.get(row.system)) else row for row in board.rows)
    columns = tuple(
        column.model_copy(update={"ceiling": statistics.ceilings.get(name)}) for column, name in zip(board.columns, names, strict=True)
    )
    current = statistics.asked == asked(board.spec, stamps.values())
    notes = (*board.notes, *_notes(rows, statistics, stale, ranked), *([] if current or not board.spec.selected else [STALE]))
    laid = board.model_copy(update={"columns": columns, "rows": rows, "notes": notes})
    return _of_the_grid(laid, statistics) if current else laid


def _of_the_grid(board: Leaderboard, statistics: Statistics) -> Leaderboard:
    """Rows that rank all pairs alike, and what choosing the best comes to."""
    by_system = {row.system: row for row in board.rows}
    labels = {system: row.label for system, row in by_system.items()}
    sets = {system: alike for alike in statistics.alike for system in alike}
    rows = tuple(
        row.model_copy(update={"alike": tuple(labels[one] for one in sets.get(system, ()) if one in labels and one != system)})
        for system, row in by_system.items()
    )
    selected = tuple(_selected(one, labels) for one in statistics.selected)
    return board.model_copy(update={"rows": rows, "selected": selected})


def _selected(best: Selected, labels: Mapping[SystemId, str]) -> SelectedRow:
    said = best.model_dump(include=set(Choosing.model_fields))
    return SelectedRow(**said, chosen=labels[best.chosen], average=best.value, optimism=best.observed - best.value)


def _row(row: Row, standing: Standing, names: Sequence[str], ranked: bool) -> Row:
    cells = tuple(_cell(cell, standing, name) for cell, name in zip(row.cells, names, strict=True))
    said = {name: getattr(standing, name) for name in RANKING} if ranked else {}
    return row.model_copy(update={"cells": cells, "low": standing.average.low, "high": standing.average.high, **said})


def _cell(cell: Cell, standing: Standing, name: str) -> Cell:
    update: dict[str, object] = {}
    if limits := standing.cells.get(name):
        update |= {"low": limits.low, "high": limits.high}
    if limits := standing.texts.get(name):
        update |= {"texts_low": limits.low, "texts_high": limits.high}
    groups = (
        Portion(kind="group", name=label, n=group.n, reason=group.reason, main=group.main, figures=group.figures)
        for label, group in standing.groups.get(name, {}).items()
    )
    return cell.model_copy(update={**update, "portions": (*cell.portions, *groups)})


def _notes(rows: Sequence[Row], statistics: Statistics, stale: int, ranked: bool) -> list[str]:
    """How the intervals and rank sets of the rows came about, where any is shown, and how many rows lack them."""
    level = 100 * statistics.level
    how = (
        f"the paired bootstrap with {statistics.resamples:,} resamples"
        if statistics.mode == "bootstrap"
        else "influence functions, since there are too many figures to resample"
    )
    notes = [f"Intervals hold {level:g} % and are by {how}."] if any(row.low is not None for row in rows) else []
    compared = len({standing.alike for standing in statistics.systems if standing.best_rank is not None})
    if ranked and compared:
        notes.append(
            f"Rank sets hold the true rank of all {compared} compared rows together at {level:g} %, those of identical rankings counted "
            "once; rows that share a letter cannot be told apart."
        )
    if not ranked:
        notes.append("Rank sets are not said, since the statistics are of other rows than are compared now; run the board again.")
    lacking = counted(stale, "system has", "systems have")
    return notes + [f"{lacking} no interval, since the statistics are of other results; run the board again."] * (stale > 0)
