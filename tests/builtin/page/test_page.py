"""The page as bytes: its policy, its escaping, its size, and that it is the same every time."""

import base64
import hashlib
import html as markup
import re
from html.parser import HTMLParser

import pytest

from stsbench.builtin.page import renderer
from stsbench.builtin.page.drawing import in_tags, page_svg, picture_png, picture_svg
from stsbench.builtin.page.grids import layers, similarities, transforms
from stsbench.builtin.page.naming import brief, halves, source
from stsbench.builtin.page.palette import DARK, LIGHT, VARIABLES
from stsbench.builtin.page.standings import costs, intervals
from stsbench.builtin.page.table import MOST_SIGNED, heads, lines
from stsbench.builtin.page.writer import HtmlWriter
from stsbench.contracts.board import Cell, Facts, Leaderboard, PublishedRow, SelectedRow
from stsbench.contracts.figures import count, percent, rank_set, size, span
from stsbench.errors import MissingExtra
from stsbench.testing.boards import board, hostile

VOID = {"meta", "input", "br", "path", "circle", "line", "rect", "img", "link"}


class Document(HTMLParser):
    """The elements of a page: tag, attributes; and that every one is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def rendered(shown: Leaderboard) -> str:
    (data,) = HtmlWriter().render(shown).values()
    return data.decode()


def known() -> Leaderboard:
    """A board whose rows have intervals and facts."""
    plain = board(("alpha · mean@1 · cosine", "beta · max@2 · cosine", "gamma · mean@2 · cosine"))
    views = ("mean@1", "max@2", "mean@2")
    rows = [
        row.model_copy(
            update={
                "view": views[place], "encoder": f"dist/encoder{place}" if place == 2 else "dist/encoder",
                "low": (row.average or 0) - 0.02, "high": (row.average or 0) + 0.01, "best_rank": 1, "worst_rank": 2, "letters": "ab",
                "facts": Facts(dimension=384, bytes_per_vector=1536 * (place + 1), parameters=22_713_216, licence="MIT"),
            }
        )
        for place, row in enumerate(plain.rows)
    ]  # fmt: skip
    return plain.model_copy(update={"rows": tuple(rows)})


def rich() -> Leaderboard:
    """A board with published and selected rows, further averages, systems alike, intervals by texts, and flags on one benchmark."""
    plain = known()
    first, second, third = plain.rows
    told = first.cells[0].model_copy(update={"low": 0.75, "high": 0.85, "texts_low": 0.71, "texts_high": 0.88, "flags": ("leaked",)})
    first = first.model_copy(
        update={
            "cells": (told, first.cells[1]), "flags": ("leaked", "supervised"), "alike": (second.label,), "chance_of_best": 0.75,
            "aggregates": {"fisher-z": 0.6612, "borda": 1.5},
        }
    )  # fmt: skip
    chosen = SelectedRow(
        label="best of all", among=3, chosen=first.label, share=0.59, observed=0.6406, average=0.6312, low=0.61, high=0.65, optimism=0.0094
    )
    figure = Cell(status="ok", figures={"spearman": 0.8765}, n=240, flags=("published",), low=0.84, high=0.91)
    other = PublishedRow(label="a model", source="Table 2", average=None, cells=(figure, Cell(status="missing")), flags=("published",))
    return plain.model_copy(update={"rows": (first, second, third), "selected": (chosen,), "published": (other,)})


def grid(*systems: tuple[str, str, tuple[str, ...], str]) -> Leaderboard:
    """A board whose rows are these systems: encoder, view, transforms, similarity."""
    labels = [" · ".join(filter(None, [one, view if view != "sentence" else "", *chain, last])) for one, view, chain, last in systems]
    plain = board(tuple(labels))
    rows = [
        row.model_copy(
            update={
                "encoder": f"dist/{encoder}", "view": view, "transforms": tuple(f"stsbench/{one}" for one in chain),
                "similarity": f"stsbench/{similarity}" if similarity else "", "primary": similarity in ("", "cosine"),
            }
        )
        for row, (encoder, view, chain, similarity) in zip(plain.rows, systems, strict=True)
    ]  # fmt: skip
    return plain.model_copy(update={"rows": tuple(rows)})


@pytest.mark.parametrize(
    "shown",
    [board(), board((), missing=False), hostile(), known(), rich()],
    ids=["plain", "empty", "hostile", "known", "rich"],
)
def test_the_page_is_well_formed_and_the_same_twice(shown: Leaderboard) -> None:
    page = rendered(shown)
    document = Document(page)
    assert not document.open
    identifiers = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert page == rendered(shown)


def test_the_policy_names_the_hash_of_the_only_script_and_of_the_only_style_sheet() -> None:
    page = rendered(hostile())
    document = Document(page)
    policy = next(
        attributes["content"] for tag, attributes in document.elements if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    for name in ("script", "style"):
        (text,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "*" not in policy


def test_nothing_in_a_page_loads_runs_or_styles_on_its_own() -> None:
    for tag, attributes in Document(rendered(hostile())).elements:
        assert tag not in {"img", "link", "iframe", "object", "embed", "base", "use", "image"}
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "xlink:href"}]
        assert attributes.get("href", "#").startswith("#")


def test_every_figure_has_words_for_those_who_do_not_see_it() -> None:
    elements = Document(rendered(known())).elements
    figures = [attributes for tag, attributes in elements if attributes.get("role") == "img"]
    assert len(figures) == sum(tag == "figure" for tag, _ in elements) > 2
    assert all(len(attributes["aria-label"]) > 40 for attributes in figures)


def test_numbers_of_a_line_stand_in_the_order_of_its_heads() -> None:
    shown = known()
    (first, *_), encoders, chosen = lines(shown)
    found = dict(zip((head.title for head in heads(shown)), first.cells, strict=True))
    assert found["Average"].text == "64.06"
    assert found["Average"].second == "62.06–65.06"
    assert found["Rank set"].text == "1–2"
    assert found["mini"].value == "0.796875"
    assert found["Parameters"].text == "22.7 M"
    assert (found["Texts a second"].text, found["Texts a second"].value) == ("unknown", "")
    assert encoders == ("encoder", "encoder2")
    assert chosen == ("cosine",)


def test_charts_are_drawn_from_what_the_board_knows() -> None:
    shown = known()
    drawn = [chart for draw in (intervals, similarities, layers, costs) if (chart := draw(shown))]
    assert [chart.id for chart in drawn] == ["intervals", "similarities", "layers", "costs"]
    standing, grid, layered, cost = map(page_svg, drawn)
    assert standing.count("stroke-linecap") or standing.count("<line") >= 3
    assert all(f">{percent(row.average)}</text>" in grid for row in shown.rows)
    assert all(f">{name}</text>" in layered for name in ("layer 1", "layer 2", "mean", "max"))
    assert "Bytes a vector" in cost
    assert costs(board()) is None  # no row states a cost
    assert layers(board()) is None


def test_an_interval_bar_has_its_dot_between_its_ends() -> None:
    found, _, _ = lines(known())
    bars = [next(cell.bar for cell in line.cells if cell.bar) for line in found]
    assert all(bar is not None and bar[0] < bar[1] < bar[2] for bar in bars)
    assert [bar[1] for bar in bars if bar] == sorted((bar[1] for bar in bars if bar), reverse=True)


def test_pictures_stand_alone_and_hold_no_marker_colour() -> None:
    chart = intervals(known())
    assert chart is not None
    svg = picture_svg(chart)
    assert "var(" not in svg
    assert "#a0000" not in svg
    assert markup.escape(chart.alternative) in svg
    assert LIGHT["accent"] in svg
    assert "var(--accent)" in page_svg(chart)
    assert picture_png(chart).startswith(b"\x89PNG")


def test_names_are_left_alone_where_tags_are_changed() -> None:
    assert in_tags('<text fill="a">fill="a" 3.14159</text>', lambda tag: tag.replace('fill="a"', "")) == '<text >fill="a" 3.14159</text>'


def test_both_schemes_give_every_colour() -> None:
    assert set(LIGHT) == set(DARK) == set(VARIABLES.values())


def test_text_on_every_step_can_be_read() -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), in both schemes."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for scheme in (LIGHT, DARK):
        pairs = [(f"on-ramp-{step}", f"ramp-{step}") for step in range(7)] + [
            ("ink", "paper"),
            ("soft", "paper"),
            ("soft", "faint"),
            ("accent", "paper"),
        ]
        for front, back in pairs:
            one, other = sorted((luminance(scheme[front]), luminance(scheme[back])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (front, back, scheme is DARK)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (percent(0.785), "78.50"), (percent(None), "–"), (percent(-0.0000001), "0.00"), (span(0.1, None), ""), (rank_set(3, 3), "3"),
        (count(22_713_216), "22.7 M"), (count(950), "950"), (count(12_345), "12.3 k"), (count(None), "unknown"), (size(1536), "1.5 KiB"),
        (size(512), "512 B"), (size(2**30), "1 GiB"),
    ],
)  # fmt: skip
def test_wording(told: str, expected: str) -> None:
    assert told == expected


def test_without_the_extra_one_sentence_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=re.escape("run: pip install 'stsbench[html]'")):
        HtmlWriter().render(board())


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", markup.unescape(re.sub(r"<[^<>]+>", " ", page)))


def test_what_choosing_comes_to_and_what_others_published_stand_apart_from_the_ranking() -> None:
    told = text_of(rendered(rich()))
    assert "best of all 3 63.12 61.00–65.00 0.94 alpha · mean@1 · cosine 64.06 59 %" in told
    assert "a model published – 87.65 84.00–91.00 – Table 2" in told
    assert "not ranked" in told
    assert told.index("All systems") < told.index("Published elsewhere")
    plain = text_of(rendered(known()))
    assert "Published elsewhere" not in plain
    assert "best of the grid" not in plain


def test_a_line_has_its_further_averages_its_likes_and_its_interval_by_texts() -> None:
    shown = rich()
    (first, second, _), _, _ = lines(shown)
    found = dict(zip((head.title for head in heads(shown)), first.cells, strict=True))
    assert (found["Fisher-z mean"].text, found["Borda"].text, found["Letters"].text, found["Best"].text) == ("66.12", "1.5", "ab", "75.0%")
    assert (found["mini"].second, found["mini"].third, found["mini"].mark) == ("75.00–85.00", "texts 71.00–88.00", "†")
    assert found["other"].mark == ""
    assert first.alike == ("beta · max@2 · cosine",)
    assert ("Flag leaked on", "mini") in first.more
    assert dict(zip((head.title for head in heads(shown)), second.cells, strict=True))["Borda"].text == "–"
    assert {head.title for head in heads(board())}.isdisjoint({"Fisher-z mean", "Borda", "Letters", "Best"})


def test_only_the_flags_of_the_board_are_explained() -> None:
    told = text_of(rendered(rich()))
    assert "leaked trained or fitted on gold scores of some of the pairs" in told
    assert "transductive" not in told


def test_every_signature_is_told_unless_they_are_too_many() -> None:
    def signed(shown: Leaderboard) -> int:
        return sum(name.startswith("Signature") for line in lines(shown)[0] for name, _ in line.more)

    assert signed(board()) == 4
    many = MOST_SIGNED // 2 + 1
    assert signed(board(tuple(f"system {place}" for place in range(many)))) == many


def test_names_are_told_in_halves_and_briefly_where_they_stay_unlike() -> None:
    shown = grid(
        ("a · b", "mean@6", ("whiten,k=64",), "cosine"), ("a · b", "sentence", (), "cosine"), ("tfidf", "pair", (), ""),
        ("c", "sentence", (), "cosine"), ("c", "sentence", (), "dot"),
    )  # fmt: skip
    assert halves(shown.rows[0]) == ("a · b", "mean@6 · whiten,k=64 · cosine")
    assert halves(shown.rows[2]) == ("tfidf", "pair")
    assert source(shown.rows[0], transforms=False) == "a · b · mean@6"
    assert brief(shown.rows) == ["a · b · mean@6 · whiten,k=64", "a · b", "tfidf", "c · cosine", "c · dot"]


def test_similarities_that_read_different_things_have_maps_of_their_own() -> None:
    shown = grid(
        ("a", "sentence", (), "cosine"), ("b", "sentence", (), "cosine"), ("a", "sentence", (), "dot"), ("a", "sentence", (), "ridge"),
        ("a", "tokens", (), "maxsim"), ("a", "tokens", (), "bertscore"), ("a", "sentence", ("whiten",), "cosine"), ("tfidf", "pair", (), ""),
    )  # fmt: skip
    chart = similarities(shown)
    assert chart is not None
    maps = [{(one["line"], one["column"]) for one in part["data"]["values"]} for part in chart.spec["hconcat"]]
    assert maps == [
        {("cosine", "a"), ("cosine", "b"), ("dot", "a"), ("ridge", "a")},
        {("maxsim", "a · tokens"), ("bertscore", "a · tokens")},
    ]
    changed = transforms(shown)
    assert changed is not None
    assert changed.rows == (("as they are", percent(shown.rows[0].average)), ("whiten", percent(shown.rows[6].average)))
    assert changed.header == ("Transform", "a")
    assert transforms(known()) is None


def test_a_figure_that_has_seen_gold_scores_is_marked_in_the_map() -> None:
    plain = known()
    rows = (plain.rows[0].model_copy(update={"flags": ("supervised",)}), *plain.rows[1:])
    chart = similarities(plain.model_copy(update={"rows": rows}))
    assert chart is not None
    assert chart.caption.endswith("† has seen gold scores.")
    assert sum(text.endswith("†") for row in chart.rows for text in row) == 1
