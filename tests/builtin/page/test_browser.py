"""The page in Chromium, offline: nothing but the file is asked for, and nothing but the page's own script runs."""

import csv
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stsbench.builtin.page.drawing import FONTS, picture_svg
from stsbench.builtin.page.standings import intervals
from stsbench.builtin.page.table import anchor
from stsbench.builtin.page.writer import HtmlWriter
from stsbench.contracts.boards.board import Facts, Leaderboard, PublishedRow, SelectedRow
from stsbench.testing.boards import board
from tests.offline import Opened

pytestmark = pytest.mark.browser

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


class Visit(Opened):
    """A board's page."""

    def names(self) -> list[str]:
        """The rows in view, in order, by model."""
        names: list[str] = self.page.locator("#systems tbody th .name").all_text_contents()
        return names

    def lines(self) -> list[tuple[str, str, str]]:
        """The lines in view, in order: what each is, its place, and its name."""
        cells: list[list[str]] = self.page.evaluate(
            "[...document.querySelectorAll('#systems tbody tr')].map(row => row.className === 'fold' ? ['fold', '', row.textContent] :"
            " [row.className, row.cells[0].textContent, row.querySelector('.brief, .name:not(:has(~ .brief))').textContent])"
        )
        return [(kind, place, name) for kind, place, name in cells]

    def show(self, value: str) -> None:
        """Choose which rows, or which columns, are shown."""
        self.page.locator(f"label:has(> input[value={value}])").click()

    def close(self) -> None:
        """Nothing was logged, nothing but the file was asked for, and no stranger's script ran."""
        assert self.page.evaluate("window.PWNED") is None
        assert self.logged == []
        assert len(self.asked) == 1
        self.context.close()


def written(shown: Leaderboard, folder: Path, *columns: str) -> Path:
    path = folder / "index.html"
    path.write_bytes(HtmlWriter(columns=columns).render(shown)["index.html"])
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
        changed = {
            "encoder": f"dist/encoder-{place % 5}", "similarity": f"stsbench/similarity-{place % 3}", "primary": place % 3 == 0,
            "model": f"encoder-{place % 5}", "main": place < 5, "rank": place + 1 if place < 5 else None,
            "facts": Facts(bytes_per_vector=1024 * (1 + place % 3), texts_per_second=100.0 + place),
        }  # fmt: skip
        rows.append(row.model_copy(update={**changed, "cells": cells, "average": sum(values) / 2}))
    ordered = sorted(rows, key=lambda row: -(row.average or 0.0))
    return plain.model_copy(update={"rows": tuple(ordered)})


def beside(number: int = 9) -> Leaderboard:
    """Three models, the first with two variants, and so many that others published: `number` above the first, two below, one last."""
    plain = board(("alpha", "beta", "gamma", "cosine of alpha", "=alpha, quoted"))
    main, variants = plain.rows[:3], plain.rows[3:]
    first = main[0].average or 0.0
    rows = [
        *(row.model_copy(update={"low": (row.average or 0) - 0.02, "high": (row.average or 0) + 0.02}) for row in main),
        *(
            row.model_copy(
                update={
                    "model": "alpha", "main": False, "rank": None, "view": f"mean@{place}", "average": first - place / 100,
                    "difference": -place / 100, "flags": ("leaked",) if place == 2 else (), "similarity": "=cmd()" if place == 2 else "d/dot",
                }
            )
            for place, row in enumerate(variants, 1)
        ),
    ]  # fmt: skip
    averages = [first + (number - place) / 100 for place in range(number)] + [first - 0.005, first - 0.006, 0.1]
    figures = [plain.rows[0].cells[0].model_copy(update={"signature": None})] * 2
    others = tuple(
        PublishedRow(label=f"organisation/model-{place}", source="Table 2", average=average, cells=tuple(figures), flags=("published",))
        for place, average in enumerate(averages)
    )
    ordered = tuple(sorted(rows, key=lambda row: -(row.average or 0.0)))
    return plain.model_copy(update={"rows": ordered, "published": others})


