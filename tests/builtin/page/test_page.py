"""The page as bytes: its policy, its escaping, its size, and that it is the same every time."""

import base64
import hashlib
import html as markup
import re
from html.parser import HTMLParser

import pytest

from stsbench.builtin.page import renderer
from stsbench.builtin.page.agreement import densities, panels
from stsbench.builtin.page.costs import costs
from stsbench.builtin.page.drawing import Chart, in_tags, page_svg, picture_png, picture_svg
from stsbench.builtin.page.grids import layers, similarities, transforms
from stsbench.builtin.page.naming import brief, source
from stsbench.builtin.page.opening import compared, cost, leading, newest, run
from stsbench.builtin.page.palette import DARK, LIGHT, VARIABLES
from stsbench.builtin.page.standings import Scale, intervals, ladder, scale_of
from stsbench.builtin.page.table import MOST_SIGNED, PageCell, PageRow, heads, lines
from stsbench.builtin.page.writer import HtmlWriter
from stsbench.contracts.boards.board import Cell, Facts, Leaderboard, Newest, PublishedRow, Row, SelectedRow
from stsbench.contracts.boards.statistics import Density, Diagram
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
                "view": views[place], "encoder": f"dist/encoder{place}" if place == 2 else "dist/encoder", "model": row.label[:5].strip(),
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
                "encoder": f"dist/{encoder}", "model": encoder, "view": view, "transforms": tuple(f"stsbench/{one}" for one in chain),
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
    page = rendered(known())
    elements = Document(page).elements
    pictures = [attributes for tag, attributes in elements if attributes.get("role") == "img"]
    grids_of = [chart for chart in (similarities(known()), transforms(known()), layers(known())) if chart]
    assert len(pictures) + len(grids_of) == sum(tag == "figure" for tag, _ in elements) - 1 > 2, "the chart on top is a list"
    assert sum(attributes.get("class") == "map" for _, attributes in elements) == sum(len(chart.maps) for chart in grids_of)
    assert all(len(attributes["aria-label"]) > 40 for attributes in pictures)


def cells_of(shown: Leaderboard, line: PageRow) -> dict[str, PageCell]:
    """The cells of a line by the titles of their columns."""
    return dict(zip((head.title for head in heads(shown)), line.cells, strict=True))


def test_numbers_of_a_line_stand_in_the_order_of_its_heads() -> None:
    shown = known()
    first, *_ = lines(shown)
    cells = cells_of(shown, first)
    assert (cells["Average"].text, cells["Average"].second, cells["Average"].low) == ("64.06", "62.06–65.06", "0.620625")
    assert cells["Rank set"].text == "1–2"
    assert cells["mini"].value == "0.796875"
    assert cells["Parameters"].text == "22.7 M"
    assert (cells["Texts a second"].text, cells["Texts a second"].value) == ("unknown", "")
    assert [cell.text for cell in first.names] == ["1", "alpha", "mean@1", "cosine"]
    assert "Rank" not in cells, "what says which row it is stands in front"


def test_charts_are_drawn_from_what_the_board_knows() -> None:
    shown = known()
    drawn = [chart for chart in (intervals(shown), similarities(shown), layers(shown), *costs(shown)) if chart]
    assert [chart.id for chart in drawn] == ["intervals", "similarities", "layers", "cost-size"]
    standing_picture, grid, layered, by_size = map(page_svg, drawn)
    assert standing_picture.count("<line") >= 3
    assert all(f">{percent(row.average)}</text>" in grid for row in shown.rows)
    assert all(f">{name}</text>" in layered for name in ("layer 1", "layer 2", "mean", "max"))
    assert "Bytes a vector" in by_size
    assert list(costs(board())) == []  # no row states a cost
    assert layers(board()) is None


def test_a_point_stands_for_every_row_that_states_its_cost() -> None:
    plain = known()
    variant = {"label": "seen", "model": "alpha", "main": False, "flags": ("leaked",), "average": 0.95}
    variant["facts"] = Facts(bytes_per_vector=48, texts_per_second=900.0)
    rows = (*plain.rows, plain.rows[0].model_copy(update=variant), plain.rows[0].model_copy(update={"facts": Facts(), "main": False}))
    (chart,) = costs(plain.model_copy(update={"rows": rows}))
    points = chart.spec["data"]["values"]
    assert sorted(point["cost"] for point in points) == [48, 1536, 3072, 4608]
    assert [point["kind"] for point in points if point["cost"] == 48] == ["gold"]
    assert "1 what" not in chart.caption
    assert "4 systems" in chart.caption
    assert chart.rows[-1][1:] == ("95.00", "48 B")
    assert chart.alternative.endswith("; the best, alpha · mean@1 · cosine, has 64.06."), "what has seen gold scores is not the best"


