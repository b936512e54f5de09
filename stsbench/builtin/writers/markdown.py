"""README.md of a board: the table of the primary similarity, the whole grid, the data, the signatures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.writers.text import markdown_prose, markdown_text
from stsbench.builtin.writers.wording import ELSEWHERE, ON_HALVES
from stsbench.contracts.figures import percent
from stsbench.contracts.protocols import Writer
from stsbench.contracts.wording import counted

if TYPE_CHECKING:
    from stsbench.contracts.board import Aggregate, Cell, Column, Leaderboard, Row, SelectedRow

AGGREGATES: Mapping[Aggregate, str] = {"fisher-z": "Fisher-z mean", "borda": "Borda"}
NO_FIGURE = {"undefined": "undefined", "failed": "failed", "missing": "–"}


@dataclass(frozen=True, slots=True)
class MarkdownWriter:
    """Writes `README.md`. Tables are not padded, so that a longer name changes its own line only."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        blocks = [
            f"# {markdown_text(board.spec.title)}",
            markdown_prose(board.spec.description.strip()),
            *_tables(board),
            *_without_figure(board),
        ]
        blocks += [*_data(board.columns), *_signatures(board.rows), _footnote(board)]
        return {"README.md": ("\n\n".join(filter(None, blocks)) + "\n").encode()}


def markdown() -> Writer:
    """A page for people, as it is shown beside the files in a repository."""
    return MarkdownWriter()


def _tables(board: Leaderboard) -> Iterator[str]:
    primary = [row for row in board.rows if row.primary]
    name = markdown_text(board.spec.primary)
    yield (
        "Spearman correlation x 100 with human judgement, higher is better. The average is the plain mean over benchmarks; equal averages "
        f"share a rank, ranks are among all {counted(len(board.rows), 'row')} of the board, and systems that rank all pairs alike (joined by =) count once."
    )
    yield f"## Systems with {name}" if primary else f"No system of this board is scored with {name}, its primary similarity."
    if primary:
        yield _ranking(board.columns, primary)
        yield from _by_text(board.columns, primary)
    if board.selected:
        yield from _chosen(board)
    if len(primary) < len(board.rows):
        yield from _folded(f"All {counted(len(board.rows), 'system')}", _ranking(board.columns, board.rows))
    if board.notes:
        yield _list(map(markdown_text, board.notes))
    yield from _published(board)


def _published(board: Leaderboard) -> Iterator[str]:
    """What others published of other systems, apart from the ranking."""
    if not board.published:
        return
    yield "## Published figures"
    yield (
        "Measured and reported by others under the same protocol on as many pairs, and copied here; prompts, precision and versions are those of the source. Scores of "
        "single pairs are not known, so these rows are not ranked and not tested against those above; intervals are Bonett and Wright's, "
        "from the value and the number of pairs alone."
    )
    header = ["System", "Average", *(markdown_text(column.name) for column in board.columns), "Source"]
    lines = (
        [markdown_text(row.label), "–" if row.average is None else percent(row.average), *map(_cell, row.cells), markdown_text(row.source)]
        for row in board.published
    )
    yield _table(header, lines, right=range(1, 2 + len(board.columns)))


