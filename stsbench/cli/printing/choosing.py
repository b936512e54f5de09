"""Where a job of choosing stands, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.choosing.saying import sentences
from stsbench.cli.printing.layout import say
from stsbench.cli.printing.table import figure, print_table

if TYPE_CHECKING:
    from stsbench.choosing.decision import DecisionSoFar


def print_decision(decision: DecisionSoFar) -> None:
    """The candidates in a table, then what follows, a sentence each."""
    if decision.stands:
        rows = [
            [stand.candidate, figure(stand.spearman), f"{figure(stand.low)} to {figure(stand.high)}", f"{100 * stand.chance:.0f} %"]
            for stand in decision.stands
        ]
        print_table("What the labels say of all pairs (Spearman x 100)", ["candidate", "spearman", "95 %", "best"], rows, 1)
    say(*sentences(decision))