def test_sizes_of_one_model_are_joined_by_a_line() -> None:
    names = ("sentence", "sentence/64", "sentence/128", "mean@2/64")
    plain = grid(*(("small", view, (), "cosine") for view in names), ("other", "sentence", (), "cosine"))
    sizes = (1536, 256, 512, 256, 3072)
    rows = tuple(
        row.model_copy(update={"fingerprint": "f", "facts": Facts(bytes_per_vector=size)})
        for row, size in zip(plain.rows, sizes, strict=True)
    )
    (chart,) = costs(plain.model_copy(update={"rows": rows}))
    joined = {point["cost"] for point in chart.spec["data"]["values"] if point["line"]}
    assert joined == {1536, 256, 512}
    assert len({point["line"] for point in chart.spec["data"]["values"]}) == 2, "one line, and none"
    assert "a line: sizes of one model" in chart.caption
    (line,) = re.findall(r'<path d="M([^"A]*)"', page_svg(chart))
    assert len(line.split("L")) == 3, "from the smallest to the largest"
    (alone,) = costs(plain.model_copy(update={"rows": (rows[0], rows[4])}))
    assert "line" not in alone.caption


def test_an_interval_bar_has_its_dot_between_its_ends() -> None:
    bars = [cell.bar for line in lines(known()) for cell in line.cells if cell.bar]
    assert len(bars) == 3
    assert all(bar[0] is not None and bar[2] is not None and bar[0] < bar[1] < bar[2] for bar in bars)
    assert [bar[1] for bar in bars] == sorted((bar[1] for bar in bars), reverse=True)


def averaging(averages: tuple[float, ...], others: tuple[float, ...] = ()) -> Leaderboard:
    """A board of models with these averages, beside others that were published."""
    plain = board(tuple(f"model {place}" for place in range(len(averages))))
    rows = tuple(row.model_copy(update={"average": average}) for row, average in zip(plain.rows, averages, strict=True))
    missing = (Cell(status="missing"), Cell(status="missing"))
    published = tuple(
        PublishedRow(label=f"other {place}", source="Table 2", average=average, cells=missing, flags=("published",))
        for place, average in enumerate(others)
    )
    return plain.model_copy(update={"rows": rows, "published": published})


def test_what_lies_far_below_all_others_is_off_the_scale() -> None:
    shown = averaging((0.8, 0.75, 0.7, 0.66, 0.08), (0.9, 0.7, 0.3))
    assert scale_of(shown) == Scale(0.66, 0.9)
    drawn = ladder(shown)
    assert drawn is not None
    assert [line.bar and line.bar[1] for line in drawn.lines] == [58.0, 38.0, 18.0, 2.0, None]
    assert [line.figure for line in drawn.lines] == ["80.00", "75.00", "70.00", "66.00", "8.00"]
    assert drawn.ticks == ((18.0, "70"), (38.0, "75"), (58.0, "80"), (78.0, "85"), (98.0, "90"))
    assert drawn.strip is not None
    assert (drawn.strip.number, drawn.strip.below, drawn.strip.marks) == (3, 1, ((18.0, 0), (98.0, 0)))
    assert (drawn.strip.lowest, drawn.strip.highest) == ("other 2 30.00", "other 0 90.00")
    assert ladder(averaging((0.5,))) is not None
    assert ladder(board((), missing=False)) is None


def first_words(averages: tuple[float, ...], others: tuple[float, ...] = (), **update: float) -> str:
    """The sentence on who leads, of a board whose best row has these values besides."""
    shown = averaging(averages, others)
    rows = (shown.rows[0].model_copy(update=update), *shown.rows[1:])
    return leading(shown.model_copy(update={"rows": rows}))


