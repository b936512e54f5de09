"""A report of kept results: what a comparison found, for who decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stsbench.api.compare import Comparing
from stsbench.api.compare.details import DisputedPair, disagreements, figures_within
from stsbench.api.compare.methods import METHODS
from stsbench.api.compare.result import Compared
from stsbench.builtin.page.decision import MOST_ROWS, DecisionReport, Reported, ReportSection, systems_table
from stsbench.builtin.page.naming import clipped
from stsbench.builtin.page.standings import SYSTEMS, ladders
from stsbench.builtin.page.table import PlainTable, plain_table
from stsbench.contracts.boards.column import Column
from stsbench.contracts.boards.tables import PARETO
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import counted, listed, visible
from stsbench.evidence.joint import JointScores, agreed
from stsbench.evidence.requirements import of_points
from stsbench.leaderboard.costs import costs_less
from stsbench.stats.agreement import Agreement

TEXT = 300  # characters of a text that are shown
NAMED, FEW = 12, 5  # systems that are named where candidates are asked about, and in a sentence


def decision_report(comparing: Comparing, title: str) -> DecisionReport:
    """Who is best of the systems that are compared, how surely, at what cost, where they fail, and what would change that.

    No text of the data is in it, and no group of private ones, unless the setting is `private`. Raises as `compare` does.
    """
    compared = comparing.result()
    answer, *rest = compared.sentences()
    where = compared.benchmarks[0] if len(compared.benchmarks) == 1 else f"the mean of {len(compared.benchmarks)} benchmarks"
    return DecisionReport(
        title=visible(title),
        answer=visible(answer),
        sentences=tuple(map(visible, rest)),
        asked=tuple(_asked(compared, comparing.material)),
        measure=visible(f"{compared.title} × 100 on {where}; dot: figure, bar: its {100 * compared.level:zg} % interval"),
        systems=tuple(_reported(compared)),
        sections=tuple(_sections(compared, comparing)),
        footer="Made from kept results alone by stsbench report; the same results and seed give the same page.",
    )


def _asked(compared: Compared, material: Sequence[JointScores]) -> Iterator[tuple[str, str]]:
    pairs = sum(len(part.pairs) for one in material for part in one.parts)
    triplets = "triplets" in material[0].metric.tasks
    goal = "is right more often" if triplets else "agrees best with people"
    yield "Question", f"Which of {counted(len(compared.standings), 'system')} {goal}?"
    yield "Candidates", visible(listed(sorted(one.system for one in compared.standings), most=NAMED))
    yield (
        "Data",
        visible(f"{', '.join(compared.benchmarks)}: {counted(pairs // (2 if triplets else 1), 'triplet' if triplets else 'pair')}"),
    )
    if compared.margin is not None:
        yield "What does not matter", f"differences below {of_points(compared.margin)}"
    yield "How sure", f"{METHODS[compared.method].words}{compared.drawn()}, seed {compared.seed}; intervals of {100 * compared.level:zg} %"


def _reported(compared: Compared) -> Iterator[Reported]:
    best = compared.standings[0].system
    for stand in compared.standings:
        beside = None if stand.system == best else compared.between(stand.system, best)
        behind = {} if beside is None else {"behind": beside.difference, "behind_low": beside.low, "behind_high": beside.high}
        yield Reported(
            name=visible(stand.system), figure=stand.value, low=stand.low, high=stand.high, facts=stand.facts, pareto=stand.pareto,
            apart=None if beside is None else compared.tells(beside), chance=stand.chance_of_best,
            **behind, verdict=None if beside is None else beside.verdict,
        )  # fmt: skip


def _sections(compared: Compared, comparing: Comparing) -> Iterator[ReportSection]:
    said = [PARETO + "."] if any(one.pareto for one in compared.standings) else []
    if compared.margin is not None and len(compared.standings) > 2:
        said.append("Whether a system is told from the best allows for all comparisons; what the margin says is of each one alone.")
    if (hidden := len(compared.standings) - MOST_ROWS) > 0:
        said.append(f"The best {MOST_ROWS}, and of {hidden} more those that are Pareto-best.")
    yield ReportSection(title="How good, and at what cost", sentences=tuple(said), table=systems_table(tuple(_reported(compared))))
    top = {one.system: comparing.labels.index(one.system) for one in compared.standings[:SYSTEMS]}
    private = comparing.setting.private
    within = figures_within(comparing.material, top, private=private)
    secret = [one.name for one in comparing.material if one.private and not private and any(part.pairs.group for part in one.parts)]
    notes = [f"The groups of {visible(name)} are private and not shown; --show-private puts them here." for name in secret]
    if within or notes:
        chance = ["Half of all triplets is what chance would give."] if "triplets" in comparing.material[0].metric.tasks else []
        about = [f"{compared.title[0].upper()}{compared.title[1:]} × 100 within each part and group of pairs, with intervals of 95 %."]
        yield ReportSection(title="Where they fail", sentences=(*(about + chance if within else []), *notes), ladders=ladders(within))
    yield ReportSection(title="What would change the decision", points=tuple(map(visible, changes(compared))))
    yield ReportSection(title="How far people agree", points=tuple(map(visible, _people(comparing.material))))
    yield ReportSection(title="How pairs were chosen", table=_data(comparing.material))
    if private:
        yield ReportSection(
            title="Pairs on which the best two disagree most",
            sentences=("These are texts of the data, asked for with --show-private: mind who sees this page.",),
            table=_disputed(compared, comparing),
        )


def changes(compared: Compared) -> Iterator[str]:
    """What could make another system the one to take."""
    best, *others = compared.standings
    together = [one.system for one in others if not compared.tells(compared.between(best.system, one.system))]
    if together:
        named = listed(together, most=FEW)
        yield f"{named} cannot be told from {best.system} on these pairs: cost, licence or habit may decide among them."
    else:
        yield f"Each other system is told from {best.system} on these pairs, at {100 * compared.level:zg} %."
    if compared.margin is not None:
        enough = [one for one in others if compared.between(one.system, best.system).verdict in ("equivalent", "not worse", "better")]
        if enough:
            yield f"Good enough, to within {of_points(compared.margin)} of the best: {listed([one.system for one in enough], most=FEW)}."
        else:
            yield f"No other system is known to be good enough, to within {of_points(compared.margin)} of the best."
    cheaper = []  # than each that is better, in something; a cost that nobody knows is not known to be more
    for place, stand in enumerate(others, 1):
        if stand.pareto and all(costs_less(stand.facts, better.facts) for better in compared.standings[:place]):
            cheaper.append(stand.system)
    if cheaper:
        yield f"Where cost counts: {listed(cheaper, most=FEW)} cost less than what is better, and nothing beats them at that cost."
    if compared.outlook and not compared.outlook.enough:
        yield compared.outlook.sentence()
    yield "Other data: what is best on these pairs may not be on texts of another kind, length or language."


def _people(material: Sequence[JointScores]) -> Iterator[str]:
    """How far raters agree, where their ratings are known."""
    for joint in material:
        if known := agreed([part.pairs for part in joint.parts]):
            yield f"{joint.name}: {_agreed(known)}"
        elif "triplets" in joint.metric.tasks:
            yield f"{joint.name}: right by construction or by a label, not by ratings."
        else:
            yield f"{joint.name}: one gold score a pair is known, so that how far people agree is not."


def _agreed(people: Agreement) -> str:
    alpha = people.alpha
    known = "unknown" if alpha.value is None else f"{alpha.value:z.2f}"
    limits = f" ({alpha.low:z.2f} to {alpha.high:z.2f})" if alpha.low is not None and alpha.high is not None else ""
    ceiling = "" if people.ceiling is None else f"; no system can be expected to correlate with their mean above {percent(people.ceiling)}"
    return f"{people.raters} raters, {people.ratings / people.pairs:z.3g} a pair; Krippendorff's alpha {known}{limits}{ceiling}."


Datum = Column[JointScores]


def _data(material: Sequence[JointScores]) -> PlainTable:
    """Where the pairs come from."""
    return plain_table(
        (
            Datum("benchmark", "Benchmark", str, lambda one: one.name),
            Datum("pairs", "Pairs", int, lambda one: sum(len(part.pairs) for part in one.parts), "{:,}".format),
            Datum("source", "Read from", str, lambda one: ", ".join(dict.fromkeys(part.source.kind for part in one.parts))),
            Datum("protocol", "Protocol", str, lambda one: one.protocol),
            Datum("chosen", "Pairs count", str, _chances),
            Datum("private", "Private", str, lambda one: "yes" if one.private else "no"),
        ),
        material,
    )


def _chances(joint: JointScores) -> str:
    if any(part.pairs.weights is not None for part in joint.parts):
        return "each as often as its weight says, such as the pairs that it stands for"
    return "all alike"


def _disputed(compared: Compared, comparing: Comparing) -> PlainTable:
    """The pairs that the best two systems rank most unlike, with their texts."""
    first, second = (one.system for one in compared.standings[:2])
    places = comparing.labels.index(first), comparing.labels.index(second)
    columns: tuple[Column[DisputedPair], ...] = (
        Column("left", "Left", str, lambda one: clipped(one.left or "", TEXT)),
        Column("right", "Right", str, lambda one: clipped(one.right or "", TEXT)),
        Column("gold", "Gold", float, lambda one: one.gold, "{:g}".format),
        Column("first", f"Place by {first}", float, lambda one: one.first_rank, percent),
        Column("second", f"Place by {second}", float, lambda one: one.second_rank, percent),
    )
    return plain_table(columns, disagreements(comparing.material, places, replace(comparing.setting, texts=True)))
