"""What is said of long work where there is no terminal."""

from __future__ import annotations

import re
import sys
import time

import pytest

from stsbench.cli.printing import progress
from stsbench.contracts.events import CellFinished, Encoding, Recomputing, Resampling, Spread, Warned
from stsbench.contracts.items import Image, called


def test_resampling_is_told_every_few_seconds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 100.0, 104.0, 111.0, 125.0, 140.0, 160.0, 180.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    with progress.watching() as listen:
        for done in (100, 500, 1200, 2600, 4100):
            listen(Resampling(done, 4100))
        for done in (100, 700):  # of another panel
            listen(Resampling(done, 1000))
    assert capsys.readouterr().err.splitlines() == [
        "resampling: 1,200 of 4,100, 100/s, 29 s left",
        "resampling: 2,600 of 4,100, 100/s, 15 s left",
        "resampling: 700 of 1,000, 30/s, 10 s left",
    ]


def test_what_workers_are_at_is_timed_whatever_is_encoded_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0.0, 100.0, 109.0, 112.0, 120.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    with progress.watching() as listen:
        listen(Spread("2 encoders", 0, 400))
        listen(Encoding("first", 0, 0, 200))
        listen(Spread("2 encoders", 240, 400, rates={"node-0": 20.0}))
        listen(Spread("2 encoders", 400, 400, rates={"node-0": 20.0}))
    assert capsys.readouterr().err.splitlines() == [
        "2 encoders: encoding 400 unique texts",
        "first: encoding 0 unique texts, 200 more are stored",
        "2 encoders: 400 of 400 texts, 20/s in 20.0 s (node-0 20/s)",
    ]


def test_images_are_called_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    with progress.watching() as listen:
        listen(Encoding("seeing", 0, 40, items=called([Image("a")])))
        listen(Spread("2 encoders", 0, 400, items=called(["a text", Image("a")])))
    assert capsys.readouterr().err.splitlines() == [
        "seeing: encoding 40 unique images",
        "2 encoders: encoding 400 unique texts and images",
    ]
    assert called(["a text"]) == called([]) == "texts"


def test_only_warnings_and_failures_are_told_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (False, True):
        with progress.watching(quiet) as listen:
            listen(Recomputing("board", 3, 1))
            listen(Warned("something is off"))
            listen(CellFinished("hashing", "sentence", "cosine", "mini", "failed", "spearman", "no figure"))
    assert capsys.readouterr().err.splitlines() == [
        "recomputing statistics of board (3 systems x 1 benchmark)",
        "warning: something is off",
        "failed: hashing / sentence / cosine on mini: no figure",
        "warning: something is off",
        "failed: hashing / sentence / cosine on mini: no figure",
    ]


def test_bars_have_room_for_numbers_beside_a_long_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.watching() as listen:
        listen(Encoding("sentence-transformers:sentence-transformers/all-MiniLM-L6-v2", 0, 12000))
        for done in (4000, 8000):
            listen(Resampling(done, 12000))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err).splitlines()
    assert {line.split()[0] for line in lines if line} == {"…sformers/all-MiniLM-L6-v2", "resampling"}
    assert all(len(line) <= 80 and line.count("…") == line.startswith("…") for line in lines)
    assert any("8000/12000" in line and "0:00:0" in line for line in lines)
