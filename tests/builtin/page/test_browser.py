"""The page in Chromium, offline: nothing but the file is asked for, and nothing but the page's own script runs."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stsbench.builtin.page.writer import HtmlWriter
from stsbench.contracts.board import Leaderboard
from stsbench.testing.boards import board

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
ATTACKS = (
    "</script><script>window.PWNED=1</script>",
    "<img src=x onerror=window.PWNED=1>",
    "\" onclick=\"window.PWNED=1\" x=\"",
    "</template></td></tr><svg onload=window.PWNED=1>",
    "=HYPERLINK(\"http://127.0.0.1/\")",
    "\u202egnihton\u202c \u2066x \u200f",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "]]> --> <!-- <!DOCTYPE",
    "javascript:window.PWNED=1",
    "n" * 10_000,
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; see requirements-dev.txt")
    if path is None:
        pytest.skip("there is no Chromium; install it, for example with: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page, with what it logged and what it asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.logged: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.logged.append(message.text))
        self.page.on("pageerror", lambda error: self.logged.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def names(self) -> list[str]:
        """The systems in view, in order."""
        found: list[str] = self.page.locator("#systems tbody button.open").all_inner_texts()
        return found

    def close(self) -> None:
        """Nothing was logged, nothing but the file was asked for, and no stranger's script ran."""
        assert self.page.evaluate("window.PWNED") is None
        assert self.logged == []
        assert len(self.asked) == 1
        self.context.close()


def written(shown: Leaderboard, folder: Path) -> Path:
    path = folder / "index.html"
    path.write_bytes(HtmlWriter().render(shown)["index.html"])
    return path


def mixed(number: int = 30) -> Leaderboard:
    """A board of `number` systems in three similarities and five encoders, whose second benchmark orders them otherwise."""
    plain = board(tuple(f"system {place:05d}" for place in range(number)))
    rows = []
    for place, row in enumerate(plain.rows):
        values = [0.9 - 0.8 * place / number, 0.1 + ((place * 7919) % number) / number / 2]
        cells = tuple(
            cell.model_copy(update={"figures": {**cell.figures, "spearman": value}}) for cell, value in zip(row.cells, values, strict=True)
        )
        changed = {"encoder": f"dist/encoder-{place % 5}", "similarity": f"stsbench/similarity-{place % 3}", "primary": place % 3 == 0}
        rows.append(row.model_copy(update={**changed, "cells": cells, "average": sum(values) / 2, "rank": place + 1}))
    return plain.model_copy(update={"rows": tuple(rows)})


def test_sorting_gives_the_right_order(chromium: Any, tmp_path: Path) -> None:
    shown = mixed()
    visit = Visit(chromium, written(shown, tmp_path))
    visit.page.select_option("#similarity", "")
    head = visit.page.get_by_role("columnheader", name="other")
    by_other = [row.label for row in sorted(shown.rows, key=lambda row: row.cells[1].figure or 0)]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert visit.names() == by_other[::-1]
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert visit.names() == by_other
    visit.page.get_by_role("columnheader", name="System").get_by_role("button").click()
    assert visit.names() == sorted(row.label for row in shown.rows)
    assert visit.page.locator("[aria-sort]").count() == 1
    visit.close()


def test_what_has_no_figure_is_sorted_last_both_ways(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(board(("alpha", "beta", "gamma"), missing=True), tmp_path))
    head = visit.page.get_by_role("columnheader", name="mini").get_by_role("button")
    for expected in (["alpha", "beta", "gamma"], ["beta", "alpha", "gamma"]):
        head.click()
        assert visit.names() == expected
    visit.close()


def test_filters_and_search_give_the_right_count(chromium: Any, tmp_path: Path) -> None:
    shown = mixed()
    visit = Visit(chromium, written(shown, tmp_path))
    told = visit.page.locator("#count")
    assert told.inner_text() == "10 of 30 systems"  # the primary similarity's
    visit.page.select_option("#similarity", "")
    assert told.inner_text() == "30 systems"
    visit.page.select_option("#encoder", label="encoder-2")
    assert visit.names() == [row.label for row in shown.rows if row.encoder == "dist/encoder-2"]
    visit.page.select_option("#similarity", label="similarity-1")
    assert told.inner_text() == "2 of 30 systems"
    visit.page.fill("#search", "SYSTEM 00007")
    assert visit.names() == ["system 00007"]
    visit.page.fill("#search", "no such system")
    assert told.inner_text() == "0 of 30 systems"
    visit.close()


def test_a_system_tells_what_its_figures_rest_on_and_can_be_linked_to(chromium: Any, tmp_path: Path) -> None:
    path = written(board(), tmp_path)
    visit = Visit(chromium, path)
    visit.page.locator("button.open").nth(1).focus()
    visit.page.keyboard.press("Enter")
    card = visit.page.locator("#card")
    assert card.is_visible()
    assert "beta|n:240|spearman:0.78125" in card.inner_text()
    link = visit.page.locator("#card-link").get_attribute("href")
    visit.page.keyboard.press("Escape")
    assert not card.is_visible()
    visit.page.evaluate("link => { location.hash = link }", link)
    visit.page.wait_for_function("document.getElementById('card').open")
    assert visit.page.locator("#card-name").inner_text() == "beta"
    visit.close()


