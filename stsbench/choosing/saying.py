"""Where a job of choosing stands, in sentences, and how well each candidate finds the partner of a text among all that were labelled.

That is a second opinion, where the goal is search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stsbench.choosing.decision import MORE, DecisionSoFar
from stsbench.contracts.figures import chance, percent
from stsbench.contracts.wording import counted
from stsbench.stats.agreement import Agreement
from stsbench.stats.choosing.belief import WORTH
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


FIGURES = (
    "These figures use how candidates rank the pairs without a label, too; those of the finished benchmark and its board are of the "
    "labelled pairs alone, weighted, so that the two differ by chance."
)


def sentences(decision: DecisionSoFar) -> Iterator[str]:
    """Everything that is said of a decision, in its order."""
    yield from labelled(decision)
    yield from people(decision)
    yield from candidates(decision)
    if decision.stands:
        yield FIGURES
    yield from alike(decision)


def labelled(decision: DecisionSoFar) -> Iterator[str]:
    """How many pairs have a label, and what else is taken into account."""
    asked, rated = len(decision.ratings.rows), decision.ratings.rated
    unrated = f"; {asked - rated} that were asked about have none, which is taken to be by chance" if asked > rated > 0 else ""
    yield f"{counted(rated, 'pair')} of {decision.job.pairs:,} have a label, of {decision.job.goal:,} planned{unrated}."
    if decision.job.prior:
        number = sum(one.elsewhere is not None for one in decision.job.candidates)
        yield f"What {decision.job.prior} says of {number} of them is taken into account, as if it were {WORTH} labels at most."


def candidates(decision: DecisionSoFar) -> Iterator[str]:
    """Who leads, what choosing that one costs, and whether to stop."""
    known = decision.standing
    if known is None:
        yield f"Nothing can be said of the candidates yet: {decision.reason}."
        return
    if known.lead is None or known.ahead is None:
        yield f"{decision.leader} leads, and all others rank the pairs as it does."
    else:
        limits = f"95 % interval {_points(known.lead.low)} to {_points(known.lead.high)}"
        yield f"{decision.leader} leads the best of the others, probably {decision.other}, by {_points(known.ahead)} points ({limits})."
    beyond = chance(known.beyond, "less than 1 %", "more than 99 %")
    yield f"Choosing it costs {_points(known.regret, 2)} points on average, and more than 1 point with a chance of {beyond}."
    if known.stop:
        yield "That is sure enough: stop here."
    elif decision.forecast is not None:
        planned = ", and the labels that were planned are there" if decision.ratings.rated >= decision.job.goal else ""
        yield (
            f"That is not sure enough yet{planned}: after {MORE} more labels, choosing whoever leads then would cost "
            f"{_points(decision.forecast, 2)} points on average."
        )


def people(decision: DecisionSoFar, *, named: bool = True) -> Iterator[str]:
    """How well people agree with each other, and with themselves; unless they are `named`, numbers stand for them."""
    raters = decision.ratings.raters if named else [f"rater {number}" for number in range(1, len(decision.ratings.raters) + 1)]
    if decision.agreement is not None:
        yield _agreed(decision.agreement, len(raters))
        apart = [raters[one.number - 1] for one in decision.agreement.by_rater if one.apart]
        if apart:
            yield f"{', '.join(apart)} stands apart from the others, who agree better among themselves; how did they understand the task?"
    elif raters:
        yield f"One person rated ({raters[0]}), so how well people agree is not known; have a second rate the same page."
    if twice := decision.ratings.twice:
        apart_by = sum(abs(one.again - one.first) for one in twice) / len(twice)
        yield f"Pairs that the same person rated twice: {len(twice):,}; the two ratings are {apart_by:z.1f} apart on average."


def alike(decision: DecisionSoFar) -> Iterator[str]:
    """Which candidates rank the pairs as others do."""
    for stand in decision.stands:
        if stand.alike is not None:
            yield f"{stand.candidate} ranks the pairs nearly as {stand.alike} does: both count as one, with one chance to be best."


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


def _agreed(agreement: Agreement, raters: int) -> str:
    alpha, mean = agreement.alpha, agreement.reliability
    if alpha.value is None:
        return f"{raters} people rated; how well they agree is not known: {alpha.reason}."
    limits = "" if alpha.low is None else f" ({alpha.low:z.2f} to {alpha.high:z.2f})"
    ceiling = (
        "" if agreement.ceiling is None else f", so that no model can be expected to correlate with it above {percent(agreement.ceiling)}"
    )
    worth = "" if mean.value is None else f"; their mean has a reliability of {mean.value:z.2f}{ceiling}"
    return f"{raters} people agree with Krippendorff's alpha {alpha.value:z.2f}{limits}{worth}."


def _points(value: float, digits: int = 1) -> str:
    return f"{100 * value:z.{digits}f}"