def test_models_stand_in_order_with_their_ranks_and_published_rows_among_them(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(), tmp_path))
    assert visit.lines() == [
        ("published", "", "organisation/model-0"),
        ("published", "", "organisation/model-1"),
        ("published", "", "organisation/model-2"),
        ("fold", "", "6 published by others, 70.06 to 65.06"),
        ("model", "1", "alpha"),
        ("published", "", "organisation/model-9"),
        ("published", "", "organisation/model-10"),
        ("model", "2", "beta"),
        ("model", "3", "gamma"),
        ("published", "", "organisation/model-11"),
    ]
    assert visit.page.locator(".published .bar.hollow .dot").count() == 5
    assert visit.page.locator(".model .bar.hollow").count() == 0
    visit.show("measured")
    assert [place for _, place, _ in visit.lines()] == ["1", "2", "3"]
    assert visit.page.locator("#count").inner_text() == "3 models"
    visit.close()


def test_a_model_opens_to_its_variants_by_click_and_by_key(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(0), tmp_path))
    button = visit.page.get_by_role("button", name="alpha 2 variants")
    closed = visit.lines()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    opened = [
        ("model", "1", "alpha"), ("variant", "-1.00", "mean@1 · dot"), ("variant", "-2.00", "mean@2 · =cmd()"),
        ("published", "", "organisation/model-0"),
    ]  # fmt: skip
    assert visit.lines()[:4] == opened
    assert button.get_attribute("aria-expanded") == "true"
    assert visit.page.evaluate("document.activeElement.textContent").startswith("alpha")
    visit.page.keyboard.press("Enter")
    assert visit.lines() == closed
    visit.page.keyboard.press("Space")
    assert visit.lines()[:4] == opened
    assert visit.page.locator(".variant i").all_inner_texts() == ["leaked"]
    assert visit.page.get_by_role("button", name="beta").count() == 1, "what has no variant only tells what its figures rest on"
    visit.close()


def test_a_long_run_of_published_rows_opens(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(), tmp_path))
    fold = visit.page.locator(".fold button")
    assert fold.get_attribute("aria-expanded") == "false"
    fold.press("Enter")
    assert [name for _, _, name in visit.lines()][3:6] == [
        "6 published by others, 70.06 to 65.06", "organisation/model-3", "organisation/model-4",
    ]  # fmt: skip
    assert fold.get_attribute("aria-expanded") == "true"
    visit.page.fill("#search", "organisation model-4")
    assert visit.names() == ["organisation/model-4"]
    visit.close()


def test_a_fold_says_what_the_column_has_that_is_sorted_by(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(), tmp_path, "figure", "dimension"))
    fold = visit.page.locator(".fold")
    assert fold.text_content() == "6 published by others", "there is no average among the columns"
    visit.page.get_by_role("button", name="mini", exact=True).click()
    assert visit.page.locator("#systems td.c-spearman").first.text_content() == "79.69"
    visit.page.get_by_role("button", name="Model", exact=True).click()
    assert visit.names()[:3] == ["alpha", "beta", "gamma"]
    assert fold.text_content() == "12 published by others"
    visit.close()


