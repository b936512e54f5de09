"""How well each candidate finds the partner of a text among all texts that were labelled: a second opinion where the goal is search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from stsbench.contracts.figures import percent
from stsbench.contracts.wording import counted
from stsbench.stats.retrieval import Ranking

CAUTION: Final = (
    "Pairs tell little of search, where a text competes with far more: measure that on a benchmark of search before you build on it"
)


@dataclass(frozen=True)
class SearchFigure:
    """How one candidate ranks the partners (EvalRank), or the reason why that is not known."""

    candidate: str
    ranking: Ranking | None
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        """Everything as plain data."""
        return asdict(self)


def search_lines(figures: Sequence[SearchFigure]) -> Iterator[str]:
    """A line a candidate, the one that finds most first, and after them those of which nothing is known."""
    known = [(each.candidate, each.ranking) for each in figures if each.ranking is not None]
    for name, ranking in sorted(known, key=lambda pair: -pair[1].mrr):
        first = dict(ranking.hits)[1]
        yield (
            f"{name} has the partner first for {percent(first)} % of {counted(ranking.n, 'text')}, among {ranking.candidates:,} others "
            f"(mean reciprocal rank {percent(ranking.mrr)})."
        )
    yield from (f"{each.candidate}: not known, since {each.reason}." for each in figures if each.ranking is None)
