"""What holds for the tests of the core and of every plugin."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

# Threads of two processes that want the same processors spin while they wait: one short run of MiniLM then takes twenty times the work.
# Libraries read this when they are imported, which is after this file is.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

HEAVY = {"stsbench-transformers", "stsbench-sentence-transformers"}  # plugins whose tests hold torch, OpenVINO and models
MUST_RUN = frozenset(os.environ.get("STSBENCH_MUST_RUN", "").split())  # markers whose tests may not be skipped: CI has what they need
_skipped: list[str] = []


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Tests of one file share a process, and what it has imported and made; those of heavy plugins all share one, for the memory."""
    from xdist.scheduler import LoadFileScheduling

    class HeavyTogether(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "heavy" if HEAVY & set(file.split("/")) else file

    return HeavyTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note every skipped test that had to run, in whichever process it would have."""
    if report.skipped and not hasattr(report, "wasxfail") and MUST_RUN & set(report.keywords):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped check is not a passed one."""
    if _skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that had to run and were skipped."""
    for name in _skipped:
        terminalreporter.write_line(f"HAD TO RUN BUT WAS SKIPPED {name}", red=True)
