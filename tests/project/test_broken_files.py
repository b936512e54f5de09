"""The campaign of generated files, in short; the whole of it is in the documentation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def test_generated_files_give_the_figure_of_pandas_and_scipy_or_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks" / "break"))
    import files

    monkeypatch.delitem(sys.modules, "files")
    counts, bad = files.campaign(100, seed=1)
    assert bad == []
    assert all(counts[name]["right"] + counts[name]["read"] and counts[name]["refused"] for name in files.KINDS)
    assert [sum(counts[name].values()) for name in files.KINDS] == [20] * 5


def test_the_campaign_notices_a_wrong_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks" / "break"))
    import files

    monkeypatch.delitem(sys.modules, "files")
    monkeypatch.setattr("stsbench.builtin.benchmarks.tables.columns.names_at", lambda *_: None)  # ids of class labels as grades
    _, bad = files.campaign(20, seed=1, kinds=["typed"])
    assert any("wrong: " in one for one in bad)
