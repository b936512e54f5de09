"""The tables of a page: what each column and cell of its rows shows and is sorted by, and what it tells besides them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from stsbench.builtin.page.naming import clipped, headed
from stsbench.builtin.page.standings import Bar, Scale, scale_of
from stsbench.builtin.writers.wording import choices
from stsbench.contracts.boards.board import Leaderboard, PublishedRow, Row
from stsbench.contracts.boards.column import Column, telling
from stsbench.contracts.boards.columns import FORMS, NAMES, AnyRow, columns_in
from stsbench.contracts.boards.tables import DATA
from stsbench.contracts.figures import UNKNOWN, exact, points, span
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.wording import visible

MOST_SIGNED: Final = 1200  # figures up to which a page holds every signature; beyond, the first of each system
LEADING: Final = ("rank", *NAMES)  # the columns that say which row it is

Kind = Literal["model", "variant", "published"]


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell: what it says, what it sorts by ("" is last), a mark, smaller lines, the limits for scripts, and a bar."""

    text: str
    value: str = ""
    second: str = ""
    third: str = ""
    mark: str = ""
    low: str = ""
    high: str = ""
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class PageRow:
    """A line: a model as it comes, a variant of it, or what others published; `anchor` links to it, `model` is the number of its model.

    `names` are the cells that say which one it is, rank and model first; `gap` is how far a variant is from the model as it comes, and
    `brief` what sets it apart on a narrow screen.
    """

    kind: Kind
    anchor: str
    model: int
    variants: int
    names: tuple[PageCell, ...]
    gap: str
    brief: str
    flags: tuple[tuple[str, str], ...]
    cells: tuple[PageCell, ...]
    more: tuple[tuple[str, str], ...]


def leading(board: Leaderboard) -> list[Column[AnyRow]]:
    """The columns that say which row it is, rank and model first."""
    columns: list[Column[AnyRow]] = telling(columns_in(board, LEADING), board.rows)
    return [headed(column) for column in columns]


def heads(board: Leaderboard, names: Sequence[str] = ()) -> list[Column[AnyRow]]:
    """The columns after those."""
    columns: list[Column[AnyRow]] = telling(columns_in(board, names or FORMS["page"]), board.rows)
    return [headed(column) for column in columns if names or column.name not in LEADING]


def lines(board: Leaderboard, names: Sequence[str] = ()) -> tuple[PageRow, ...]:
    """The lines of a page in order: every model, its variants behind it, and between the models what others published."""
    variants = {model.main.system: [row for row in model.variants if row.rank is None] for model in board.models}
    rows: list[tuple[Kind, int, AnyRow]] = []
    for place, row in enumerate(board.table):
        rows.append(("model" if isinstance(row, Row) else "published", place, row))
        rows += [("variant", place, variant) for variant in (variants.get(row.system, ()) if isinstance(row, Row) else ())]
    every, scale, sizes = [row for _, _, row in rows], scale_of(board), Counter(model for _, model, _ in rows)
    leads = [_cells(column, every, scale) for column in leading(board)]
    columns = [_cells(column, every, scale) for column in heads(board, names)]
    return tuple(
        PageRow(
            kind=kind,
            anchor=anchor(row),
            model=model,
            variants=sizes[model] - 1,
            names=tuple(cells[place] for cells in leads),
            gap=points(row.difference, "") if isinstance(row, Row) else "",
            brief=" · ".join(filter(None, (cells[place].text for cells in leads[2:]))),
            flags=tuple((flag, FLAGS.get(flag, "")) for flag in map(visible, row.flags) if flag != kind),
            cells=tuple(cells[place] for cells in columns),
            more=tuple((name, visible(text)) for name, text in _facts(board, row)),
        )
        for place, (kind, model, row) in enumerate(rows)
    )


def anchor(row: AnyRow) -> str:
    """What links to a row."""
    if isinstance(row, PublishedRow):
        return f"p-{digest([row.label])[:12]}"
    return f"s-{digest([row.encoder, row.fingerprint, row.view, *row.transforms, row.similarity])[:12]}"


