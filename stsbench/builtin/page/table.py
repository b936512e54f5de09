"""The table of a page: what each column and each cell shows and is sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.page.besides import FLAGS, MARK, SEEN
from stsbench.builtin.page.naming import brief, halves, short
from stsbench.builtin.page.standings import leaders
from stsbench.builtin.page.wording import clipped, headed
from stsbench.contracts.column import Column, telling
from stsbench.contracts.columns import FORMS, AnyRow, columns_in
from stsbench.contracts.figures import UNKNOWN, span
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.wording import visible_each

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
    scale = _scale(board)
    columns = [_cells(column, board.rows, scale) for column in heads(board, names)]
    encoders = {name: place for place, name in enumerate(sorted({short(row.encoder) for row in board.rows}))}
    similarities = {name: place for place, name in enumerate(sorted({_similarity(row) for row in board.rows}))}
    rows = tuple(
        PageRow(
            anchor=f"s-{digest([row.encoder, row.fingerprint, row.view, *row.transforms, row.similarity])[:12]}",
            encoder=encoders[short(row.encoder)],
            similarity=similarities[_similarity(row)],
            primary=row.primary,
            first=first,
            rest=rest,
            alike=tuple(visible_each(row.alike)),
            flags=tuple((flag, FLAGS.get(flag, "")) for flag in visible_each(row.flags)),
            cells=tuple(cells[place] for cells in columns),
            more=tuple(_more(board, row)),
        )
        for place, row in enumerate(board.rows)
        for first, rest in [halves(row)]
    )
    return rows, tuple(encoders), tuple(similarities)


def ladder(board: Leaderboard) -> list[tuple[str, PageCell]]:
    """The interval plot as a list for narrow screens: a name, and the average with its bar, for each system."""
    (average,), scale, chosen = columns_in(board, ("average",)), _scale(board), leaders(board)
    return list(zip(brief(chosen), _cells(average, chosen, scale), strict=True))


def _scale(board: Leaderboard) -> tuple[float, float]:
    """The ends of the interval plot."""
    limits = [value for row in leaders(board) for value in (row.low, row.high, row.average) if value is not None]
    return (min(limits), max(limits)) if limits else (0.0, 1.0)


def _similarity(row: Row) -> str:
    return short(row.similarity) or "scores pairs itself"


def _cells(column: Column[AnyRow], rows: Sequence[Row], scale: tuple[float, float]) -> list[PageCell]:
    """A column's cells; what is sorted by nothing has a text that is not known."""
    texts = [clipped(text, 80) for text in column.texts(rows, ",")]
    keys = column.sizes(rows) if column.sorts_as_number else ["" if text == UNKNOWN else text for text in texts]
    place = column.benchmark if column.right else None
    cells = []
    for row, text, key, limits, value in zip(rows, texts, keys, column.spans(rows), column.values(rows), strict=True):
        figure = row.cells[place] if place is not None and value is not None else None
        by_texts = span(figure.texts_low, figure.texts_high) if figure and limits else ""
        mark = MARK if figure and SEEN & set(figure.flags) else ""
        bar = _bar(row, scale) if column.name == "average" else None
        cells.append(PageCell(text, key, limits, by_texts and f"texts {by_texts}", mark, bar))
    return cells


def _bar(row: Row, scale: tuple[float, float]) -> tuple[float, float, float] | None:
    low, high = scale
    if row.average is None or row.low is None or row.low < low:  # off the scale, which is that of the interval plot
        return None
    points = [row.average if value is None else value for value in (row.low, row.average, row.high)]
    first, middle, last = (round(4 + 92 * min(max((value - low) / (high - low or 1), 0), 1), 1) for value in points)
    return first, middle, last


def _more(board: Leaderboard, row: Row) -> Iterator[tuple[str, str]]:
    """What is told of a system on demand, besides what its line shows."""
    facts = list(_facts(board, row))
    return zip(visible_each(name for name, _ in facts), visible_each(text for _, text in facts), strict=True)


def _facts(board: Leaderboard, row: Row) -> Iterator[tuple[str, str]]:
    yield from (("Encoder", row.encoder), ("Fingerprint", row.fingerprint), ("View", row.view))
    if row.transforms:
        yield "Transforms", " → ".join(row.transforms)
    yield "Similarity", row.similarity or "the system scores pairs itself"
    if row.facts.made_for:
        yield "Made for the similarity", row.facts.made_for
    if row.alike:
        yield "Ranks all pairs as", ", ".join(row.alike)
    cells = list(zip(board.columns, row.cells, strict=True))
    for flag in row.flags:
        names = [column.name for column, cell in cells if flag in cell.flags]
        if 0 < len(names) < len(cells):
            yield f"Flag {flag} on", ", ".join(names)
    for column, cell in cells:
        if cell.status != "ok":
            yield column.name, f"{cell.status}: {cell.reason}" if cell.reason else cell.status
    signed = [(column, cell.signature) for column, cell in cells if cell.signature]
    for column, signature in signed if len(board.rows) * len(cells) <= MOST_SIGNED else signed[:1]:
        yield f"Signature on {column.name}", signature