def test_charts_are_drawn_and_in_the_colours_of_the_scheme(chromium: Any, tmp_path: Path) -> None:
    path = written(mixed(), tmp_path)
    colours = {}
    for scheme in ("light", "dark"):
        visit = Visit(chromium, path, color_scheme=scheme)
        plots = visit.page.locator(".plot svg")
        assert plots.count() >= 2
        assert all(plots.nth(place).bounding_box()["width"] > 200 for place in range(plots.count()))
        colours[scheme] = visit.page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.plot text')).fill]"
        )
        visit.close()
    assert colours["light"][0] == "rgb(255, 255, 255)"
    assert all(one != other for one, other in zip(colours["light"], colours["dark"], strict=True))


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_as_wide_as_the_screen(chromium: Any, tmp_path: Path, width: int) -> None:
    visit = Visit(chromium, written(mixed(), tmp_path), viewport={"width": width, "height": 844})
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    visit.close()


def test_on_a_phone_the_intervals_fit_and_a_dialog_does(chromium: Any, tmp_path: Path) -> None:
    path = written(mixed(), tmp_path)
    visit = Visit(chromium, path, viewport={"width": 390, "height": 844})
    ladder = visit.page.locator(".ladder")
    assert ladder.is_visible()
    assert ladder.locator("li").count() == 10
    assert not visit.page.locator("#intervals .plot").is_visible()
    assert ladder.evaluate("one => one.scrollWidth <= one.clientWidth && one.getBoundingClientRect().right <= innerWidth")
    visit.page.locator("button.open").first.click()
    assert visit.page.locator("#card").evaluate(
        "one => one.scrollWidth <= one.clientWidth && one.getBoundingClientRect().right <= innerWidth"
    )
    visit.close()
    wide = Visit(chromium, path)
    assert not wide.page.locator(".ladder").is_visible()
    assert wide.page.locator("#intervals .plot").is_visible()
    wide.close()


def test_the_figures_of_a_system_can_be_copied(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(board(), tmp_path), permissions=["clipboard-read", "clipboard-write"])
    visit.page.locator("button.open").first.click()
    visit.page.get_by_role("button", name="Copy these figures").click()
    visit.page.get_by_role("button", name="Copied").wait_for()
    copied = visit.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[0] == "System\talpha"
    assert "mini\t79.69" in copied
    assert [line.split("\t")[0] for line in copied if line.startswith("Signature")] == ["Signature on mini", "Signature on other"]
    visit.close()


def test_in_print_nothing_is_cut_off_and_no_control_is_left(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(mixed(), tmp_path), viewport={"width": 1030, "height": 700})
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1030
    assert not visit.page.locator("form.controls").is_visible()
    assert visit.page.locator(".scroll.main").evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert visit.page.locator("#systems tbody tr").count() == 10
    visit.close()


def test_columns_are_chosen_with_the_keyboard(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(mixed(), tmp_path))
    assert not visit.page.get_by_role("columnheader", name="Parameters").is_visible()
    visit.page.locator("input[name=view][value=scores]").focus()
    visit.page.keyboard.press("ArrowRight")
    assert visit.page.get_by_role("columnheader", name="Parameters").is_visible()
    assert not visit.page.get_by_role("columnheader", name="other").is_visible()
    visit.close()


def test_hostile_names_are_inert(chromium: Any, tmp_path: Path) -> None:
    plain = board(ATTACKS)
    name = ATTACKS[0]
    rows = tuple(
        row.model_copy(
            update={
                "flags": (ATTACKS[1],), "encoder": attack, "similarity": attack, "view": "mean@3", "fingerprint": attack[:40],
                "facts": row.facts.model_copy(update={"licence": attack, "training": (attack,), "device": attack}),
                "cells": (row.cells[0].model_copy(update={"signature": attack}), row.cells[1]),
            }
        )
        for attack, row in zip(ATTACKS, plain.rows, strict=True)
    )  # fmt: skip
    columns = tuple(
        one.model_copy(update={"name": f"{name}{place}", "notes": (name,), "licence": name}) for place, one in enumerate(plain.columns)
    )
    spec = plain.spec.model_copy(update={"title": name, "description": name, "primary": name, "protocol": name})
    visit = Visit(chromium, written(plain.model_copy(update={"rows": rows, "columns": columns, "spec": spec, "notes": (name,)}), tmp_path))
    visit.page.select_option("#similarity", "")
    assert visit.page.locator("script").count() == 1
    assert visit.page.locator("#systems tbody tr").count() == len(ATTACKS)
    shown = visit.names()
    assert shown[0] == ATTACKS[0]
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", visit.page.locator("body").inner_text())
    for place in (0, 3, 9):
        visit.page.locator("button.open").nth(place).click()
        visit.page.keyboard.press("Escape")
    visit.page.locator("#systems thead button").nth(0).click()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.close()


def test_thirty_thousand_rows_load_and_sort(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(mixed(30_000), tmp_path))
    assert visit.page.locator("#count").inner_text() == "10,000 of 30,000 systems"
    visit.page.select_option("#similarity", "")
    head = visit.page.get_by_role("columnheader", name="mini").get_by_role("button")
    head.click()
    assert visit.names()[0] == "system 00000"
    head.click()
    assert visit.names()[0] == "system 29999"
    assert len(visit.names()) == 300
    visit.page.get_by_role("button", name="Show more").click()
    assert len(visit.names()) == 600
    visit.page.fill("#search", "system 12345")
    assert visit.names() == ["system 12345"]
    visit.close()
