"""Where a job of choosing stands, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.choosing.saying import sentences
from stsbench.cli.printing.layout import figure, print_table, say
from stsbench.contracts.boards.column import telling
from stsbench.contracts.boards.costs import COSTS, PARETO

if TYPE_CHECKING:
    from stsbench.choosing.decision import DecisionSoFar


def print_decision(decision: DecisionSoFar) -> None:
    """The candidates in a table, then what follows, a sentence each."""
    if decision.stands:
        columns = telling(COSTS, decision.stands)
        header = ["candidate", "spearman", "95 %", "best", *(column.title.lower() for column in columns), *["pareto"] * bool(columns)]
        rows = [
            [stand.candidate, figure(stand.spearman), f"{figure(stand.low)} to {figure(stand.high)}", f"{100 * stand.chance:.0f} %",
             *(column.text(stand) for column in columns), *["best" * stand.pareto] * bool(columns)]
            for stand in decision.stands
        ]  # fmt: skip
        print_table("What the labels say of all pairs (Spearman x 100)", header, rows, 1, [PARETO] if columns else [])
    say(*sentences(decision))
