"""The columns of smaller tables: a board's data, what choosing the best comes to, figures of parts and groups, and what systems cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from stsbench.contracts.boards.board import BoardBenchmark, Facts, Leaderboard, Portion, Row, SelectedRow
from stsbench.contracts.boards.column import Column
from stsbench.contracts.figures import UNKNOWN, percent
from stsbench.contracts.wording import called_together

Selection = Column[SelectedRow]
Datum = Column[BoardBenchmark]
PortionOf = tuple[Row, BoardBenchmark, Portion]

DATA: Final = (
    Datum("benchmark", "Benchmark", str, lambda one: one.name),
    Datum("n", "Pairs", int, lambda one: one.n),
    Datum("ceiling", "Tie ceiling", float, lambda one: one.ceiling, percent, optional=True),
    Datum("languages", "Languages", str, lambda one: ", ".join(one.languages) or None, absent=lambda _: UNKNOWN),
    Datum("licence", "Licence", str, lambda one: one.licence),
    Datum("origin", "Source", str, lambda one: one.source),
    Datum("digest", "Digest", str, lambda one: one.digest[:16]),
    Datum("notes", "Notes", str, lambda one: " ".join(one.notes)),
)

_LABEL: Final = Selection("label", "Selected", str, lambda row: row.label)
_AMONG: Final = Selection("among", "Among", int, lambda row: row.among)
_OPTIMISM: Final = Selection("optimism", "Optimism", float, lambda row: row.optimism, percent)
SELECTED: Final = (
    _LABEL,
    _AMONG,
    Selection("average", "Average, held out", float, lambda row: row.average, percent, limits=lambda row: (row.low, row.high)),
    Selection("low", "Low", float, lambda row: row.low, percent),
    Selection("high", "High", float, lambda row: row.high, percent),
    _OPTIMISM,
    Selection("chosen", "Leads on all pairs", str, lambda row: row.chosen),
    Selection("observed", "Its average", float, lambda row: row.observed, percent),
    Selection("share", "Chosen by", float, lambda row: row.share, lambda share: f"{100 * share:.0f} %"),
)
ON_HALVES: Final = tuple(column for column in SELECTED if column.name not in ("low", "high"))  # which stand beside the average
ELSEWHERE: Final = (
    _LABEL,
    _AMONG,
    Selection("development", "Chosen on", str, lambda row: ", ".join(row.development)),
    Selection("development_pairs", "Pairs", int, lambda row: row.development_pairs, "{:,}".format),
    Selection("chosen", "Leads there", str, lambda row: row.chosen),
    Selection("average", "Average", float, lambda row: row.average, percent, limits=lambda row: (row.low, row.high)),
    Selection("observed", "Best average", float, lambda row: row.observed, percent),
    _OPTIMISM,
)


def portion_columns(board: Leaderboard) -> list[Column[PortionOf]]:
    """What is said of portions: the main figure of parts, and the figure that groups are measured by."""
    metrics = dict.fromkeys([board.main.name, *(portion.main for _, _, portion in portions(board))])
    return [*_PORTION, *map(_figure, metrics), Column("reason", "Reason", str, lambda one: one[2].reason)]


def _figure(name: str) -> Column[PortionOf]:
    return Column(name, name, float, lambda one: one[2].figures.get(name), percent)


_PORTION: Final = (
    Column[PortionOf]("system", "System", str, lambda one: one[0].label),
    Column[PortionOf]("benchmark", "Benchmark", str, lambda one: one[1].name),
    Column[PortionOf]("kind", "Kind", str, lambda one: one[2].kind),
    Column[PortionOf]("name", "Name", str, lambda one: one[2].name),
    Column[PortionOf]("n", "Pairs", int, lambda one: one[2].n),
)


def portions(board: Leaderboard) -> list[PortionOf]:
    """Each part and group of pairs that a cell has a figure of, with its row and benchmark."""
    cells = [(row, *pair) for row in board.rows for pair in zip(board.columns, row.cells, strict=True)]
    return [(row, benchmark, portion) for row, benchmark, cell in cells for portion in cell.portions]


@dataclass(frozen=True, slots=True)
class Within:
    """The figure of `system` on `n` pairs of a benchmark, those of the part or group `name`, with its interval; None where undefined."""

    system: str
    benchmark: str
    name: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


class HasFacts(Protocol):
    """A row of a table that knows what its system costs."""

    @property
    def facts(self) -> Facts: ...  # noqa: D102


def _cost(name: str, title: str, shown: str) -> Column[HasFacts]:
    return Column(name, title, float, lambda row: getattr(row.facts, name), shown.format, absent=lambda _: "-", optional=True)


COSTS: Final = ("bytes_per_vector", "texts_per_second", "price")  # of facts, those that a system is weighed by


def costs_of(rows: Iterable[HasFacts]) -> list[Column[HasFacts]]:
    """What the systems of a table cost: a column for each of `COSTS`."""
    titles = ("Bytes a vector", f"{called_together(row.facts.items for row in rows).capitalize()} a second", "Dollars a million tokens")
    return list(map(_cost, COSTS, titles, ("{:,}", "{:,.0f}", "{:g}")))


PARETO: Final = (
    "Pareto-best: no other of these systems is at least as good in its figure and in each of these costs that is known of both, and better "
    "in one; a system of which no cost is known is left out"
)
