"""README.md of a board: its models, the variants of each, the data, the signatures. Names chosen by strangers are safe to show in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from stsbench.builtin.writers.wording import capital, choices, judged, without_figure
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.boards.column import Column, no_limits, telling
from stsbench.contracts.boards.columns import FIGURE, FORMS, VARIANTS, AnyRow, columns_in
from stsbench.contracts.boards.tables import DATA
from stsbench.contracts.wording import counted, visible

T = TypeVar("T")
MOST_SOURCES = 6  # of published figures that a sentence names


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkdownWriter:
    """A page for people, as it is shown beside the files in a repository; `columns` are those of its tables of rows, in their order.

    Tables are not padded, so that a longer name changes its own line only.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        blocks = [
            f"# {markdown_text(board.spec.title)}",
            markdown_prose(board.spec.description.strip()),
            *_tables(board, self.columns),
            *_without_figure(board),
            "## Data",
            _table(DATA, board.columns),
            *_signatures([model.main for model in board.models]),
            _footnote(board),
        ]
        return {"README.md": ("\n\n".join(filter(None, blocks)) + "\n").encode()}


def _tables(board: Leaderboard, chosen: Sequence[str]) -> Iterator[str]:
    """The models and what is ranked beside them, with what others published among them; then the variants of each model."""
    table, primary = board.table, markdown_text(board.spec.primary)
    yield (
        f"{judged(board)}, higher is better. The average is the plain mean over benchmarks. A row is a model as it comes, with {primary} "
        "unless it scores pairs itself; its variants are below. Equal averages share a rank; what has seen gold scores has none."
    )
    yield "## Leaderboard"
    if not any(row.primary for row in board.rows):
        yield f"No system of this board is scored with {primary}, its primary similarity, so that nothing is ranked."
    yield _table([_plain(column) for column in columns_in(board, chosen or FORMS["markdown"])], table)
    if board.published:
        sources = list(dict.fromkeys(row.source for row in board.published))
        named = ", ".join(sources) if len(sources) <= MOST_SOURCES else f"{len(sources)} sources, which the other files of the board name"
        yield (
            f"{counted(len(board.published), 'row')} marked `published` were measured by others under the same protocol on the same "
            f"pairs and are copied from {markdown_text(named)}. Their scores of single pairs are not known, so they have no "
            "rank, and their averages no interval."
        )
    yield from _by_text(board, [row for row in table if isinstance(row, Row)])
    if board.selected:
        yield "## Best configuration, held out"
    for words, heads, best in choices(board):
        yield words
        yield _table(heads, best)
    if board.notes:
        yield _list(map(markdown_text, board.notes))
    shown = {row.system for row in table if isinstance(row, Row)}
    variants = [(model, [row for row in model.variants if row.system not in shown]) for model in board.models]
    if any(rows for _, rows in variants):
        yield "## Variants"
        yield "The difference is to the model as it comes. Figures by benchmark are in the other files of the board."
    for model, rows in variants:
        if rows:
            columns = columns_in(board, chosen or VARIANTS)
            yield from _folded(f"{markdown_text(model.name)}: {counted(len(rows), 'variant')}", _table(columns, rows))


def _plain(column: Column[AnyRow]) -> Column[AnyRow]:
    """The column, that of a benchmark without the limits beside each figure."""
    return column if column.benchmark is None else replace(column, limits=no_limits)


def _by_text(board: Leaderboard, rows: Sequence[Row]) -> Iterator[str]:
    """Intervals by drawing texts, of benchmarks that repeat them: wider, since pairs that share a text are not independent."""
    for place, benchmark in enumerate(board.columns):
        by_text = [row for row in rows if row.cells[place].texts_low is not None]
        if by_text:
            known = columns_in(board, ("system", FIGURE, "by_texts"))
            label, by_pairs, by_texts = (column for column in known if column.benchmark in (None, place))
            columns = (label, replace(by_pairs, title=f"{capital(board.main.title)}, by pairs"), replace(by_texts, title="By texts"))
            yield from _folded(
                f"{markdown_text(benchmark.name)} repeats its texts: intervals by pairs and by texts", _table(columns, by_text)
            )


def _without_figure(board: Leaderboard) -> Iterator[str]:
    """Why a cell has no figure: never left to guess."""
    lines = [
        f"{markdown_text(label)} on {markdown_text(name)}: {cell.status}" + (f" ({markdown_text(cell.reason)})" if cell.reason else "")
        for label, name, cell in without_figure(board)
    ]
    if lines:
        yield "## Cells without a figure"
        yield _list(lines)


def _signatures(rows: Sequence[Row]) -> Iterator[str]:
    """The line that reproduces the first figure of each model; those of all cells are in the other files of the board."""
    signed = [(row.label, cell.signature) for row in rows for cell in [next((one for one in row.cells if one.signature), None)] if cell]
    if signed:
        lines = [f"{markdown_text(label)}: <code>{markdown_text(signature or '')}</code>" for label, signature in signed]
        yield from _folded("Signatures: what each model's first figure rests on", _list(lines))


def _footnote(board: Leaderboard) -> str:
    protocol = markdown_text(board.spec.protocol)
    return (
        f"Protocol {protocol}. This page is made from the records in `results/` alone: in the folder that holds it, "
        "`stsbench leaderboard build .` makes it anew and `stsbench leaderboard check .` tells whether it is up to date."
    )


def _folded(summary: str, block: str) -> tuple[str, ...]:
    return f"<details>\n<summary>{summary}</summary>", block, "</details>"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(columns: Sequence[Column[T]], rows: Iterable[T]) -> str:
    shown = list(rows)
    columns = telling(columns, shown)
    header = [markdown_text(column.title) for column in columns]
    cells = zip(*(_cells(column, shown) for column in columns), strict=True)
    return markdown_table(header, cells, [place for place, column in enumerate(columns) if column.right])


def _cells(column: Column[T], rows: Sequence[T]) -> list[str]:
    texts = column.texts(rows, joint=" to " if column.kind is tuple else "–")
    spans = column.spans(rows, " to ")
    return [escaped(text) + (f" ({limits})" if limits else "") for text, limits in zip(texts, spans, strict=True)]


_MARKDOWN = {**{char: f"\\{char}" for char in "\\`*_[]~|"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def markdown_text(text: str) -> str:
    """`text` as Markdown that shows just these characters, in a table cell too: no markup, no HTML, no link."""
    return escaped(visible(text))


def escaped(text: str) -> str:
    """The same of a text that is on one line and shows all its characters."""
    return "".join(_MARKDOWN.get(char, char) for char in text)


def markdown_prose(text: str) -> str:
    """Markdown as its author wrote it, but for raw HTML and control characters, which are shown and do nothing."""
    return "\n".join(_TAG.sub("&lt;", visible(line)) for line in text.replace("\r\n", "\n").replace("\t", " ").split("\n"))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> str:
    """A table of cells that are Markdown already, with the columns at the places `right` set right; it is not padded."""
    places = set(right)
    rule = ["---:" if place in places else "---" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))