def test_a_link_shows_what_was_chosen_and_back_goes_back(chromium: Any, tmp_path: Path) -> None:
    path = written(beside(), tmp_path)
    visit = Visit(chromium, path)
    before = visit.lines()
    visit.page.get_by_role("button", name="alpha 2 variants").click()
    visit.show("measured")
    visit.page.get_by_role("button", name="mini").click()
    visit.page.get_by_role("button", name="mini").click()
    visit.show("all")
    visit.page.locator("#search").press_sequentially("a")
    chosen = visit.lines()
    assert [name for _, _, name in chosen] == ["gamma", "beta", "alpha", "mean@2 · =cmd()", "mean@1 · dot"]
    link = visit.page.evaluate("location.hash")
    assert dict(parse_qsl(link[1:])).keys() == {"q", "rows", "view", "open", "sort", "way"}
    other = chromium.new_context(offline=True).new_page()
    other.goto(path.as_uri() + link)
    assert other.locator("#systems tbody tr").count() == 5
    assert other.locator("#search").input_value() == "a"
    assert other.locator("[aria-sort]").get_attribute("data-title") == "mini"
    assert other.locator("[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert other.locator("input[name=rows][value=measured]").is_checked()
    assert other.locator("#systems").get_attribute("data-view") == "all"
    other.context.close()
    for _ in range(6):
        visit.page.go_back()
    assert visit.lines() == before
    assert visit.page.evaluate("location.hash") == ""
    assert visit.page.locator("#search").input_value() == ""
    visit.page.go_forward()
    assert len(visit.lines()) == len(before) + 2
    visit.close()


def test_the_shown_data_are_downloaded_as_a_table_without_a_formula(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(0), tmp_path))
    visit.show("measured")
    with visit.page.expect_download() as waited:
        visit.page.get_by_role("button", name="CSV").click()
    assert waited.value.suggested_filename == "sample.csv"
    waited.value.save_as(tmp_path / "shown.csv")
    rows = list(csv.DictReader((tmp_path / "shown.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["Kind"], row["Model"], row["Rank"]) for row in rows] == [
        ("model", "alpha", "1"), ("variant", "alpha", ""), ("variant", "alpha", ""), ("model", "beta", "2"), ("model", "gamma", "3"),
    ]  # fmt: skip
    assert (rows[0]["Average"], rows[0]["Average low"], rows[0]["mini"]) == ("0.640625", "0.620625", "0.796875")
    assert (rows[2]["Similarity"], rows[2]["Flags"]) == ("'=cmd()", "leaked")
    visit.close()


def test_sorting_gives_the_right_order(chromium: Any, tmp_path: Path) -> None:
    shown = mixed()
    visit = Visit(chromium, written(shown, tmp_path))
    visit.show("systems")
    head = visit.page.get_by_role("columnheader", name="other")
    by_other = [row.fingerprint for row in sorted(shown.rows, key=lambda row: row.cells[1].figure or 0)]
    ids = {anchor(row): row.fingerprint for row in shown.rows}

    def in_view() -> list[str]:
        return [ids[row] for row in visit.page.evaluate("[...document.querySelectorAll('#systems tbody tr')].map(row => row.id)")]

    assert in_view() == [row.fingerprint for row in shown.rows]
    head.get_by_role("button", name="other").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert in_view() == by_other[::-1]
    head.get_by_role("button", name="other").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert in_view() == by_other
    visit.page.get_by_role("button", name="Model", exact=True).click()
    assert visit.names() == sorted(row.model for row in shown.rows)
    assert visit.page.locator("[aria-sort]").count() == 1
    visit.show("models")
    head.get_by_role("button", name="other").click()
    mains = sorted((row for row in shown.rows if row.main), key=lambda row: -(row.cells[1].figure or 0))
    assert visit.names() == [row.model for row in mains]
    visit.close()


def test_what_has_no_figure_is_sorted_last_both_ways(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(board(("alpha", "beta", "gamma"), missing=True), tmp_path))
    head = visit.page.get_by_role("columnheader", name="mini").get_by_role("button", name="mini")
    for expected in (["alpha", "beta", "gamma"], ["beta", "alpha", "gamma"]):
        head.click()
        assert visit.names() == expected
    visit.close()


def test_search_gives_the_right_count_and_opens_what_it_finds(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(mixed(), tmp_path))
    told = visit.page.locator("#count")
    assert told.inner_text() == "5 models"
    visit.page.fill("#search", "ENCODER-2")
    assert told.inner_text() == "1 of 5 models"
    assert visit.names() == ["encoder-2"]
    visit.page.fill("#search", "encoder-2 similarity-1")
    assert [kind for kind, _, _ in visit.lines()] == ["model", "variant", "variant"], "the model as it comes has another similarity"
    visit.show("systems")
    assert told.inner_text() == "2 of 30 systems"
    visit.page.fill("#search", "no such system")
    assert told.inner_text() == "0 of 30 systems"
    visit.close()


def test_a_row_tells_what_its_figures_rest_on_and_can_be_linked_to(chromium: Any, tmp_path: Path) -> None:
    path = written(board(), tmp_path)
    visit = Visit(chromium, path)
    visit.page.get_by_role("button", name="What the figures of beta rest on").focus()
    visit.page.keyboard.press("Enter")
    card = visit.page.locator("#card")
    assert card.is_visible()
    assert "beta|n:240|spearman:0.78125" in card.inner_text()
    link = visit.page.locator("#card-link").get_attribute("href")
    visit.page.keyboard.press("Escape")
    assert not card.is_visible()
    visit.page.evaluate("link => { location.hash = link }", link)
    visit.page.wait_for_selector("#card[open]")
    assert visit.page.locator("#card-name").inner_text() == "beta"
    visit.close()


@pytest.mark.parametrize("touch", [False, True], ids=["keyboard", "touch"])
def test_every_head_is_explained_on_demand(chromium: Any, tmp_path: Path, touch: bool) -> None:
    visit = Visit(chromium, written(beside(0), tmp_path), has_touch=touch, viewport={"width": 1440, "height": 900})
    visit.show("all")
    buttons = visit.page.locator("#systems thead .help")
    assert buttons.count() == visit.page.locator("#systems thead th").count()
    for place in (0, 3):
        button = buttons.nth(place)
        button.tap() if touch else button.press("Enter")
        told = visit.page.locator("#" + button.get_attribute("popovertarget"))
        assert told.is_visible()
        assert len(told.inner_text()) > 20
        box, screen = told.bounding_box(), visit.page.viewport_size
        assert 0 <= box["x"] <= screen["width"] - box["width"]
        visit.page.keyboard.press("Escape")
        assert not told.is_visible()
    visit.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_rows_are_at_most_forty_points_high(chromium: Any, tmp_path: Path, width: int) -> None:
    visit = Visit(chromium, written(beside(), tmp_path), viewport={"width": width, "height": 844})
    visit.page.locator("button.open").click()
    heights = visit.page.evaluate("[...document.querySelectorAll('#systems tbody tr')].map(row => row.getBoundingClientRect().height)")
    assert len(heights) == 12
    assert 20 < min(heights) <= max(heights) <= 40
    visit.close()


def test_on_a_phone_model_and_average_are_in_view(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(), tmp_path), viewport={"width": 390, "height": 844})
    boxes = visit.page.evaluate(
        "[...document.querySelectorAll('#systems tbody tr:not(.fold)')].flatMap(row => [row.querySelector('.name'), "
        "row.querySelector('.c-average span')].map(one => one.getBoundingClientRect()).map(box => [box.left, box.right, box.width]))"
    )
    assert len(boxes) == 2 * 9
    assert all(left >= 0 and right <= 390 and width > 20 for left, right, width in boxes)
    visit.close()


def test_on_a_phone_the_chart_fits_and_heat_maps_stack(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(mixed(), tmp_path), viewport={"width": 390, "height": 844})
    fits = "one => one.scrollWidth <= one.clientWidth + 1 && one.getBoundingClientRect().right <= innerWidth"
    assert visit.page.locator(".standing").evaluate(fits)
    assert all(box["width"] > 60 for box in (line.bounding_box() for line in visit.page.locator(".standing .track").all()))
    cells = [cell.bounding_box() for cell in visit.page.locator(".map td:not(:empty)").all()]
    assert cells
    assert all(box["x"] + box["width"] <= 390 for box in cells)
    visit.page.get_by_role("button", name="What the figures").first.click()
    assert visit.page.locator("#card").evaluate(fits)
    visit.close()


def test_the_first_screen_says_it_all(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(40), tmp_path), viewport={"width": 1440, "height": 900})
    parts = [visit.page.locator(part) for part in ("h1", ".compared", ".lead", ".standing")]
    for box in (part.bounding_box() for part in [*parts, *visit.page.locator("#systems tbody tr").all()[:10]]):
        assert 0 <= box["y"] <= 900 - box["height"]
    assert visit.page.locator("#systems").evaluate("one => one.scrollWidth <= one.parentElement.clientWidth + 1")
    visit.close()


