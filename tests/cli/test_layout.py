"""Tables at any width: every cell is there, whole, beside its names."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stsbench.cli.printing.layout import lay_out, wrap
from stsbench.cli.showing import prose

HEADER = ("system", "benchmark", "difference", "p (max-T)", "flags")
ROWS = (
    ("sentence-transformers:all-MiniLM-L6-v2,truncate_dim=128 · sentence · soft-cosine", "STSBenchmark", "-24.03", "<0.0001", "leaked"),
    ("wordllama cosine", "mini: negation and other words", "100.00", "0.0002", ""),
)


@pytest.mark.parametrize("width", [30, 45, 60, 80, 100, 160])
def test_no_figure_is_cut_and_no_column_is_left_out(width: int) -> None:
    blocks = list(lay_out(HEADER, ROWS, 2, width))
    heads = " ".join(word for head, _ in blocks for line in head for word in line.split())
    assert all(word in heads for name in HEADER for word in name.split())
    body = [line for _, lines in blocks for line in lines]
    for figure in ("-24.03", "100.00", "<0.0001", "0.0002", "leaked"):
        assert [line for line in body if figure in line.split()], (width, figure)
    words = {part for row in ROWS for name in row[:2] for part in re.split(r"[\s,/:@+=·|]+", name)}
    printed = {part for line in body for part in re.split(r"[\s,/:@+=·|]+", line)}
    assert words <= printed  # none is broken
    if width >= 60:
        assert max(map(len, body)) <= width


def test_names_stand_first_in_every_block() -> None:
    blocks = list(lay_out(HEADER, ROWS, 2, 45))
    assert len(blocks) > 1
    assert all(head[0].startswith("system") and body[0].startswith("sentence-transformers:") for head, body in blocks)


def test_a_table_that_fits_is_one_block_of_one_line_a_row() -> None:
    ((head, body),) = lay_out(HEADER, ROWS, 2, 160)
    assert len(head) == 1
    assert head[0].split() == " ".join(HEADER).split()
    assert [line.split()[-2:] for line in body] == [["<0.0001", "leaked"], ["100.00", "0.0002"]]
    assert body[0].rindex("<0.0001") + 7 == body[1].rindex("0.0002") + 6 == head[0].rindex("(max-T)") + 7  # set to the right


def test_wide_characters_take_two_places() -> None:
    ((_, body),) = lay_out(("name", "n"), [("日本", "1"), ("ab", "22")], 1, 80)
    assert body == ["日本   1", "ab    22"]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab ,/:·é日", max_size=60), st.integers(min_value=1, max_value=30))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


def test_rows_of_words_take_the_whole_width() -> None:
    rows = [
        ("STSBenchmark", "stsbench 0.1.0", "8,628 pairs (train, validation, test), eng-Latn; the task STSBenchmark of mteb."),
        ("mini", "x 1", "ours"),
    ]
    ((_, body),) = lay_out(["", "", ""], rows, 3, 80)
    assert all(line.startswith("STSBenchmark  stsbench 0.1.0  8,628 pairs") for line in body[:1])
    assert max(map(len, body)) > 70


def test_help_of_a_component_breaks_no_word_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "First line of a long\nparagraph that goes on and on and on.\n\nSecond, short."
    assert prose(text) == text.split("\n")  # as it is where other programs read it
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert prose(text) == ["First line of a long paragraph that goes", "on and on and on.", "", "Second, short."]
