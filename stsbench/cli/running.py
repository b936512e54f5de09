"""`stsbench run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import tell
from stsbench.cli.printing.naming import to_type
from stsbench.contracts.defaults import BENCHMARK, LIGHT
from stsbench.contracts.figures import rounded
from stsbench.contracts.ref import short

from .line.asking import Asked, AskedToKeep
from .line.guard import print_json, tell_requirements
from .line.opening import ENCODING, Opened, board_folder, session_from
from .line.options import Accept, Json, Quiet, switch

if TYPE_CHECKING:
    from stsbench.api.report import Report
    from stsbench.contracts.boards.board import Leaderboard
    from stsbench.contracts.identity import SystemId
    from stsbench.evidence.requirements import Requirement

REAL = "STSBenchmark"  # what a system is measured on after `mini`
PLACES, CONSENT = ("mirror", "cache_dir"), ("allow_network", "send_private")


@session_from(*ENCODING, "strict", "executor")
def run(
    context: typer.Context,
    *,
    asked: AskedToKeep,
    accept: Accept = False,
    signatures: Annotated[bool, switch("Print the line that reproduces each figure, too.", "--signatures")] = False,
    opened: Opened,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Score encoders x transforms x similarities on benchmarks and print the Spearman correlations.

    A SYSTEM is the reference of an encoder (or pair scorer): `stsbench run wordllama hashing`.

    Alone it scores the best light encoder installed with cosine on `mini`, a smoke test that ships with stsbench.
    """
    from stsbench.api.boards import board_requirements, run_board
    from stsbench.cli.printing.reporting import print_report
    from stsbench.cli.printing.table import print_board, print_left_out, print_troubles

    keep = asked.keep(accept=accept)
    table: Leaderboard | None = None
    required: tuple[Requirement, ...] = ()
    with opened() as session:
        if asked.board:
            folder = board_folder(asked.board)
            report, table = run_board(folder, session, fresh=asked.fresh, accept=accept)
            required = board_requirements(folder, session, load=True)
        else:
            report = session.run(asked.request(session.registry), keep)
    if json:
        notes = {ref: list(said) for ref, said in report.notes.items()}
        asked_of = {"requirements": [asdict(one) for one in required]} if asked.board else {}
        # rounded as records are, so that a kept figure has the same digits
        print_json({"cells": rounded(report.cells()), "notes": notes, **asked_of})
    elif table is not None:
        print_board(table, report.notes)
    else:
        print_report(report)
    for entry in report.shown() if signatures and not json else ():
        sys.stdout.write(f"{entry.record.signature}\n")
    print_left_out(report)
    print_troubles(report)
    if not json and not quiet and (words := next_words(report, asked, asked.board or asked.results)):
        tell(f"next: {to_type(*words, *_typed(context, PLACES if '--results' in words else (*PLACES, *CONSENT)))}")
    unmet = tell_requirements(required, met=not json)
    raise typer.Exit(report.exit_code or unmet)


def next_words(report: Report, asked: Asked, folder: Path | None) -> list[str] | None:
    """The words of the command that compares what was run (`folder` keeps it, if one does), or a single system with something else.

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
            return ["compare", "--results", str(folder), *(data if any(entry.benchmark.private for entry in measured) else [])]
        return ["compare", *encoders, *_options("-t", asked.transform), *scored, *data]
    if {entry.benchmark.ref for entry in measured} == {BENCHMARK}:
        return ["run", *_options("-e", encoders), *scored, "-b", REAL]
    held = report.held.benchmarks.values() if report.held else ()
    if any("image" in part.pairs.reads for benchmark in held for part in benchmark.parts):
        return None
    other = next(name for name in map(short, reversed(LIGHT)) if name not in encoders)
    return ["compare", *encoders, other, *scored, *data]


def _options(flag: str, values: Sequence[str] | None) -> list[str]:
    return [word for value in values or () for word in (flag, value)]


def _typed(context: typer.Context, names: Sequence[str]) -> list[str]:
    """Those of these options that the command line gives, without which the next command would not go on."""
    words: list[str] = []
    for name in names:
        source, given = context.get_parameter_source(name), context.params.get(name)
        if source is not None and source.name == "COMMANDLINE":
            words += _options(f"--{name.replace('_', '-')}", [str(each) for each in (given if isinstance(given, list) else [given])])
    return words