def test_the_first_sentences_say_who_leads_how_surely_and_where_others_stand() -> None:
    limits = {"low": 0.78, "high": 0.82}
    assert first_words((0.8,)) == "One model is measured here, model 0, with 80.00."
    assert first_words((0.8, 0.7), (), **limits) == "Of 2 models measured here, model 0 leads with 80.00 (95 % interval 78.00 to 82.00)."
    assert first_words((0.8, 0.7), (0.9, 0.85, 0.6)) == (
        "Of 2 models measured here, model 0 leads with 80.00. "
        "Of 3 models that others measured, which have no rank here, 2 stand higher, up to 90.00 (other 0)."
    )
    assert first_words((0.8, 0.7), (0.9, 0.6)).endswith(
        " 2 models that others measured, which have no rank here, one stands higher, with 90.00 (other 0)."
    )
    assert first_words((0.8, 0.7), (0.6,)).endswith(" leads with 80.00. None of 1 model that others measured stands higher.")
    assert "model 0 and model 1 lead with 80.00" in first_words((0.8, 0.8, 0.7), rank=2)
    assert leading(board((), missing=False)) == "No model that is ranked has a figure on every benchmark yet."
    leaked = averaging((0.9, 0.8))
    rows = (leaked.rows[0].model_copy(update={"flags": ("leaked",), "rank": None}), leaked.rows[1].model_copy(update={"rank": 1}))
    assert leading(leaked.model_copy(update={"rows": rows})) == "One model is measured here, model 1, with 80.00."


@pytest.mark.parametrize(
    ("ranks", "told"),
    [
        ((1, 2, 2), ", and its lead over all the others is more than chance."),
        ((1, 1, 2), ". The data do not exclude that model 1 is as good or better."),
        ((1, 1, 1), ". The data do not exclude that model 1 and model 2 are as good or better."),
        ((None, None, None), "."),
    ],
)
def test_the_first_sentences_doubt_a_lead_as_far_as_the_data_do(ranks: tuple[int | None, ...], told: str) -> None:
    shown = averaging((0.8, 0.7, 0.6))
    rows = tuple(row.model_copy(update={"best_rank": best}) for row, best in zip(shown.rows, ranks, strict=True))
    assert leading(shown.model_copy(update={"rows": rows})) == f"Of 3 models measured here, model 0 leads with 80.00{told}"


def test_a_page_says_what_is_compared_at_what_cost_and_when_it_was_measured() -> None:
    shown = averaging((0.8, 0.7), (0.9,))
    assert compared(shown) == (
        "How well models judge how alike the two of a pair are in meaning, on 2 benchmarks (480 pairs). "
        "Spearman correlation × 100 with human judgement: higher is better, at most 100."
    )
    assert cost(shown) == ""
    facts = Facts(dimension=384, bytes_per_vector=1536, parameters=22_713_216, texts_per_second=171.0, device="cpu")
    rows = (shown.rows[0].model_copy(update={"facts": facts}), shown.rows[1])
    assert cost(shown.model_copy(update={"rows": rows})) == (
        "What model 0 costs: 384 dimensions (1.5 KiB a vector), 22.7 M parameters, 171 texts a second on cpu."
    )
    assert newest(shown) == ""
    made = Newest(date="2026-11-26T02:38:12+00:00", versions={"numpy": "2.4.6", "stsbench": "0.1.0", "typer": "0.29.2"})
    assert newest(shown.model_copy(update={"newest": made})) == "Newest record 2026-11-26, stsbench 0.1.0, numpy 2.4.6."


def test_the_command_that_adds_a_model_is_that_of_the_board() -> None:
    shown = board()
    assert run(shown) == "stsbench run -e sentence-transformers:YOUR/MODEL -b mini -b other"
    spec = shown.spec.model_copy(update={"primary": "stsbench/dot", "benchmarks": ("STS17/en-en", "csv:a b.csv")})
    assert run(shown.model_copy(update={"spec": spec})) == (
        "stsbench run -e sentence-transformers:YOUR/MODEL -b STS17/en-en -b 'csv:a b.csv' -s stsbench/dot"
    )


def test_what_a_command_keeps_back_of_a_private_file_is_explained() -> None:
    shown = board()
    hidden = shown.spec.model_copy(update={"benchmarks": ("csv:~,left=~,name=own",)})
    pages = [HtmlWriter().render(one)["index.html"].decode() for one in (shown, shown.model_copy(update={"spec": hidden}))]
    assert ["<code>~</code> stands for what the board keeps to itself" in page for page in pages] == [False, True]


def test_the_bar_of_an_outlier_ends_at_the_edge_of_the_picture() -> None:
    averages = (0.8, 0.79, 0.78, 0.77, 0.5)
    plain = averaging(averages)
    limits = [{"low": average - 0.35, "high": average + 0.05} for average in averages]
    rows = tuple(row.model_copy(update=update) for row, update in zip(plain.rows, limits, strict=True))
    shown = plain.model_copy(update={"rows": rows})
    chart = intervals(shown)
    assert chart is not None
    assert min(value["low"] for value in chart.spec["data"]["values"]) == pytest.approx(42), "0.77 less 0.35; of 0.5 it would be 15"
    assert min(value["average"] for value in chart.spec["data"]["values"]) == pytest.approx(50)


