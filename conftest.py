"""What holds for the tests of the core and of every plugin."""

from __future__ import annotations

import os

import pytest

MUST_RUN = frozenset(os.environ.get("STSBENCH_MUST_RUN", "").split())  # markers whose tests may not be skipped: CI has what they need
_skipped: list[str] = []


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
