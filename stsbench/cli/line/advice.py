"""What a run says when it is done: the command that goes on from there."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from stsbench.api.report import Report
from stsbench.contracts.defaults import BENCHMARK, LIGHT
from stsbench.contracts.identity import SystemId
from stsbench.contracts.ref import short

from .asking import Asked

REAL = "STSBenchmark"


def next_command(report: Report, asked: Asked, folder: Path | None) -> str | None:
    """The command that compares what was run (`folder` keeps it, if one does), or gives a single system something to be compared with.

    None where anything failed, since the errors say what to do, after a run that was limited, where systems were measured on different
    benchmarks, since some read texts and some images, and where nothing light reads the data.
    """
    measured = [entry for entry in report.headlines() if entry.record.status == "ok"]
    if report.exit_code or asked.limit or not measured:
        return None
    by_system: dict[SystemId, set[str]] = {}
    for entry in measured:
        by_system.setdefault(entry.system, set()).add(entry.benchmark.ref)
    if len({frozenset(refs) for refs in by_system.values()}) > 1:
        return None
    encoders = asked.systems or list(dict.fromkeys(short(entry.encoder.ref) for entry in measured))
    scored = _options("-s", asked.similarity)
    data = _options("-b", asked.benchmark)
    if len(by_system) > 1:
        if folder:
            return _command("compare", "--results", str(folder), *(data if any(entry.benchmark.private for entry in measured) else []))
        return _command("compare", *encoders, *_options("-t", asked.transform), *scored, *data)
    if {entry.benchmark.ref for entry in measured} == {BENCHMARK}:
        return _command("run", *_options("-e", encoders), *scored, "-b", REAL)
    held = report.held.benchmarks.values() if report.held else ()
    if any("image" in part.pairs.reads for benchmark in held for part in benchmark.parts):
        return None
    other = next(name for name in map(short, reversed(LIGHT)) if name not in encoders)
    return _command("compare", *encoders, other, *scored, *data)


def _options(flag: str, values: Sequence[str] | None) -> list[str]:
    return [word for value in values or () for word in (flag, value)]


def _command(*words: str) -> str:
    return shlex.join(["stsbench", *words])
