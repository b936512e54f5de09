"""Where a job of choosing stands, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stsbench.choosing.decision import MORE
from stsbench.cli.printing.layout import say
from stsbench.cli.printing.table import figure, print_table
from stsbench.contracts.wording import counted

if TYPE_CHECKING:
    from stsbench.choosing.decision import DecisionSoFar
    from stsbench.stats.agreement import Agreement


def print_decision(decision: DecisionSoFar) -> None:
    """The candidates in a table, then what follows, a sentence each."""
    if decision.stands:
        rows = [
            [stand.candidate, figure(stand.spearman), f"{figure(stand.low)} to {figure(stand.high)}", f"{100 * stand.chance:.0f} %",
             f"as {stand.alike}" if stand.alike else ""]
            for stand in decision.stands
        ]  # fmt: skip
        shown = any(one.alike for one in decision.stands)
        head = ["candidate", "spearman", "95 %", "best", *(["alike"] if shown else [])]
        print_table("What the labels say of all pairs (Spearman x 100)", head, rows if shown else [row[:-1] for row in rows], 1)
    say(*_sentences(decision))


def _sentences(decision: DecisionSoFar) -> Iterator[str]:
    asked, rated = len(decision.ratings.rows), decision.ratings.rated
    unrated = f"; {asked - rated} that were asked about have none, which is taken for chance" if asked > rated else ""
    yield f"{counted(rated, 'pair')} of {decision.job.pairs:,} have a label, of {decision.job.goal:,} planned{unrated}."
    yield from _people(decision)
    if decision.job.prior:
        number = sum(one.elsewhere is not None for one in decision.job.candidates)
        yield f"What {decision.job.prior} says of {number} of them is taken into account, as far as the labels bear it out."
    known = decision.standing
    if known is None:
        yield f"Nothing can be said of the candidates yet: {decision.reason}."
        return
    if known.lead is None:
        yield f"{decision.leader} leads, and all others rank the pairs as it does."
    else:
        yield (
            f"{decision.leader} leads {decision.other}: it is better than the best other one by {_points(known.lead.low)} to "
            f"{_points(known.lead.high)} points (95 %)."
        )
    yield f"Choosing it costs {_points(known.regret)} points on average, and more than 1 point with a chance of {_chance(known.beyond)}."
    if known.stop:
        yield "That is sure enough: stop here."
    elif decision.forecast is not None:
        yield f"That is not sure enough yet. After {MORE} more labels it would cost {_points(decision.forecast)} points on average."


def _people(decision: DecisionSoFar) -> Iterator[str]:
    raters = decision.ratings.raters
    if decision.agreement is not None:
        yield _agreed(decision.agreement, len(raters))
        apart = [raters[one.number - 1] for one in decision.agreement.by_rater if one.apart]
        if apart:
            yield f"{', '.join(apart)} stands apart from the others, who agree better among themselves; how did they understand the task?"
    elif raters:
        yield f"One person rated ({raters[0]}), so how well people agree is not known; have a second rate the same page."
    if twice := decision.ratings.twice:
        apart_by = sum(abs(one.again - one.first) for one in twice) / len(twice)
        yield f"What was asked twice was answered {counted(len(twice), 'time')} again, {apart_by:.1f} apart on average."


def _agreed(agreement: Agreement, raters: int) -> str:
    alpha, mean = agreement.alpha, agreement.reliability
    if alpha.value is None:
        return f"{raters} people rated; how well they agree is not known: {alpha.reason}."
    limits = "" if alpha.low is None else f" ({alpha.low:.2f} to {alpha.high:.2f})"
    ceiling = (
        "" if agreement.ceiling is None else f", so that no model can be expected to correlate with it above {figure(agreement.ceiling)}"
    )
    worth = "" if mean.value is None else f"; their mean has a reliability of {mean.value:.2f}{ceiling}"
    return f"{raters} people agree with Krippendorff's alpha {alpha.value:.2f}{limits}{worth}."


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def _chance(value: float) -> str:
    return "less than 1 %" if value < 0.01 else f"{100 * value:.0f} %"