def test_pictures_stand_alone_and_hold_no_marker_colour() -> None:
    chart = intervals(known())
    assert chart is not None
    svg = picture_svg(chart)
    assert "var(" not in svg
    assert "#a000" not in svg
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


def test_what_others_published_stands_among_the_models_and_what_choosing_comes_to_apart() -> None:
    shown = rich()
    other = shown.published[0].model_copy(update={"average": 0.63})
    shown = shown.model_copy(update={"published": (other,)})
    told = text_of(rendered(shown))
    assert "best of all 3 63.12 61.00–65.00 0.94 alpha · mean@1 · cosine 64.06 59 %" in told
    assert "Best configuration, held out" in told
    assert "not ranked" in told
    assert [(line.kind, line.names[1].text, line.names[0].text) for line in lines(shown)] == [
        ("model", "alpha", "1"), ("published", "a model", "–"), ("model", "beta", "2"), ("model", "gamma", "3"),
    ]  # fmt: skip
    assert dict(lines(shown)[1].more) == {"Source": "Table 2"}
    assert cells_of(shown, lines(shown)[1])["mini"].second == "84.00–91.00"
    plain = text_of(rendered(known()))
    assert "Hollow" not in plain
    assert "held out" not in plain


def test_a_model_has_its_variants_behind_it_with_what_they_differ_by() -> None:
    plain = known()
    first, second, third = plain.rows
    variant = second.model_copy(update={"model": "alpha", "main": False, "rank": None, "difference": -0.015625})
    shown = plain.model_copy(update={"rows": (first, variant, third)})
    assert [(line.kind, line.model, line.variants, line.gap) for line in lines(shown)] == [
        ("model", 0, 1, ""), ("variant", 0, 1, "-1.56"), ("model", 1, 0, ""),
    ]  # fmt: skip
    assert lines(shown)[1].brief == "max@2 · cosine"
    ranked = plain.model_copy(update={"rows": (first, variant.model_copy(update={"rank": 2}), third)})
    assert [line.kind for line in lines(ranked)] == ["model"] * 3, "what is ranked stands in the table itself"


def test_a_line_has_its_further_averages_its_likes_and_its_interval_by_texts() -> None:
    shown = rich()
    first, second = (line for line in lines(shown) if line.names[1].text in ("alpha", "beta"))
    cells = cells_of(shown, first)
    assert (cells["Fisher-z mean"].text, cells["Borda"].text, cells["Letters"].text, cells["Best"].text) == ("66.12", "1.5", "ab", "75.0%")
    assert (cells["mini"].second, cells["mini"].third, cells["mini"].mark) == ("75.00–85.00", "texts 71.00–88.00", "†")
    assert cells["other"].mark == ""
    assert ("Ranks all pairs as", "beta · max@2 · cosine") in first.more
    assert ("Flag leaked on", "mini") in first.more
    assert cells_of(shown, second)["Borda"].text == "–"
    assert {head.title for head in heads(board())}.isdisjoint({"Fisher-z mean", "Borda", "Letters", "Best"})


def test_every_head_has_help() -> None:
    shown = rich()
    elements = Document(rendered(shown)).elements
    columns = [attributes for tag, attributes in elements if tag == "th" and "data-title" in attributes]
    buttons = [attributes["popovertarget"] for _, attributes in elements if attributes.get("class") == "help"]
    assert len(columns) == len(buttons) > 15
    assert {attributes["id"] for _, attributes in elements if "popover" in attributes} == set(buttons)


def test_only_the_flags_of_the_board_are_explained() -> None:
    told = text_of(rendered(rich()))
    assert "leaked trained or fitted on gold scores of some of the pairs" in told
    assert "transductive" not in told


def test_every_signature_is_told_unless_they_are_too_many() -> None:
    def signed(shown: Leaderboard) -> int:
        return sum(name.startswith("Signature") for line in lines(shown) for name, _ in line.more)

    assert signed(board()) == 4
    many = MOST_SIGNED // 2 + 1
    assert signed(board(tuple(f"system {place}" for place in range(many)))) == many


def test_names_are_told_briefly_where_they_stay_unlike() -> None:
    shown = grid(
        ("a · b", "mean@6", ("whiten,k=64",), "cosine"), ("a · b", "sentence", (), "cosine"), ("tfidf", "pair", (), ""),
        ("c", "sentence", (), "cosine"), ("c", "sentence", (), "dot"),
    )  # fmt: skip
    assert source(shown.rows[0], transforms=False) == "a · b · mean@6"
    assert source(shown.rows[1].model_copy(update={"loader": "bert"})) == "a · b · bert"
    assert brief(shown.rows) == ["a · b · mean@6 · whiten,k=64", "a · b", "tfidf", "c · cosine", "c · dot"]