def test_a_column_that_tells_no_model_from_another_is_hidden(chromium: Any, tmp_path: Path) -> None:
    shown = beside(0)
    rows = tuple(row.model_copy(update={"view": "", "similarity": "stsbench/cosine"}) if row.main else row for row in shown.rows)
    visit = Visit(chromium, written(shown.model_copy(update={"rows": rows}), tmp_path), viewport={"width": 1440, "height": 900})
    heads = visit.page.locator("#systems thead .which")
    assert heads.filter(visible=True).count() == 0
    visit.page.locator("button.open").click()
    assert heads.filter(visible=True).count() == 0
    briefs = visit.page.locator("#systems .variant .brief")
    assert briefs.filter(visible=True).all_inner_texts() == ["mean@1 · dot", "mean@2 · =cmd()"]
    visit.page.locator("#systems .variant .info").first.click()
    assert "Against the model as it comes\n-1.00" in visit.page.locator("#card").inner_text(), "a difference is no rank"
    visit.page.keyboard.press("Escape")
    visit.show("systems")
    assert heads.filter(visible=True).all_inner_texts() == ["Layer and pooling\n?", "Similarity\n?"]
    visit.close()


def test_figures_stand_below_each_other_also_where_none_is_on_the_scale(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(0), tmp_path), viewport={"width": 1440, "height": 900})
    assert visit.page.locator("#systems .bar:not(:has(.dot))").count() == 1
    right = "all => all.map(one => Math.round(one.getBoundingClientRect().right))"
    assert len(set(visit.page.locator("#systems tbody .c-average > span").evaluate_all(right))) == 1
    visit.close()