def _cells(column: Column[AnyRow], rows: Sequence[AnyRow], scale: Scale) -> list[PageCell]:
    """A column's cells; what is sorted by nothing has a text that is not known."""
    texts = [clipped(text, 80) for text in column.texts(rows, ",")]
    keys = column.sizes(rows) if column.sorts_as_number else ["" if text == UNKNOWN else text for text in texts]
    place = column.benchmark if column.right else None
    cells = []
    ends, spans, values = column.ends(rows), column.spans(rows), column.values(rows)
    for row, text, key, (low, high), limits, value in zip(rows, texts, keys, ends, spans, values, strict=True):
        figure = row.cells[place] if place is not None and value is not None else None
        by_texts = span(figure.texts_low, figure.texts_high) if figure and limits else ""
        mark = MARK if figure and SEEN & set(figure.flags) else ""
        bar = scale.bar(low, row.average, high) if column.name == "average" else None
        written = (exact(low), exact(high)) if low is not None and high is not None else ("", "")
        cells.append(PageCell(text, key, limits, by_texts and f"texts {by_texts}", mark, *written, bar=bar))
    return cells


def _facts(board: Leaderboard, row: AnyRow) -> Iterator[tuple[str, str]]:
    """What is told of a row on demand, besides what its line shows."""
    if isinstance(row, PublishedRow):
        yield "Source", row.source
        return
    yield from (("Encoder", row.encoder), ("Fingerprint", row.fingerprint), ("View", row.view))
    if row.transforms:
        yield "Transforms", " → ".join(row.transforms)
    yield "Similarity", row.similarity or "the model scores pairs itself"
    if row.facts.made_for:
        yield "Made for the similarity", row.facts.made_for
    if row.alike:
        yield "Ranks all pairs as", ", ".join(row.alike)
    cells = list(zip(board.columns, row.cells, strict=True))
    for flag in row.flags:
        names = [column.name for column, cell in cells if flag in cell.flags]
        if 0 < len(names) < len(cells):
            yield f"Flag {visible(flag)} on", ", ".join(names)
    for column, cell in cells:
        if cell.status != "ok":
            yield visible(column.name), f"{cell.status}: {cell.reason}" if cell.reason else cell.status
    signed = [(column, cell.signature) for column, cell in cells if cell.signature]
    for column, signature in signed if len(board.rows) * len(cells) <= MOST_SIGNED else signed[:1]:
        yield f"Signature on {visible(column.name)}", signature


T = TypeVar("T")
MARK: Final = "†"
SEEN: Final = {"supervised", "leaked", "overlap"}
FLAGS: Final = {
    "transductive": "fitted on the very texts that it is measured on, without their gold scores",
    "supervised": "trained or fitted on gold scores",
    "leaked": "trained or fitted on gold scores of some of the pairs that it is measured on; its figure there says little of other data",
    "overlap": "fitted on some of the pairs that it is measured on, without their gold scores",
    "truncated": "more than 1 % of its texts were too long and were cut",
    "differs": "measured on data that differ from the benchmark's expected ones",
    "published": "measured and reported by others",
}


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table that is read as it stands: its columns, and for each line its flags and cells (a text, and an interval)."""

    columns: Sequence[Column[Any]]
    lines: tuple[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], ...]


def plain_table(columns: Iterable[Column[T]], rows: Sequence[T], joint: str = "–") -> PlainTable:
    """The table of these columns, without those that say nothing; `joint` stands between the limits of intervals."""
    columns = telling(columns, rows)
    cells = [list(zip(column.texts(rows, ","), column.spans(rows, joint), strict=True)) for column in columns]
    lines = ((tuple(map(visible, getattr(row, "flags", ()))), tuple(column[place] for column in cells)) for place, row in enumerate(rows))
    return PlainTable(tuple(map(headed, columns)), tuple(lines))


def data(board: Leaderboard) -> PlainTable:
    """The benchmarks of the board."""
    return plain_table(DATA, board.columns)


def selected(board: Leaderboard) -> list[tuple[str, PlainTable]]:
    """What choosing the best system comes to: on halves of the pairs, and on development splits."""
    return [(words, plain_table(columns, rows)) for words, columns, rows in choices(board)]


def flags(board: Leaderboard) -> list[tuple[str, str]]:
    """The flags that the board's rows have, with what each means."""
    raised = {flag for row in board.rows for flag in row.flags}
    return [(flag, told) for flag, told in FLAGS.items() if flag in raised]


def by_texts(board: Leaderboard) -> list[str]:
    """The benchmarks that have intervals by texts."""
    columns: list[Column[AnyRow]] = telling(columns_in(board, ("by_texts",)), board.rows)
    return [visible(board.columns[column.benchmark].name) for column in columns if column.benchmark is not None]
