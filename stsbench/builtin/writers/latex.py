"""board.tex: the table of a paper, for booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stsbench.contracts.figures import percent
from stsbench.contracts.protocols import Writer
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard, Row

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
    "⟨": "$<$",
    "⟩": "$>$",
}
ALIKE = "$^{\\dagger}$"  # beside an average that the data do not tell from the best


@dataclass(frozen=True, slots=True)
class LatexWriter:
    """Writes `board.tex`, a booktabs tabular: Spearman x 100, the best of a column bold, what cannot be told from the best marked."""

    rows: Literal["primary", "all"]

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        chosen = [row for row in board.rows if row.primary or self.rows == "all"] or list(board.rows)
        return {"board.tex": ("\n".join(_lines(board, chosen)) + "\n").encode()}


def latex(*, rows: Literal["primary", "all"] = "primary") -> Writer:
    """A table for a paper, which needs `\\usepackage{booktabs}`; `rows=all` shows every system, not only the primary similarity's."""
    return LatexWriter(rows)


def latex_text(text: str) -> str:
    """`text` as LaTeX that shows just these characters: no command, no maths, no comment."""
    return "".join(_SPECIAL.get(char, char) for char in visible(text))


def _lines(board: Leaderboard, rows: Sequence[Row]) -> Iterator[str]:
    title, protocol = visible(board.spec.title), visible(board.spec.protocol)
    yield f"% {title}: Spearman correlation x 100, protocol {protocol}. Needs \\usepackage{{booktabs}}."
    top = max((_percent(row.average) for row in rows if row.average is not None), default=None)
    alike = [row.best_rank == 1 and row.average is not None and _percent(row.average) != top for row in rows]
    if any(alike):
        yield "% The dagger marks averages that cannot be told from the best one: the rank sets of these systems hold rank 1."
    yield f"\\begin{{tabular}}{{l{'r' * (len(board.columns) + 1)}}}"
    yield "\\toprule"
    yield " & ".join(["System", *(latex_text(column.name) for column in board.columns), "Average"]) + " \\\\"
    yield "\\midrule"
    figures = [[*(cell.spearman for cell in row.cells), row.average] for row in rows]
    best = [max((_percent(value) for value in column if value is not None), default=None) for column in zip(*figures, strict=True)]
    for row, values, marked in zip(rows, figures, alike, strict=True):
        shown = [_figure(value, most) for value, most in zip(values, best, strict=True)]
        yield f"{latex_text(row.label)} & {' & '.join(shown)}{ALIKE if marked else ''} \\\\"
    if board.published:
        yield "\\midrule"
        yield "% As others published them; compared with nothing above."
    for published in board.published:
        shown = [_figure(value, None) for value in (*(cell.spearman for cell in published.cells), published.average)]
        yield f"{latex_text(published.label)} & {' & '.join(shown)} \\\\"
    yield "\\bottomrule"
    yield "\\end{tabular}"


def _percent(value: float) -> float:
    return float(percent(value))


def _figure(value: float | None, best: float | None) -> str:
    if value is None:
        return "--"
    text = percent(value).replace("-", "$-$")
    return f"\\textbf{{{text}}}" if _percent(value) == best else text