def test_a_flag_is_explained_where_it_is_clicked(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(beside(0), tmp_path), viewport={"width": 390, "height": 844})
    visit.page.locator("button.open").click()
    flag = visit.page.locator("#systems tbody i").first
    assert flag.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), "the flag is cut off"
    flag.click()
    assert "trained or fitted on gold scores of some of the pairs" in visit.page.locator("#card").inner_text()
    visit.close()


def test_names_hide_no_number_of_an_axis(chromium: Any, tmp_path: Path) -> None:
    shown = mixed()
    name = "the-best-encoder-v2"
    cheap = {"model": name, "encoder": f"dist/{name}", "facts": Facts(bytes_per_vector=8, texts_per_second=0.5)}
    rows = (shown.rows[0].model_copy(update=cheap), *shown.rows[1:])
    visit = Visit(chromium, written(shown.model_copy(update={"rows": rows}), tmp_path), viewport={"width": 1440, "height": 900})
    for chart in ("#cost-size", "#cost-speed"):
        texts = visit.page.locator(f"{chart} text")
        boxes = texts.evaluate_all(
            "all => all.map(one => [one.textContent, one.getBoundingClientRect()]).map(([a, b]) => [a, b.left, b.right])"
        )
        named = [left for text, left, _ in boxes if text == name]
        assert named
        assert min(named) >= min(right for text, _, right in boxes if re.fullmatch(r"\d+", text)), chart
    visit.close()


def test_a_picture_holds_its_labels_in_a_wider_font(chromium: Any, tmp_path: Path) -> None:
    """As where neither the font that widths were measured in nor one as wide is installed."""
    chart = intervals(beside())
    assert chart is not None
    path = tmp_path / "picture.svg"
    path.write_text(picture_svg(chart).replace(FONTS, "DejaVu Sans, Verdana, sans-serif"), encoding="utf-8")
    visit = Visit(chromium, path)
    edges = visit.page.evaluate("[...document.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect().left])")
    assert "12 published by others" in dict(edges)
    assert min(left for _, left in edges) >= 0
    visit.close()


def test_without_a_script_the_page_is_a_plain_table(chromium: Any, tmp_path: Path) -> None:
    path = written(beside(), tmp_path)
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    rows = page.locator("#systems tbody tr")
    assert rows.count() == 17
    assert all(rows.nth(place).is_visible() for place in (0, 5, 12, 16))
    assert not page.locator("form.controls input").first.is_visible()
    assert page.locator("form.controls h2").is_visible()
    context.close()


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


