"""The table of a page: what each column and each cell shows and is sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.page.besides import FLAGS, MARK, SEEN
from stsbench.builtin.page.naming import brief, halves, short
from stsbench.builtin.page.standings import leaders
from stsbench.builtin.page.wording import clipped, headed
from stsbench.contracts.column import Column, telling
from stsbench.contracts.columns import FORMS, AnyRow, columns_in
from stsbench.contracts.figures import UNKNOWN, exact, span
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard, Row

MOST_SIGNED = 1200  # figures up to which a page holds every signature; beyond, the first of each system


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell: what it says, what it sorts by ("" is last), a mark, smaller lines, and an interval as three places from 0 to 100."""

    text: str
    value: str = ""
    second: str = ""
    third: str = ""
    mark: str = ""
    bar: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PageRow:
    """A system: `anchor` is what links to it; `encoder` and `similarity` are places in the lists to choose from.

    `label` is `first` and, where it can be told apart, `rest`; `alike` are the systems that rank all pairs as this one does.
    """

    anchor: str
    encoder: int
    similarity: int
    primary: bool
    first: str
    rest: str
    alike: tuple[str, ...]
    flags: tuple[tuple[str, str], ...]
    cells: tuple[PageCell, ...]
    more: tuple[tuple[str, str], ...]


def heads(board: Leaderboard, names: Sequence[str] = ()) -> list[Column[AnyRow]]:
    """The columns after the system's own."""
    columns: list[Column[AnyRow]] = telling(columns_in(board, names or FORMS["page"]), board.rows)
    return [headed(column) for column in columns]


def lines(board: Leaderboard, names: Sequence[str] = ()) -> tuple[tuple[PageRow, ...], tuple[str, ...], tuple[str, ...]]:
    """A line for every row of the board, and the encoders and similarities to choose from."""
    columns = heads(board, names)
    scale = _scale(board)
    encoders = {name: place for place, name in enumerate(sorted({short(row.encoder) for row in board.rows}))}
    similarities = {name: place for place, name in enumerate(sorted({_similarity(row) for row in board.rows}))}
    found = tuple(
        PageRow(
            anchor=f"s-{digest([row.encoder, row.fingerprint, row.view, *row.transforms, row.similarity])[:12]}",
            encoder=encoders[short(row.encoder)],
            similarity=similarities[_similarity(row)],
            primary=row.primary,
            first=first,
            rest=rest,
            alike=tuple(visible(one) for one in row.alike),
            flags=tuple((visible(flag), FLAGS.get(flag, "")) for flag in row.flags),
            cells=tuple(_cell(column, row, scale) for column in columns),
            more=tuple(_more(board, row)),
        )
        for row in board.rows
        for first, rest in [halves(row)]
    )
    return found, tuple(encoders), tuple(similarities)


def ladder(board: Leaderboard) -> list[tuple[str, PageCell]]:
    """The interval plot as a list for narrow screens: a name, and the average with its bar, for each system."""
    (average,), scale, chosen = columns_in(board, ("average",)), _scale(board), leaders(board)
    return [(name, _cell(average, row, scale)) for name, row in zip(brief(chosen), chosen, strict=True)]


def _scale(board: Leaderboard) -> tuple[float, float]:
    """The ends of the interval plot."""
    limits = [value for row in leaders(board) for value in (row.low, row.high, row.average) if value is not None]
    return (min(limits), max(limits)) if limits else (0.0, 1.0)


def _similarity(row: Row) -> str:
    return short(row.similarity) or "scores pairs itself"


def _cell(column: Column[AnyRow], row: Row, scale: tuple[float, float]) -> PageCell:
    text = clipped(visible(column.text(row, ",")), 80)
    bar = _bar(row, scale) if column.name == "average" else None
    by_texts = mark = ""
    if column.benchmark is not None and column.right and column.value(row) is not None:
        cell = row.cells[column.benchmark]
        by_texts = span(cell.texts_low, cell.texts_high)
        mark = MARK if SEEN & set(cell.flags) else ""
    limits = span(*column.limits(row))
    return PageCell(text, _key(column, row, text), limits, f"texts {by_texts}" if limits and by_texts else "", mark, bar)


def _key(column: Column[AnyRow], row: Row, text: str) -> str:
    """What a cell is sorted by: its figure, or what it says; "" where it is not known."""
    value = column.value(row)
    if not column.sorts_as_number:
        return "" if text == UNKNOWN else text
    number = value[0] if isinstance(value, tuple) else value
    return exact(number).rstrip("0").rstrip(".") if isinstance(number, (int, float)) else ""


def _bar(row: Row, scale: tuple[float, float]) -> tuple[float, float, float] | None:
    low, high = scale
    if row.average is None or row.low is None or row.low < low:  # off the scale, which is that of the interval plot
        return None
    points = [row.average if value is None else value for value in (row.low, row.average, row.high)]
    first, middle, last = (round(4 + 92 * min(max((value - low) / (high - low or 1), 0), 1), 1) for value in points)
    return first, middle, last


def _more(board: Leaderboard, row: Row) -> Sequence[tuple[str, str]]:
    """What is told of a system on demand, besides what its line shows."""
    found = [("Encoder", visible(row.encoder)), ("Fingerprint", row.fingerprint), ("View", visible(row.view))]
    found += [("Transforms", visible(" → ".join(row.transforms)))] if row.transforms else []
    found += [("Similarity", visible(row.similarity) or "the system scores pairs itself")]
    found += [("Made for the similarity", visible(row.facts.made_for))] if row.facts.made_for else []
    if row.alike:
        found.append(("Ranks all pairs as", visible(", ".join(row.alike))))
    for flag in row.flags:
        names = [column.name for column, cell in zip(board.columns, row.cells, strict=True) if flag in cell.flags]
        if 0 < len(names) < len(board.columns):
            found.append((f"Flag {visible(flag)} on", visible(", ".join(names))))
    for column, cell in zip(board.columns, row.cells, strict=True):
        if cell.status != "ok":
            found.append((visible(column.name), f"{cell.status}{f': {visible(cell.reason)}' if cell.reason else ''}"))
    signed = [(column, cell.signature) for column, cell in zip(board.columns, row.cells, strict=True) if cell.signature]
    for column, signature in signed if len(board.rows) * len(board.columns) <= MOST_SIGNED else signed[:1]:
        found.append((f"Signature on {visible(column.name)}", visible(signature or "")))
    return found
