"""README.md of a board: the table of the primary similarity, the whole grid, the data, the signatures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from stsbench.builtin.writers.text import escaped, markdown_prose, markdown_text
from stsbench.builtin.writers.wording import capital, choices, judged
from stsbench.contracts.column import Column, telling
from stsbench.contracts.columns import FIGURE, FORMS, AnyRow, columns_in
from stsbench.contracts.tables import DATA
from stsbench.contracts.wording import counted

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard, Row

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkdownWriter:
    """A page for people, as it is shown beside the files in a repository; `columns` are those of its tables of systems, in their order.

    Tables are not padded, so that a longer name changes its own line only.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        blocks = [
            f"# {markdown_text(board.spec.title)}",
            markdown_prose(board.spec.description.strip()),
            *_tables(board, columns_in(board, self.columns or FORMS["markdown"])),
            *_without_figure(board),
            "## Data",
            _table(DATA, board.columns),
            *_signatures(board.rows),
            _footnote(board),
        ]
        return {"README.md": ("\n\n".join(filter(None, blocks)) + "\n").encode()}


def _tables(board: Leaderboard, columns: Sequence[Column[AnyRow]]) -> Iterator[str]:
    primary = [row for row in board.rows if row.primary]
    name = markdown_text(board.spec.primary)
    yield (
        f"{judged(board)}, higher is better. The average is the plain mean over benchmarks; equal averages "
        f"share a rank, ranks are among all {counted(len(board.rows), 'row')} of the board, and systems that rank all pairs alike "
        "(joined by =) count once."
    )
    yield f"## Systems with {name}" if primary else f"No system of this board is scored with {name}, its primary similarity."
    if primary:
        yield _table(columns, _once(primary))
        yield from _by_text(board, primary)
    if board.selected:
        yield "## The best of the grid"
        for words, heads, chosen in choices(board):
            yield words
            yield _table(heads, chosen)
    if len(primary) < len(board.rows):
        yield from _folded(f"All {counted(len(board.rows), 'system')}", _table(columns, _once(board.rows)))
    if board.notes:
        yield _list(map(markdown_text, board.notes))
    yield from _published(board)


def _published(board: Leaderboard) -> Iterator[str]:
    """What others published of other systems, apart from the ranking."""
    if not board.published:
        return
    yield "## Published figures"
    yield (
        "Measured and reported by others under the same protocol on as many pairs, and copied here; prompts, precision and "
        "versions are those of the source. Scores of single pairs are not known, so these rows are not ranked and not tested against "
        "those above; intervals are Bonett and Wright's, from the value and the number of pairs alone."
    )
    yield _table(columns_in(board, FORMS["published"]), board.published)


def _once(rows: Sequence[Row]) -> Iterator[Row]:
    """The first row of each set that ranks all pairs alike, unless their flags differ; it names the others."""
    seen: set[tuple[frozenset[str], tuple[str, ...]]] = set()
    for row in rows:
        key = frozenset({row.label, *row.alike}), row.flags
        if key not in seen:
            seen.add(key)
            yield row


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
        f"{markdown_text(row.label)} on {markdown_text(column.name)}: {cell.status}"
        + (f" ({markdown_text(cell.reason)})" if cell.reason else "")
        for row in board.rows
        for column, cell in zip(board.columns, row.cells, strict=True)
        if cell.status != "ok"
    ]
    if lines:
        yield "## Cells without a figure"
        yield _list(lines)


def _signatures(rows: Sequence[Row]) -> Iterator[str]:
    """The line that reproduces the first figure of each row; those of all cells are in the other files of the board."""
    signed = [(row.label, cell.signature) for row in rows for cell in [next((one for one in row.cells if one.signature), None)] if cell]
    if signed:
        lines = [f"{markdown_text(label)}: <code>{markdown_text(signature or '')}</code>" for label, signature in signed]
        yield from _folded("Signatures: what each row's first figure rests on", _list(lines))


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
    rule = ["---:" if column.right else "---" for column in columns]
    lines = [header, rule, *zip(*(_cells(column, shown) for column in columns), strict=True)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(column: Column[T], rows: Sequence[T]) -> list[str]:
    texts = column.texts(rows, joint=" to " if column.kind is tuple else "–")
    spans = column.spans(rows, " to ")
    return [escaped(text) + (f" ({limits})" if limits else "") for text, limits in zip(texts, spans, strict=True)]
