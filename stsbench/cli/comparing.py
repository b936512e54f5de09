"""`stsbench compare`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from stsbench.cli.printing.layout import figure, fits, print_rows, print_table, say, tell
from stsbench.contracts.defaults import LEVEL
from stsbench.contracts.figures import rank_set
from stsbench.contracts.wording import listed
from stsbench.errors import UsageError

from .line.asking import Asked, JudgedOptions
from .line.guard import print_json, require_terminal, tell_requirements
from .line.opening import ENCODING, Opened, session_from
from .line.options import Json, ShowPrivate, Similarities, Systems, option, path_option, switch

if TYPE_CHECKING:
    from stsbench.api.compare.details import Comparison, GroupDifference
    from stsbench.api.compare.result import Compared
    from stsbench.api.report import Report
    from stsbench.api.session import Session
    from stsbench.runner.system import Plan

MOST = 15  # comparisons that are printed

# The tests of a difference; the classical ones, from Williams on, are for comparison with the literature only.
Method = Literal[
    "bootstrap", "influence", "permutation", "zou",
    "williams", "steiger", "meng", "dunn-clark", "hittner", "hotelling", "hendrickson", "olkin",
]  # fmt: skip
Unit = Literal["pairs", "clusters", "sentences"]  # what is resampled


@dataclass(frozen=True, kw_only=True)
class ComparedOptions:
    """The options that say what is compared."""

    system: Systems = None
    encoder: Annotated[
        list[str] | None, option("The same as a SYSTEM, for who comes from `run`.", "REF", "--encoder", "-e", allow_from_autoenv=False)
    ] = None
    results: Annotated[
        Path | None,
        path_option("Folder of results, or of a board, whose kept scores are compared.", "--results", envvar="STSBENCH_RESULTS"),
    ] = None
    benchmark: Annotated[
        list[str] | None,
        option("Benchmark or suite to compare on; repeat for several. Default: mini, or all that is kept.", "REF", "--benchmark", "-b"),
    ] = None
    similarity: Similarities = None
    transform: Annotated[
        list[str] | None,
        option(
            "Chain of transforms of the systems that are scored, as `run` takes it; repeat for alternatives.", "CHAIN", "--transform", "-t",
            allow_from_autoenv=False,  # it would be of kept systems too, and those have theirs
        ),
    ] = None  # fmt: skip

    def __post_init__(self) -> None:
        if self.results and self.transform:
            raise UsageError(
                "kept systems have their transforms; name them by words, as in 'wordllama centre', or leave out -t or --results"
            )

    @property
    def named(self) -> list[str]:
        """The systems, by place or by option."""
        return [*(self.system or ()), *(self.encoder or ())]


@dataclass(frozen=True, kw_only=True)
class TestOptions(JudgedOptions):
    """The options that say how."""

    method: Annotated[Method, option(f"Test of the differences: {', '.join(get_args(Method))}.", "NAME")] = "bootstrap"
    unit: Annotated[Unit, option("What is drawn: pairs, clusters of pairs that share texts, or texts.", None, "--resample")] = "pairs"
    level: Annotated[float, option("Confidence level of intervals.", "SHARE")] = LEVEL
    texts: Annotated[bool, switch("Show the texts of those pairs too, unless the benchmark is private.", "--texts")] = False


@session_from(*ENCODING)
def compare(
    *,
    chosen: ComparedOptions,
    tested: TestOptions,
    fail_if_worse: Annotated[
        float | None, option("Of two systems, OLD NEW: exit 1 if NEW is worse by that or more, 6 if the pairs cannot tell.", "POINTS")
    ] = None,
    show_private: ShowPrivate = False,
    opened: Opened,
    json: Json = False,
) -> None:
    """Say which systems agree better with people, by how much, and how sure that is.

    A SYSTEM is an encoder (or pair scorer) as `run` takes it, which is scored now: `stsbench compare wordllama hashing -b csv:pairs.csv`.

    With --results nothing is scored: a SYSTEM is the label of a kept one, or words of it ('wordllama cosine'). One alone means all that
    its words fit, with every similarity; of several, each means one, of the board's primary similarity (or cosine, or -s) if its words
    say no other. Default: all systems of that similarity, or all there are where fewer than two have it.
    """
    from stsbench.api.compare import compare as run

    require_terminal(show_private, json=json)
    named, failing = chosen.named, fail_if_worse is not None
    if failing and len(named) != 2:
        raise UsageError(f"--fail-if-worse is about two systems, the old one and then the new one; {len(named)} were named")
    if failing and tested.margin not in (None, fail_if_worse):
        raise UsageError("--margin and --fail-if-worse are two margins of one comparison; leave out --margin")
    setting = tested.setting(texts=tested.texts or show_private, private=show_private, **({"margin": fail_if_worse} if failing else {}))
    report = None
    with opened() as session:
        primary = [str(session.registry.resolve("similarity", one).ref) for one in chosen.similarity or ()]
        if chosen.results:
            compared = run(named, chosen.results, session, setting, benchmarks=chosen.benchmark or (), primary=primary)
        else:
            report = _scored(session, Asked(encoder=named, transform=chosen.transform, similarity=primary, benchmark=chosen.benchmark))
            compared = report.compare(report.labels if failing else (), setting, primary=primary)
    required = compared.required() if failing else None
    print_json(compared.document() | ({"requirement": asdict(required)} if required else {})) if json else _show(compared)
    if compared.warning:
        tell(f"warning: {compared.warning}")
    unmet = tell_requirements([required], met=not json) if required else 0
    raise typer.Exit((report.exit_code if report else 0) or unmet)


def _scored(session: Session, asked: Asked) -> Report:
    """The report of a run of what is to be compared, with what failed said; ends the command where nothing is left to compare."""
    from stsbench.cli.printing.table import print_left_out, print_troubles

    if not asked.systems:
        raise UsageError(
            "name the systems to compare, as in `stsbench compare wordllama hashing`, or the folder that keeps some (--results)"
        )
    if words := [name for name in asked.systems if " " in name]:
        raise UsageError(
            f"{words[0]!r} is no reference; words of a label mean kept systems (--results DIR), and a similarity is named with -s"
        )
    report = session.run(asked.request(session.registry), require=_require_two)
    print_left_out(report)
    print_troubles(report)
    if report.failures() and sum(entry.record.status == "ok" for entry in report.headlines()) < 2:
        raise typer.Exit(report.exit_code)
    return report


def _require_two(plan: Plan) -> None:
    """Raises UsageError where one system would be compared with none, which is known before a model is loaded."""
    if len(plan.labels) == 1 and not plan.failed:
        raise UsageError(f"a comparison takes at least two systems, and this is one, {plan.labels[0]}; name another, or another similarity")


def _show(compared: Compared) -> None:
    say(*compared.sentences())
    if len(compared.standings) > 2:
        _show_standings(compared)
    _show_costs(compared)
    header = ["", "n", "first", "second", "difference", "low", "high"]
    p = ["p (Holm)", "p (BH)"]
    best = compared.comparisons[0]
    if len(compared.standings) == 2 and (compared.by_benchmark or compared.groups or compared.disagreements):
        say(f"In what follows the first is {best.first}, and the second {best.second}.")
    if len(compared.standings) == 2 and compared.by_benchmark:
        turned = [each if each.first == best.first else each.turned() for each in compared.by_benchmark]
        lines = [[each.benchmark, *_figures(each), *_verdicts(each), *_adjusted(each)] for each in turned]
        print_table("By benchmark", [*header, *_judged(compared), *p], lines, 1)
    if compared.groups:
        several = len(compared.benchmarks) > 1
        names = [f"{each.benchmark}: {each.group}" if several else each.group for each in compared.groups]
        lines = [[name, *_figures(each), *_adjusted(each)] for name, each in zip(names, compared.groups, strict=True)]
        untested: dict[str, list[str]] = {}
        for name, each in zip(names, compared.groups, strict=True):
            if each.reason:
                untested.setdefault(each.reason, []).append(name)
        notes = [f"no test of {listed(those)}: {reason}" for reason, those in untested.items()]
        print_table(f"By group (paired bootstrap of pairs, {compared.resamples:,} resamples)", [*header, *p], lines, 1, notes)
    if compared.disagreements:
        header = ["benchmark", "split", "subset", "row", "gold", "rank by first", "rank by second"]
        lines = [
            [pair.benchmark, pair.split, pair.subset, str(pair.row), "" if pair.gold is None else f"{pair.gold:zg}",
             f"{pair.first_rank:z.3f}", f"{pair.second_rank:z.3f}"]
            for pair in compared.disagreements
        ]  # fmt: skip
        places = [column for column in range(3) if len({line[column] for line in lines}) > 1]
        kept = [*places, *(column for column in range(3, len(header)) if any(line[column] for line in lines))]
        header, *lines = ([line[column] for column in kept] for line in (header, *lines))
        print_table("Pairs on which they disagree most (rows from 1; ranks from 0 to 1)", header, lines, max(1, len(places)))
        texts = [" | ".join(filter(None, [pair.left, pair.right])) for pair in compared.disagreements]
        print_rows([[*line[: len(places) + 1], both] for line, both in zip(lines, texts, strict=True) if both])
    if compared.hidden and len(compared.standings) == 2:
        verb = "are" if len(compared.hidden) > 1 else "is"
        say(f"{', '.join(compared.hidden)} {verb} private, so no text, gold or group of it is shown; --show-private shows them here")


def _show_standings(compared: Compared) -> None:
    numbers = {each.system: str(place) for place, each in enumerate(compared.standings, 1)}
    heads = ["difference", "low", "high", *_judged(compared), "p", "p (Holm)", "p (BH)", *(["p (max-T)"] * compared.by_max_t)]
    pairs = compared.comparisons[:MOST]
    lines = [
        [*map(figure, (each.difference, each.low, each.high)), *_verdicts(each), *map(_p, (each.p, each.p_holm, each.p_bh)),
         *([_p(each.p_max_t)] * compared.by_max_t)]
        for each in pairs
    ]  # fmt: skip
    table = ["first", "second", *heads], [[each.first, each.second, *line] for each, line in zip(pairs, lines, strict=True)]
    numbered = not fits(*table, 2)  # two long names in every row leave figures no room
    if numbered:
        table = table[0], [[numbers[first], numbers[second], *line] for first, second, *line in table[1]]
    header = [*([""] * numbered), "system", "letters", "rank set", compared.title, "low", "high", "best"]
    rows = [
        [*([numbers[each.system]] * numbered), each.system, each.letters, rank_set(each.best_rank, each.worst_rank, "-"),
         *map(figure, (each.value, each.low, each.high)), f"{each.chance_of_best:z.2f}"]
        for each in compared.standings
    ]  # fmt: skip
    by = "p (max-T)" if compared.by_max_t else "p (Holm)"
    title = f"Systems that share a letter cannot be told apart by {by}; rank sets hold together at {100 * compared.level:g} %"
    print_table(title, header, rows, 2 + numbered)
    among = len(compared.comparisons)
    which = f"the first {MOST} of {among}; --json has all" if among > MOST else "all of them"
    bound = "Holm and max-T bound" if compared.by_max_t else "Holm bounds"
    named = ", by their numbers above" if numbered else ""
    print_table(f"Every two systems{named} ({which}); {bound} the chance of one wrong claim, BH the share of them", *table, 2)
    for reason in dict.fromkeys(each.reason for each in compared.comparisons if each.reason):
        say(f"a p that is missing: {reason}; letters and rank sets go by the bootstrap's max-T there")
    if compared.floor > 1 - compared.level:
        resamples = f"{compared.resamples:,} resamples and so many comparisons"
        say(f"p (Holm) cannot be below {compared.floor:z.2f} with {resamples}; p (max-T) can.")


def _show_costs(compared: Compared) -> None:
    """What the systems cost beside how good they are, where that is known of any."""
    from stsbench.contracts.boards.column import telling
    from stsbench.contracts.boards.tables import PARETO, costs_of

    if columns := telling(costs_of(compared.standings), compared.standings):
        header = ["system", compared.title, *(column.title.lower() for column in columns), "pareto"]
        rows = [
            [each.system, figure(each.value), *(column.text(each) for column in columns), "best" * each.pareto]
            for each in compared.standings
        ]
        print_table("What they cost", header, rows, 1, [PARETO])


def _figures(each: Comparison | GroupDifference) -> list[str]:
    """Size, figures and interval of two systems on a benchmark or a group."""
    return [str(each.n), *map(figure, (each.first_value, each.second_value, each.difference, each.low, each.high))]


def _adjusted(each: Comparison | GroupDifference) -> list[str]:
    return [_p(each.p_holm), _p(each.p_bh)]


def _judged(compared: Compared) -> list[str]:
    """Heads of the columns of `_verdicts`."""
    return [] if compared.margin is None else ["the first is", "the second is"]


def _verdicts(each: Comparison) -> list[str]:
    return [] if each.verdict is None else [each.verdict, str(each.verdict_of_second)]


def _p(value: float | None) -> str:
    return "-" if value is None else "<0.0001" if value < 0.00005 else f"{value:z.4f}"
