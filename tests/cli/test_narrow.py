"""Tables on a narrow terminal."""

from __future__ import annotations

import re
import sys

import pytest

from stsbench.cli.table import NARROWEST, print_board
from stsbench.testing.boards import board

LABELS = ("all-MiniLM-L6-v2 (bert) · mean@6 · manhattan", "hashing · cosine")


def printed(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    plain = board(LABELS)
    rows = tuple(one.model_copy(update={"low": 0.5, "high": 0.9, "flags": ("truncated",)}) for one in plain.rows)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_board(plain.model_copy(update={"rows": rows}))
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (120, ["rank", "system", "mini", "other", "average", "interval", "flags"]),
        (80, ["rank", "system", "mini", "other", "average", "flags"]),
        (55, ["rank", "system", "mini", "other", "average"]),
        (45, ["rank", "system", "mini", "other"]),
    ],
)
def test_what_matters_less_is_left_out_before_names_are_squeezed(
    width: int, shown: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(width, monkeypatch, capsys)
    assert lines[1].split() == shown
    assert all(len(line) <= width for line in lines[:5])
    first, second = (next(place for place, line in enumerate(lines) if line.startswith(rank)) for rank in "12")
    assert second - first <= 2
    missing = [name for name in ("interval", "flags", "average") if name not in shown]
    assert [line for line in lines if "not shown" in line] == ([f"not shown for want of width: {', '.join(missing)}"] if missing else [])


def test_names_keep_a_width_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(20, monkeypatch, capsys)
    assert lines[1].startswith("rank  " + "system".ljust(NARROWEST) + "  ")
    assert "79.69" in "\n".join(lines)
    assert any("hashing" in line for line in lines)
