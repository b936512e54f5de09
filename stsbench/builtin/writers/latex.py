"""board.tex: the table of a paper, for booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stsbench.builtin.writers.wording import measured
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.boards.column import Column, telling
from stsbench.contracts.boards.columns import FORMS, AnyRow, columns_in
from stsbench.contracts.figures import ABSENT, percent
from stsbench.contracts.wording import visible

MINUS = "\u2212"
_SPECIAL = {
    **{char: f"\\{char}" for char in "{}$&#_%"},
    "\\": "\\textbackslash{}",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    **{char: f"${char}$" for char in "<>|"},
    **{char: f"{{{char}}}" for char in "[*"},  # which the line end before it would take for its own
    '"': "''",
    "·": "\\textperiodcentered{}",
    "–": "--",
    MINUS: "$-$",
    "⟨": "$<$",
    "⟩": "$>$",
}
ALIKE = "$^{\\dagger}$"  # beside an average that the data do not tell from the best


@dataclass(frozen=True, kw_only=True, slots=True)
class LatexWriter:
    """A table for a paper, which needs `\\usepackage{booktabs}`: models as they come, systems of the primary similarity, or all.

    Figures are main ones x 100, the best of a column bold among those that saw no gold scores, what cannot be told from the best marked.
    """

    rows: Literal["models", "primary", "all"] = "models"
    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        chosen = {"models": [row for row in board.table if isinstance(row, Row)], "primary": [row for row in board.rows if row.primary]}
        lines = _lines(board, chosen.get(self.rows) or board.rows, self.columns)
        return {"board.tex": ("\n".join(lines) + "\n").encode()}


def latex_text(text: str) -> str:
    """`text` as LaTeX that shows just these characters: no command, no maths, no comment."""
    return "".join(_SPECIAL.get(char, char) for char in visible(text))


def _lines(board: Leaderboard, rows: Sequence[Row], names: Sequence[str]) -> Iterator[str]:
    columns: list[Column[AnyRow]] = telling(columns_in(board, names or FORMS["latex"]), rows)
    honest = [row for row in rows if row.honest]
    best = [_best(column, honest) for column in columns]
    title, protocol = visible(board.spec.title), visible(board.spec.protocol)
    yield f"% {title}: {measured(board)}, protocol {protocol}. Needs \\usepackage{{booktabs}}."
    top = percent(max((row.average for row in honest if row.average is not None), default=None))
    alike = [row.best_rank == 1 and percent(row.average) not in (top, ABSENT) for row in rows]
    if any(alike):
        yield "% The dagger marks averages that cannot be told from the best one: the rank sets of these systems hold rank 1."
    yield f"\\begin{{tabular}}{{{''.join('r' if column.right else 'l' for column in columns)}}}"
    yield "\\toprule"
    yield f"{' & '.join(latex_text(column.title) for column in columns)} \\\\"
    yield "\\midrule"
    for row, marked in zip(rows, alike, strict=True):
        bold = best if row.honest else [""] * len(columns)
        cells = [
            _cell(column, row, most) + ALIKE * (marked and column.name == "average") for column, most in zip(columns, bold, strict=True)
        ]
        yield f"{' & '.join(cells)} \\\\"
    if board.published:
        yield "\\midrule"
        yield "% As others published them; compared with nothing above."
    for published in board.published:
        yield f"{' & '.join(_cell(column, published) for column in columns)} \\\\"
    yield "\\bottomrule"
    yield "\\end{tabular}"


def _best(column: Column[AnyRow], rows: Sequence[Row]) -> str:
    """The highest of a column's figures as it is printed."""
    known = {value: row for row in rows if isinstance(value := column.value(row), float) and column.group != "cost"}
    return column.text(known[max(known)]) if known else ""


def _cell(column: Column[AnyRow], row: AnyRow, best: str = "") -> str:
    if column.value(row) is None:
        return "--"
    text = column.text(row)
    shown = latex_text(text.replace("-", MINUS) if column.right else text)
    return f"\\textbf{{{shown}}}" if text == best else shown
