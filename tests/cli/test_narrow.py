"""Boards on a narrow terminal."""

from __future__ import annotations

import re
import sys

import pytest

from stsbench.cli.listing import list_
from stsbench.cli.printing.layout import NARROWEST
from stsbench.cli.printing.table import print_board
from stsbench.contracts.boards.board import PublishedRow
from stsbench.testing.boards import board

LABELS = ("all-MiniLM-L6-v2 (bert), with its prompt", "hashing")


def printed(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    plain = board(LABELS)
    rows = tuple(one.model_copy(update={"low": 0.5, "high": 0.9, "flags": ("truncated",)}) for one in plain.rows)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_board(plain.model_copy(update={"rows": rows}))
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()


@pytest.mark.parametrize("width", [50, 55, 80, 100, 120])
def test_columns_that_do_not_fit_stand_below(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(width, monkeypatch, capsys)
    heads = [line.split() for line in lines if line.startswith("rank ")]
    assert [name for head in heads for name in head if name not in ("rank", "model")] == [
        "similarity", "average", "mini", "other", "50.00", "interval", "90.00", "flags",
    ]  # fmt: skip
    assert all(head[:2] == ["rank", "model"] for head in heads)
    assert all(len(line) <= width for line in lines)
    assert len(heads) == {50: 4, 55: 4, 80: 2, 100: 2, 120: 1}[width]


def test_names_keep_a_width_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(20, monkeypatch, capsys)
    assert next(line for line in lines if line.startswith("rank")).startswith("rank  " + "model".ljust(NARROWEST) + "  ")
    assert "79.69" in "\n".join(lines)
    assert any("hashing" in line for line in lines)


def test_a_board_shows_the_rank_sets_and_letters_that_its_note_explains(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = board(LABELS)
    known = {"low": 0.5, "high": 0.9, "best_rank": 1, "worst_rank": 2, "letters": "ab"}
    monkeypatch.setenv("COLUMNS", "160")
    print_board(plain.model_copy(update={"rows": (plain.rows[0].model_copy(update=known), *plain.rows[1:])}))
    head, first, second = capsys.readouterr().out.splitlines()[1:4]
    assert head.split()[3:7] == ["average", "rank", "set", "letters"]
    assert first.split()[-5:-3] == ["1-2", "ab"]
    assert "1-2" not in second


def test_a_board_shows_its_models_and_all_else_on_demand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    known = board(LABELS)
    main, other = known.rows
    others = tuple(
        PublishedRow(label=f"theirs {place}", source="Table 2", average=0.9 - place / 100, cells=main.cells, flags=("published",))
        for place in range(5)
    )
    shown = known.model_copy(
        update={"rows": (main, other.model_copy(update={"model": main.model, "main": False, "rank": None})), "published": others}
    )
    monkeypatch.setenv("COLUMNS", "160")
    print_board(shown)
    brief = capsys.readouterr().out
    print_board(shown, full=True)
    full = capsys.readouterr().out
    assert [f"theirs {place}" in brief for place in range(5)] == [True, True, True, False, False]
    assert "Also: 2 models more that others published, 1 variant; " in brief
    assert all(f"theirs {place}" in full for place in range(5))
    assert ("Variants" in full, "Variants" in brief, "show --all" in full) == (True, False, False)


def test_presets_fit_on_a_narrow_terminal_and_hold_what_is_chosen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("stsbench_transformers")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    list_("presets")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert re.search(r"^preset:BAAI/bge-m3 +sentence-transformers +prompt=mteb$", "\n".join(lines), re.MULTILINE)
    assert " ".join(lines[-2:]).startswith("`stsbench show encoder NAME` prints the whole reference"), lines[-3:]


def test_long_words_stand_below_their_names_where_the_terminal_leaves_a_strip_for_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    list_("encoders")
    lines = capsys.readouterr().out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("hashing  stsbench "))
    assert lines[place + 1].startswith("  Hashed words and character n-grams: the floor")
    assert max(map(len, lines)) <= 80
