"""An installed plugin is checked in a process of its own: what ends that process, or never comes back, costs one check."""

from __future__ import annotations

from pathlib import Path

import pytest

from stsbench.api.checking import check_plugin
from stsbench.errors import UsageError

OBSERVER = """
import os, signal, time
from stsbench.plugin import hookimpl

@hookimpl
def stsbench_cell_finished(event):
    if event.status == "failed":
        os.kill(os.getpid(), signal.SIGKILL)

@hookimpl
def stsbench_run_finished(event):
    print("no result")
    if event.ok == 0:
        time.sleep(600)
"""


PATIENCE = 5.0  # seconds, which are none to checks that come back at once, but are to a process that waits for its turn


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installed plugin that ends the process when a cell failed, and never comes back from a run without cells."""
    info = tmp_path / "stsbench_crashing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-crashing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stsbench]\ncrashing = stsbench_crashing_double\n")
    (tmp_path / "stsbench_crashing_double.py").write_text(OBSERVER)
    monkeypatch.syspath_prepend(tmp_path)
    return "stsbench-crashing"


def test_what_ends_the_process_or_never_comes_back_fails_one_check_and_the_others_go_on(crashing: str) -> None:
    results = {result.rule: result.observed for result in check_plugin(crashing, patience=PATIENCE)}
    ended = "the process ended there, with exit code -9"
    assert results == {
        "it_offers_something": None,
        "components_say_what_they_are": None,
        "all_is_checked": None,
        "observers_take_a_run": ended,
        "observers_take_another_run": "it has not come back after 5 seconds",
        "observers_return_soon": ended,
    }


def test_a_rule_that_is_not_there_cannot_be_left_out() -> None:
    with pytest.raises(UsageError, match="no rule for 'stsbench-trackers' is called order_matters; its rules are all_is_checked, "):
        list(check_plugin("stsbench-trackers", without=["order_matters"]))
