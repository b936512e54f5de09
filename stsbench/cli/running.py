"""`stsbench run`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.naming import tell
from stsbench.stores.canonical import rounded

from .line.asking import Asked
from .line.guard import print_json, tell_requirements
from .line.opening import ENCODING, Opened, board_folder, session_from
from .line.options import Accept, Board, Fresh, Json, Quiet, Results, switch

if TYPE_CHECKING:
    from stsbench.contracts.boards.board import Leaderboard
    from stsbench.evidence.requirements import Requirement


@session_from(*ENCODING, "strict", "executor")
def run(
    *,
    asked: Asked,
    results: Results = None,
    board: Board = None,
    fresh: Fresh = False,
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
    from stsbench.cli.line.advice import next_command
    from stsbench.cli.printing.reporting import print_report
    from stsbench.cli.printing.table import print_board, print_left_out, print_troubles
    from stsbench.evidence.held import Keep

    if board:
        asked.refuse_beside_board(results)
    keep = None if board else Keep.asked(results, fresh=fresh, accept=accept, limit=asked.limit)
    table: Leaderboard | None = None
    required: tuple[Requirement, ...] = ()
    with opened() as session:
        if board:
            folder = board_folder(board)
            report, table = run_board(folder, session, fresh=fresh, accept=accept)
            required = board_requirements(folder, session, load=True)
        else:
            report = session.run(asked.request(session.registry), keep)
    if json:
        notes = {ref: list(said) for ref, said in report.notes.items()}
        asked_of = {"requirements": [asdict(one) for one in required]} if board else {}
        print_json(
            {"cells": rounded(report.cells()), "notes": notes, **asked_of}
        )  # as records are, so that a kept figure has the same digits
    elif table is not None:
        print_board(table, report.notes)
    else:
        print_report(report)
    for entry in report.shown() if signatures and not json else ():
        sys.stdout.write(f"{entry.record.signature}\n")
    print_left_out(report)
    print_troubles(report)
    if not json and not quiet and (command := next_command(report, asked, board or results)):
        tell(f"next: {command}")
    unmet = tell_requirements(required, met=not json)
    raise typer.Exit(report.exit_code or unmet)
