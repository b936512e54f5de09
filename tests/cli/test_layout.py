"""Tables at any width: every cell is there, whole, beside its names."""

from __future__ import annotations

import re
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stsbench.cli.printing.layout import _NAME as NAME
from stsbench.cli.printing.layout import lay_out, say, tell, wrap
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


def test_names_are_parted_between_words_and_within_none_that_fits() -> None:
    assert wrap("all-MiniLM-L6-v2 (bert) · mean@6 · cosine", 31, NAME) == ["all-MiniLM-L6-v2 (bert) ·", "mean@6 · cosine"]
    assert wrap("vectors:a/very/long/path/of/a/file.parquet · dot", 20, NAME) == [
        "vectors:a/very/long/",
        "path/of/a/",
        "file.parquet · dot",
    ]


def test_words_take_what_a_block_leaves_of_the_width() -> None:
    said = ["dimensions times exp(s z), z standard normal, s up to 1", "centred; without the first principal axes", "as they are"]
    rows = [("one of the families", text, "sensitivity", "37.54") for text in said]
    ((_, body),) = lay_out(("family", "maps", "standing", "least"), rows, 1, 80, 2)
    widest = max(map(len, body))
    room = 80 - len("  sensitivity  37.54  ") - max(len(line.split("  ")[0]) for line in body)
    assert widest == 80
    assert len(body) == sum(max(len(textwrap.wrap(text, room)), len(body[0].split("  ")[0]) < 19) for text in said)


def test_a_sentence_on_a_terminal_is_set_in_below_its_dash_and_a_command_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, command = "word " * 30, f"Any other model: stsbench run -e MODEL -b csv:{'long' * 20}.csv"
    monkeypatch.setenv("COLUMNS", "80")
    for stream, written in ((sys.stdout, say), (sys.stderr, tell)):
        monkeypatch.setattr(stream, "isatty", lambda: True)
        written(f"- {words}", f"  {words}", f"error: {words}", command, f"  {command}")
    for lines in (text.splitlines() for text in capsys.readouterr()):
        assert lines[-2:] == [command, f"  {command}"]
        assert max(map(len, lines[:-2])) <= 80
        assert [line[:2] for line in lines[:-2]] == ["- ", "  ", "  ", "  ", "er", "wo"]


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
