"""report.html: one page for a decision, to read, to print and to sign: who is best and how surely, at what cost, and where it fails.

It opens from a file, asks nothing of the network and runs no script. It is made of values alone, so that whoever chooses can say them.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from typing import Final

from stsbench.builtin.page.besides import PlainTable, plain_table
from stsbench.builtin.page.naming import name
from stsbench.builtin.page.palette import style_sheet
from stsbench.builtin.page.portions import Ladders
from stsbench.builtin.page.renderer import require_renderer
from stsbench.builtin.page.standings import MOST_LINES, Ladder, Scale, StandingLine
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.column import Column
from stsbench.contracts.boards.costs import COSTS
from stsbench.contracts.figures import percent, points, span


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One system of a report, best first: its figure with its interval, and what is said of it beside the best; None is not known."""

    name: str
    figure: float
    low: float
    high: float
    letters: str = ""
    chance: float | None = None
    behind: float | None = None
    behind_low: float | None = None
    behind_high: float | None = None
    verdict: str | None = None
    facts: Facts = field(default_factory=Facts)
    pareto: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportSection:
    """A part of a report: sentences, a table, a list of points, and charts of portions."""

    title: str
    sentences: tuple[str, ...] = ()
    table: PlainTable | None = None
    points: tuple[str, ...] = ()
    ladders: Ladders | tuple[()] = ()


@dataclass(frozen=True, kw_only=True)
class DecisionReport:
    """What a report says: the `answer` and what follows from it, what was `asked`, the systems, best first, and further sections.

    `measure` is what figures are. Nothing in it is a text of the data, unless whoever asks for the report asks for these.
    """

    title: str
    answer: str
    sentences: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...]
    measure: str
    systems: tuple[Reported, ...]
    sections: tuple[ReportSection, ...]
    footer: str = ""


TO: Final = " to "  # within an interval whose limits may be negative
SYSTEMS: Final = (
    Column[Reported]("system", "System", str, lambda one: one.name),
    Column[Reported]("figure", "Figure", float, lambda one: one.figure, percent, limits=lambda one: (one.low, one.high)),
    Column[Reported](
        "behind", "Beside the best", float, lambda one: one.behind, points, limits=lambda one: (one.behind_low, one.behind_high),
        absent=lambda _: "", optional=True,
    ),
    Column[Reported]("letters", "Letters", str, lambda one: one.letters or None, absent=lambda _: "", optional=True),
    Column[Reported](
        "chance", "Chance to be best", float, lambda one: one.chance, lambda chance: f"{100 * chance:.0f} %", optional=True
    ),
    Column[Reported]("verdict", "Against the best it is", str, lambda one: one.verdict, absent=lambda _: "", optional=True),
    *COSTS,
    Column[Reported]("pareto", "Pareto", str, lambda one: "best" if one.pareto else None, absent=lambda _: "", optional=True),
)  # fmt: skip


def systems_table(systems: tuple[Reported, ...]) -> PlainTable:
    """The table of all systems."""
    return plain_table(SYSTEMS, systems, TO)


def report_page(report: DecisionReport) -> bytes:
    """The page, UTF-8, the same bytes for the same report; raises MissingExtra where the extra is not installed."""
    require_renderer("jinja2")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("stsbench.builtin", "page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = style_sheet() + "".join(
        files("stsbench.builtin.page").joinpath(sheet).read_text("utf-8") for sheet in ("page.css", "parts.css", "report.css")
    )
    seal = b64encode(sha256(style.encode()).digest()).decode()
    page = environment.get_template("report.html.j2").render(
        report=report, standing=_standing(report.systems), style=style,
        policy=f"default-src 'none'; style-src 'sha256-{seal}'; base-uri 'none'; form-action 'none'",
    )  # fmt: skip
    return page.encode()


def _standing(systems: tuple[Reported, ...]) -> Ladder:
    """The chart of the systems on top."""
    top = systems[:MOST_LINES]
    limits = [limit for one in top for limit in (one.low, one.figure, one.high)]
    scale = Scale(min(limits), max(limits))
    lines = [
        StandingLine(name(one.name), percent(one.figure), span(one.low, one.high, TO), scale.bar(one.low, one.figure, one.high))
        for one in top
    ]
    return Ladder(tuple(lines), len(systems), None, tuple(scale.ticks))
