"""The page for a decision by few labels: what was asked, how pairs were chosen, how people agree, who is best and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stsbench.builtin.page.decision import DecisionReport, Reported, ReportSection, systems_table
from stsbench.choosing.decision import DecisionSoFar
from stsbench.choosing.saying import CAUTION, FIGURES, SearchFigure, alike, candidates, labelled, people, search_lines
from stsbench.contracts.wording import counted, visible
from stsbench.stats.choosing.standing import REGRET

REPORT = "report.html"
CHANGES = (
    "Labels by other people, or by the same ones under another guideline: the figures are of what these people mean by alike.",
    "Another kind of pairs: what is said holds for pairs such as these, and pairs tell little of search, where a text competes with all.",
    "A model that is not among the candidates; one that comes later is scored on the same pairs and stands on the same labels.",
)


def choice_report(decision: DecisionSoFar, title: str, search: Sequence[SearchFigure] = ()) -> DecisionReport:
    """The report of a choice, for whoever decides; no text of the data is in it, and no name of a person who rated."""
    searched = ReportSection(title="Search", sentences=(f"{CAUTION}.",), points=tuple(map(visible, search_lines(search))))
    answer, *rest = candidates(decision)
    systems = tuple(
        Reported(
            name=visible(stand.candidate), figure=stand.spearman, low=stand.low, high=stand.high, chance=stand.chance,
            facts=stand.facts, pareto=stand.pareto,
        )
        for stand in decision.stands
    )  # fmt: skip
    return DecisionReport(
        title=visible(title),
        answer=visible(answer),
        sentences=tuple(map(visible, rest)),
        asked=tuple((name, visible(text)) for name, text in _asked(decision)),
        measure="Spearman × 100 over all pairs; dot: what the labels make most likely, bar: its 95 % interval",
        systems=systems,
        sections=(
            ReportSection(
                title="All candidates", sentences=(FIGURES,), table=systems_table(systems), points=tuple(map(visible, alike(decision)))
            ),
            ReportSection(title="How well people agree", sentences=tuple(map(visible, people(decision, named=False)))),
            *([searched] if search else []),
            ReportSection(title="What would change the decision", points=CHANGES),
        ),
        footer="Made by stsbench choose finish; the same labels give the same page.",
    )


def _asked(decision: DecisionSoFar) -> Iterator[tuple[str, str]]:
    job, rounds = decision.job, len(set(decision.ratings.rounds.tolist()))
    yield "Question", f"Which of {counted(len(job.candidates), 'candidate')} agrees best with people on these pairs?"
    yield "Candidates", ", ".join(job.names.values())
    yield "Pairs", job.population or counted(job.pairs, "pair")
    yield "Labels", " ".join(labelled(decision))
    yield (
        "How they were chosen",
        f"in {counted(rounds, 'round')}, those on which the candidates that may be best disagree with higher chances, each by a known one; "
        "mixed, with sides swapped at random, and no score in sight of those who rated",
    )
    yield "When to stop", f"where the chance that the leader lacks more than {100 * REGRET:g} point of the best is at most 5 %"
