"""report.html: one page for a decision, to read, to print and to sign: who is best and how surely, at what cost, and where it fails.

It opens from a file, asks nothing of the network and runs no script. It is made of values alone, so that whoever chooses can say them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from stsbench.builtin.page.palette import asset, style_sheet
from stsbench.builtin.page.renderer import template
from stsbench.builtin.page.standings import MOST_LINES, TO, Ladder, Ladders, Scale, line
from stsbench.builtin.page.table import PlainTable, plain_table
from stsbench.builtin.page.writer import content_policy
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.column import Column
from stsbench.contracts.boards.tables import costs_of
from stsbench.contracts.figures import chance, percent, points


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One system of a report, best first: its figure with its interval, and what is said of it beside the best; None is not known.

    `apart` says whether it is told apart from the best, with allowance for all comparisons.
    """

    name: str
    figure: float
    low: float
    high: float
    apart: bool | None = None
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


MOST_ROWS: Final = 20  # of the table


def _columns(systems: Sequence[Reported]) -> list[Column[Reported]]:
    return [
        Column[Reported]("system", "System", str, lambda one: one.name),
        Column[Reported]("figure", "Figure", float, lambda one: one.figure, percent, limits=lambda one: (one.low, one.high)),
        Column[Reported](
            "behind", "Beside the best", float, lambda one: one.behind, points, limits=lambda one: (one.behind_low, one.behind_high),
            absent=lambda _: "", optional=True,
        ),
        Column[Reported](
            "apart", "Told from it", bool, lambda one: one.apart, lambda apart: "yes" if apart else "no",
            absent=lambda _: "", optional=True,
        ),
        Column[Reported]("chance", "Chance to be best", float, lambda one: one.chance, chance, optional=True),
        Column[Reported]("verdict", "By the margin", str, lambda one: one.verdict, absent=lambda _: "", optional=True),
        *costs_of(systems),
        Column[Reported]("pareto", "Pareto", str, lambda one: "best" if one.pareto else None, absent=lambda _: "", optional=True),
    ]  # fmt: skip


def systems_table(systems: tuple[Reported, ...]) -> PlainTable:
    """The table of the best systems, and of others that are Pareto-best."""
    return plain_table(_columns(systems), [one for place, one in enumerate(systems) if place < MOST_ROWS or one.pareto], TO)


def report_page(report: DecisionReport) -> bytes:
    """The page, UTF-8, the same bytes for the same report; raises MissingExtra where the extra is not installed."""
    style = style_sheet() + "".join(map(asset, ("page.css", "parts.css", "report.css")))
    policy, standing = content_policy(style, ""), _standing(report.systems)
    page: str = template("report.html.j2").render(report=report, standing=standing, style=style, policy=policy)
    return page.encode()


def _standing(systems: tuple[Reported, ...]) -> Ladder:
    """The chart of the systems on top."""
    top = systems[:MOST_LINES]
    limits = [limit for one in top for limit in (one.low, one.figure, one.high)]
    scale = Scale(min(limits), max(limits))
    lines = tuple(line(each.name, (each.low, each.figure, each.high), scale) for each in top)
    return Ladder(lines, len(systems), None, tuple(scale.ticks))
