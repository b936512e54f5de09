"""What holds for the tests of the core and of every plugin."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen
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


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., CompletedProcess[str]]]:
    """The command line in a process of its own that need not import what others did: `forked("run", cwd=folder, HF_HUB_OFFLINE="1")`.

    It is forked from one that has: which one depends on `begun`, the environment that libraries read when they are imported; ours and
    plugins are imported, or read theirs, later. `imported` is what the command would import anyway.
    """
    files = [tmp_path_factory.mktemp("forked") / name for name in ("out", "err")]
    with ExitStack() as ends:

        @cache
        def forking(begun: frozenset[tuple[str, str]], imported: tuple[str, ...]) -> Popen[str]:
            line = [sys.executable, str(Path(__file__).with_name("tests") / "forked.py"), *imported]
            return ends.enter_context(Popen(line, env=dict(begun), stdin=PIPE, stdout=PIPE, text=True))  # noqa: S603 - our own program

        def run(
            *arguments: str, cwd: Path, begun: Mapping[str, str] = os.environ, imported: tuple[str, ...] = (), **environment: str
        ) -> CompletedProcess[str]:
            process = forking(frozenset(each for each in begun.items() if not each[0].startswith(("STSBENCH_", "PYTEST_"))), imported)
            out, err = files
            out.write_text("")
            err.write_text("")
            asked = {"arguments": arguments, "environment": {**begun, **environment}, "cwd": str(cwd), "out": str(out), "err": str(err)}
            assert process.stdin
            assert process.stdout
            print(json.dumps(asked), file=process.stdin, flush=True)
            code = process.stdout.readline()
            return CompletedProcess(arguments, int(code), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

        yield run