def places(chart: Chart | None) -> list[set[tuple[str, str]]]:
    """The lines and columns of each map of a chart that have a figure."""
    assert chart is not None
    return [
        {(line, column) for line, cells in one.lines for column, cell in zip(one.heads[1:], cells, strict=True) if cell}
        for one in chart.maps
    ]


def test_a_map_has_a_figure_nearly_everywhere() -> None:
    shown = grid(
        ("a", "sentence", (), "cosine"), ("b", "sentence", (), "cosine"), ("a", "sentence", (), "dot"), ("b", "sentence", (), "dot"),
        ("a", "sentence", (), "angular"), ("a", "tokens", (), "maxsim"), ("a", "tokens", (), "bertscore"),
        ("a", "sentence", ("whiten",), "cosine"), ("tfidf", "pair", (), ""),
    )  # fmt: skip
    assert places(similarities(shown)) == [
        {("cosine", "a"), ("cosine", "b"), ("dot", "a"), ("dot", "b"), ("angular", "a")},
        {("maxsim", "a · tokens"), ("bertscore", "a · tokens")},
    ]
    wide = grid(*((name, "sentence", (), "cosine") for name in "abcd"), ("a", "sentence", (), "dot"), ("a", "sentence", (), "angular"))
    assert places(similarities(wide)) == [{("cosine", name) for name in "abcd"}, {("dot", "a"), ("angular", "a")}]
    many = [(name, "sentence", (), f"similarity-{place}") for place in range(6) for name in "abcd"]
    sparse = grid(*many, ("a", "sentence", (), "dot"))
    assert [len(one) for one in places(similarities(sparse))] == [24, 1], "25 of 28 places are filled, and 1 of the last 4"
    changed = transforms(shown)
    assert changed is not None
    assert [one.lines for one in changed.maps] == [
        (("as they are", ((percent(shown.rows[0].average), 3),)), ("whiten", ((percent(shown.rows[7].average), 0),)))
    ]
    assert changed.maps[0].heads == ("Transform", "a")
    assert transforms(known()) is None


def test_what_has_seen_gold_scores_is_in_no_map() -> None:
    plain = known()
    rows = (plain.rows[0].model_copy(update={"flags": ("supervised",)}), *plain.rows[1:])
    assert places(similarities(plain)) == [{("cosine", "alpha · mean@1"), ("cosine", "beta · max@2"), ("cosine", "gamma · mean@2")}]
    assert places(similarities(plain.model_copy(update={"rows": rows}))) == [{("cosine", "beta · max@2"), ("cosine", "gamma · mean@2")}]


def drawn(row: Row, *sizes: tuple[str, int]) -> Diagram:
    """The diagram of a row on benchmarks of these sizes."""
    kept = [Density(benchmark=f"{name}@plain", n=n, gold=(0, 5), score=(0, 1), bins=2, counts=((0, 0, n),), worst=()) for name, n in sizes]
    return Diagram(**row.system._asdict(), record="0" * 16, densities=tuple(kept), groups=())


def test_a_page_has_three_panels_of_gold_at_most() -> None:
    plain = board(("alpha", "beta", "gamma", "delta"))
    diagrams = tuple(drawn(row, ("mini", 280), ("other", 900)) for row in plain.rows)
    shown = plain.model_copy(update={"diagrams": diagrams})
    chart = panels(shown)
    assert chart is not None
    assert (chart.title, {value["system"] for value in chart.spec["data"]["values"]}) == ("other", {"1. alpha", "2. beta", "3. gamma"})
    assert len(list(densities(shown))) == 2, "as pictures there are all"
    assert rendered(shown).count('id="gold-') == 1
    assert panels(plain) is None


def test_a_board_of_173_published_models_is_a_small_page() -> None:
    averages = tuple(0.9 - place / 1000 for place in range(173))
    shown = averaging((0.8, 0.7), averages)
    page = rendered(shown)
    assert len(page) < 500_000
    assert page.count('class="published"') == 173


def test_a_board_of_one_model_says_so_and_offers_no_choice_that_is_none() -> None:
    page = rendered(averaging((0.8,)))
    assert ">1 model</span>" in page
    assert 'value="systems"' not in page
    assert "95 % interval" not in text_of(page.partition("<script>")[0]), "no interval is known"
    assert 'value="measured"' not in page
