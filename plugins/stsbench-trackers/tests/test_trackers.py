"""The plugin against a double of the trackers' common calls, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from stsbench.testing import Check, parametrize, plugin_checks

DOUBLE = """
import json, os
def _write(*call):
    with open(os.environ["CALLS"], "a") as file:
        file.write(json.dumps(call) + "\\n")
def init(project, config):
    if os.environ.get("BROKEN"):
        raise RuntimeError("the tracker is down")
    print("as trackers do, a greeting")
    _write("init", project, config)
def log(values):
    _write("log", values)
def finish():
    _write("finish")
"""


Run = Callable[..., tuple[CompletedProcess[str], list[list[object]]]]


@pytest.fixture
def run(tmp_path: Path, forked: Callable[..., CompletedProcess[str]]) -> Run:
    """A run beside a double of trackio; what it was called with."""
    (tmp_path / "double").mkdir()
    (tmp_path / "double" / "trackio.py").write_text(DOUBLE)
    calls = tmp_path / "calls"

    def run(*arguments: str, **settings: str) -> tuple[CompletedProcess[str], list[list[object]]]:
        calls.unlink(missing_ok=True)
        environment = {"PYTHONPATH": str(tmp_path / "double"), "CALLS": str(calls), **settings}
        done = forked("run", "-e", "hashing", *arguments, cwd=tmp_path, **environment)
        return done, [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    return run


def test_cells_are_logged_once_and_the_run_is_closed(run: Run) -> None:
    done, calls = run("-s", "cosine", "-s", "dot", "--json", STSBENCH_TRACKER="trackio", STSBENCH_TRACKER_PROJECT="mine")
    assert done.returncode == 0, done.stderr
    figures = {cell["similarity"]: cell["spearman"] for cell in json.loads(done.stdout)["cells"]}
    assert "a greeting" in done.stderr
    assert calls[0] == ["init", "mine", {"encoders": ["hashing"], "benchmarks": ["mini"], "cells": 2}]
    logged = {name: value for _, values in calls[1:3] for name, value in values.items()}  # type: ignore[attr-defined]
    assert logged == pytest.approx({f"mini/hashing > sentence > {name}": value for name, value in figures.items()}, abs=1e-6)
    assert calls[3:] == [["log", {"cells/ok": 2, "cells/undefined": 0, "cells/failed": 0}], ["finish"]]


def test_a_binary_benchmark_is_logged_by_what_it_goes_by(run: Run, tmp_path: Path) -> None:
    rows = [f"red house {place},red house {place} {'x' * (place % 3)}{' green' * (place % 5)},{int(place % 4 == 0)}" for place in range(24)]
    (tmp_path / "pairs.csv").write_text("left,right,score\n" + "\n".join(rows) + "\n")
    done, calls = run("-b", "csv:pairs.csv,task=binary,public=true", "-s", "cosine", "--json", STSBENCH_TRACKER="trackio")
    assert done.returncode == 0, done.stderr
    (cell,) = json.loads(done.stdout)["cells"]
    assert cell["average_precision"] != pytest.approx(cell["spearman"], abs=1e-3)
    assert calls[1][1] == pytest.approx({"pairs/hashing > sentence > cosine": cell["average_precision"]}, abs=1e-6)


def test_nothing_is_sent_unless_it_is_asked_for_and_nothing_where_nothing_is_computed(run: Run) -> None:
    done, calls = run("--results", "kept")
    assert (done.returncode, calls) == (0, [])
    done, calls = run("--results", "kept", STSBENCH_TRACKER="trackio")
    assert (done.returncode, calls) == (0, [])


def test_a_figure_that_is_undefined_is_counted_and_not_logged(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("left,right,score\n" + "same,same,1\n" * 12)
    done, calls = run("-b", "csv:pairs.csv", STSBENCH_TRACKER="trackio")
    assert done.returncode == 0, done.stderr
    assert [call[0] for call in calls] == ["init", "log", "finish"]
    assert calls[1] == ["log", {"cells/ok": 0, "cells/undefined": 1, "cells/failed": 0}]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"STSBENCH_TRACKER": "trackio", "BROKEN": "1"}, "RuntimeError: the tracker is down"),
        ({"STSBENCH_TRACKER": "clipboard"}, "STSBENCH_TRACKER is trackio or wandb, not 'clipboard'"),
        ({"STSBENCH_TRACKER": "wandb"}, "STSBENCH_TRACKER is wandb, which is not installed; install it with: pip install wandb"),
    ],
)
def test_a_tracker_that_fails_costs_a_warning_and_no_figure(run: Run, settings: dict[str, str], message: str) -> None:
    done, calls = run("--json", **settings)
    assert done.returncode == 0
    assert json.loads(done.stdout)["cells"][0]["status"] == "ok"
    assert calls == []
    assert message in done.stderr
    assert done.stderr.count("is told no more") == 1


def test_no_text_of_private_data_is_sent(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"cerulean otter {i},cerulean stoat {i % 5},{i % 4}\n" for i in range(12))
    (tmp_path / "canary.csv").write_text("left,right,score\n" + rows)
    done, calls = run("-b", "csv:canary.csv", STSBENCH_TRACKER="trackio")
    assert done.returncode == 0
    assert len(calls) == 4
    assert "cerulean" not in json.dumps(calls)
    assert "canary" not in json.dumps(calls)


@parametrize(plugin_checks("stsbench-trackers"))
def test_conformance(check: Check) -> None:
    check()
