"""The page as bytes: its policy, its escaping, its size, and that it is the same every time."""

import base64
import hashlib
import html as markup
import re
from html.parser import HTMLParser

import pytest

from stsbench.builtin.page import drawing
from stsbench.builtin.page.drawing import in_tags, page_svg, picture_png, picture_svg
from stsbench.builtin.page.palette import DARK, LIGHT, VARIABLES
from stsbench.builtin.page.standings import costs, intervals, layers, similarities
from stsbench.builtin.page.table import heads, lines
from stsbench.builtin.page.wording import count, percent, rank_set, size, span
from stsbench.builtin.page.writer import html
from stsbench.contracts.board import Facts, Leaderboard
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
    (data,) = html().render(shown).values()
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


@pytest.mark.parametrize("shown", [board(), board((), missing=False), hostile(), known()], ids=["plain", "empty", "hostile", "known"])
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
    assert found["Ranks"].text == "1–2"
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
    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=re.escape("run: pip install 'stsbench[html]'")):
        html().render(board())