def test_on_a_phone_a_long_note_makes_no_row_tall(chromium: Any, tmp_path: Path) -> None:
    """What is out of view to the right, a note or the name of a configuration, would stretch rows that look empty."""
    note = "Train, trial and test pairs of SICK together (4,500 + 500 + 4,927); papers that follow SimCSE report the 4,927 test pairs."
    shown = mixed()
    columns = tuple(column.model_copy(update={"notes": (note,), "licence": "research use"}) for column in shown.columns)
    chosen = "all-MiniLM-L6-v2 (sentence-transformers) · manhattan"
    held = {"average": 0.6, "low": 0.5, "high": 0.7, "observed": 0.7, "optimism": 0.1, "share": 0.5}
    row = SelectedRow.model_validate({"label": "best view and similarity of MiniLM (bert)", "among": 34, "chosen": chosen, **held})
    shown = shown.model_copy(update={"columns": columns, "selected": (row,)})
    visit = Visit(chromium, written(shown, tmp_path), viewport={"width": 390, "height": 844})
    rows = visit.page.locator(".plain tbody tr")
    assert rows.count() == 3
    assert max(box["height"] for box in (line.bounding_box() for line in rows.all())) <= 80
    visit.page.locator(".scroll:has(.plain)").last.evaluate("one => { one.scrollLeft = 300 }")
    assert visit.page.locator(".plain tbody th").last.bounding_box()["x"] >= 0, "whose row it is, is out of view"
    visit.page.emulate_media(media="print")
    assert {line.evaluate("one => getComputedStyle(one.cells[0]).position") for line in rows.all()} == {"static"}
    sizes = "all => [...new Set(all.map(one => getComputedStyle(one).fontSize))]"
    assert visit.page.locator(".plain :is(td, th)").evaluate_all(sizes) == ["9px"], "as what stands around it on paper"
    visit.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_as_wide_as_the_screen(chromium: Any, tmp_path: Path, width: int) -> None:
    visit = Visit(chromium, written(mixed(), tmp_path), viewport={"width": width, "height": 844})
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    visit.close()


def test_the_figures_of_a_system_can_be_copied(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(board(), tmp_path), permissions=["clipboard-read", "clipboard-write"])
    visit.page.get_by_role("button", name="What the figures of alpha rest on").click()
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
    assert not any(control.is_visible() for control in visit.page.locator("input, fieldset, #download, .info, .help").all())
    assert visit.page.locator(".scroll.main").evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert visit.page.locator("#systems tbody tr").count() == 5
    assert not visit.page.locator("nav").is_visible()
    style = "(one, name) => getComputedStyle(one)[name]"
    assert visit.page.locator(".map td:not(:empty)").first.evaluate(style, "printColorAdjust") == "exact", (
        "figures on colours that are lost"
    )
    assert visit.page.locator("#systems thead").evaluate(style, "breakInside") == "avoid", "heads are on every page only if they are whole"
    assert {head.evaluate(style, "display") for head in visit.page.locator("#systems .sort").all()} == {"contents"}, "or without words"
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
    assert visit.page.locator("script").count() == 1
    assert visit.page.locator("#systems tbody tr").count() == len(ATTACKS)
    shown = visit.names()
    assert shown[0] == ATTACKS[0]
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", visit.page.locator("body").inner_text())
    for place in (0, 3, 9):
        visit.page.locator("button.info").nth(place).click()
        visit.page.keyboard.press("Escape")
    visit.page.locator("#systems thead button.sort").nth(1).click()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.close()


def test_thirty_thousand_rows_load_and_sort(chromium: Any, tmp_path: Path) -> None:
    visit = Visit(chromium, written(mixed(30_000), tmp_path))
    assert visit.page.locator("#count").inner_text() == "5 models"
    visit.show("systems")
    assert visit.page.locator("#count").inner_text() == "30,000 systems"
    head = visit.page.get_by_role("columnheader", name="mini").get_by_role("button", name="mini")
    first = visit.page.locator("#systems tbody td.c-spearman").first
    head.click()
    assert first.text_content() == "90.00"
    head.click()
    assert first.text_content() == "10.00"
    assert len(visit.names()) == 300
    visit.page.get_by_role("button", name="Show more").click()
    assert len(visit.names()) == 600
    visit.page.fill("#search", "encoder-2 similarity-1")
    assert visit.page.locator("#count").inner_text() == "2,000 of 30,000 systems"
    assert set(visit.names()) == {"encoder-2"}
    visit.close()
