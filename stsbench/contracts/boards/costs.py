"""What a system costs beside how good it is, as columns."""

from __future__ import annotations

from typing import Final, Protocol

from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.column import Column


class HasFacts(Protocol):
    """A row of a table that knows what its system costs."""

    @property
    def facts(self) -> Facts: ...  # noqa: D102


def _cost(name: str, title: str, shown: str) -> Column[HasFacts]:
    return Column(name, title, float, lambda row: getattr(row.facts, name), shown.format, absent=lambda _: "-", optional=True)


COSTS: Final = (
    _cost("bytes_per_vector", "Bytes a vector", "{:,}"),
    _cost("texts_per_second", "Texts a second", "{:,.0f}"),
    _cost("price", "Dollars a million tokens", "{:g}"),
)
PARETO: Final = "Pareto-best: no other of these systems is at least as good in its figure and in each of these costs, and better in one"