def _ranking(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    known = any(row.letters for row in rows)
    further = list(dict.fromkeys(name for row in rows for name in row.aggregates))
    header = ["Rank", "System", *(["Rank set", "Letters"] if known else []), "Average", *(AGGREGATES[name] for name in further)]
    header += [*(markdown_text(column.name) for column in columns), "Flags"]
    lines = (
        [
            "–" if row.rank is None else str(row.rank),
            " = ".join(map(markdown_text, [row.label, *row.alike])),
            *([_rank_set(row), row.letters or "–"] if known else []),
            "–" if row.average is None else _with_limits(row.average, row.low, row.high),
            *(_aggregate(row, name) for name in further),
            *map(_cell, row.cells),
            markdown_text(", ".join(_flag(flag, row, columns) for flag in row.flags)),
        ]
        for row in _once(rows)
    )
    first = 4 if known else 2
    return _table(header, lines, right=[0, *range(first, first + 1 + len(further) + len(columns))])


def _once(rows: Sequence[Row]) -> Iterator[Row]:
    """The first row of each set that ranks all pairs alike, unless their flags differ; it names the others."""
    seen: set[tuple[frozenset[str], tuple[str, ...]]] = set()
    for row in rows:
        own = frozenset({row.label, *row.alike}), row.flags
        if own not in seen:
            seen.add(own)
            yield row


def _aggregate(row: Row, name: Aggregate) -> str:
    if name not in row.aggregates:
        return "–"
    return f"{row.aggregates[name]:g}" if name == "borda" else percent(row.aggregates[name])


def _by_text(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[str]:
    """Intervals by drawing texts, of benchmarks that repeat them: wider, since pairs that share a text are not independent."""
    for place, column in enumerate(columns):
        found = [(row, row.cells[place]) for row in rows if row.cells[place].texts_low is not None]
        if found:
            lines = (
                [markdown_text(row.label), _cell(cell), f"{percent(cell.texts_low or 0)} to {percent(cell.texts_high or 0)}"]
                for row, cell in found
            )
            yield from _folded(
                f"{markdown_text(column.name)} repeats its texts: intervals by pairs and by texts",
                _table(["System", "Spearman, by pairs", "By texts"], lines, right=[1, 2]),
            )


def _chosen(board: Leaderboard) -> Iterator[str]:
    yield "## The best of the grid"
    if on_halves := [one for one in board.selected if not one.development]:
        yield from _chosen_on_halves(on_halves)
    if elsewhere := [one for one in board.selected if one.development]:
        yield from _chosen_elsewhere(elsewhere)


def _chosen_on_halves(selected: Sequence[SelectedRow]) -> Iterator[str]:
    yield ON_HALVES
    lines = (
        [
            markdown_text(one.label),
            str(one.among),
            _with_limits(one.average, one.low, one.high),
            percent(one.optimism),
            markdown_text(one.chosen),
            percent(one.observed),
            f"{100 * (one.share or 0):.0f} %",
        ]
        for one in selected
    )
    header = ["Selected", "Among", "Average, held out", "Optimism", "Leads on all pairs", "Its average", "Chosen by"]
    yield _table(header, lines, right=[1, 2, 3, 5, 6])


def _chosen_elsewhere(selected: Sequence[SelectedRow]) -> Iterator[str]:
    yield ELSEWHERE
    lines = (
        [
            markdown_text(one.label),
            str(one.among),
            markdown_text(", ".join(one.development)),
            f"{one.development_pairs:,}",
            markdown_text(one.chosen),
            _with_limits(one.average, one.low, one.high),
            percent(one.observed),
            percent(one.optimism),
        ]
        for one in selected
    )
    header = ["Selected", "Among", "Chosen on", "Pairs", "Leads there", "Average", "Best average", "Optimism"]
    yield _table(header, lines, right=[1, 3, 5, 6, 7])


def _flag(flag: str, row: Row, columns: Sequence[Column]) -> str:
    """A flag, with the benchmarks that it holds on where it does not hold on all."""
    names = [column.name for column, cell in zip(columns, row.cells, strict=True) if flag in cell.flags]
    return f"{flag} ({', '.join(names)})" if 0 < len(names) < len(columns) else flag


def _rank_set(row: Row) -> str:
    if row.best_rank is None or row.worst_rank is None:
        return "–"
    return str(row.best_rank) if row.best_rank == row.worst_rank else f"{row.best_rank}–{row.worst_rank}"


def _with_limits(value: float, low: float | None, high: float | None) -> str:
    return percent(value) if low is None or high is None else f"{percent(value)} ({percent(low)} to {percent(high)})"


def _cell(cell: Cell) -> str:
    return _with_limits(cell.spearman, cell.low, cell.high) if cell.status == "ok" and cell.spearman is not None else NO_FIGURE[cell.status]


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


def _data(columns: Sequence[Column]) -> Iterator[str]:
    yield "## Data"
    known = any(column.ceiling is not None for column in columns)
    lines = (
        [
            markdown_text(column.name),
            str(column.n),
            *(["–" if column.ceiling is None else percent(column.ceiling)] if known else []),
            markdown_text(", ".join(column.languages)),
            markdown_text(column.licence),
            markdown_text(column.source),
            markdown_text(column.digest[:16]),
            markdown_text(" ".join(column.notes)),
        ]
        for column in columns
    )
    yield _table(
        ["Benchmark", "Pairs", *(["Tie ceiling"] if known else []), "Languages", "Licence", "Source", "Digest", "Notes"],
        lines,
        right=[1, 2] if known else [1],
    )


def _signatures(rows: Sequence[Row]) -> Iterator[str]:
    """The line that reproduces the first figure of each row; those of all cells are in the other files of the board."""
    found = [(row.label, cell.signature) for row in rows for cell in [next((one for one in row.cells if one.signature), None)] if cell]
    if found:
        lines = [f"{markdown_text(label)}: <code>{markdown_text(signature or '')}</code>" for label, signature in found]
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


def _table(header: Sequence[str], lines: Iterable[Sequence[str]], right: Sequence[int]) -> str:
    rule = ["---:" if place in right else "---" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, rule, *lines])
