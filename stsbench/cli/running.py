"""`stsbench run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stsbench.cli.guard import print_json
from stsbench.cli.opening import Opened, board_folder, session_from
from stsbench.cli.options import Accept, Benchmarks, Board, Encoders, Fresh, Json, Limit, Results, Similarities, Transforms
from stsbench.contracts.defaults import BENCHMARK, LIGHT, SIMILARITY
from stsbench.errors import UsageError

if TYPE_CHECKING:
    from stsbench.host.registry import Registry
    from stsbench.runner.request import Request


@session_from("mirror", "device", "batch_size", "memory", "allow_network", "cache_dir", "no_cache", "strict", "quiet")
def run(
    encoder: Encoders = None,
    transform: Transforms = None,
    similarity: Similarities = None,
    benchmark: Benchmarks = None,
    results: Results = None,
    board: Board = None,
    fresh: Fresh = False,
    accept: Accept = False,
    limit: Limit = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Score encoders x transforms x similarities on benchmarks and print the Spearman correlations.

    Alone it scores the best light encoder installed with cosine on `mini`, a smoke test that ships with stsbench.
    """
    from stsbench.api.boards import run_board
    from stsbench.cli.table import print_board, print_left_out, print_report, print_troubles
    from stsbench.evidence.keeping import Keep
    from stsbench.stores.canonical import rounded

    if board:
        refuse_beside_board(encoder, transform, similarity, benchmark, limit, results)
    keep = None if board else Keep.asked(results, fresh=fresh, accept=accept, limit=limit)
    table = None
    with opened() as session:
        if board:
            report, table = run_board(board_folder(board), session, fresh=fresh, accept=accept)
        else:
            report = session.run(requested(session.registry, encoder, similarity, benchmark, transform, limit), keep)
    if json:
        notes = {ref: list(own) for ref, own in report.notes.items()}
        print_json({"cells": rounded(report.cells()), "notes": notes})  # as records are, so that a kept figure has the same digits
    elif table is not None:
        print_board(table, report.notes)
    else:
        print_report(report)
    print_left_out(report)
    print_troubles(report)
    raise typer.Exit(report.exit_code)


def refuse_beside_board(*given: object) -> None:
    """Raise UsageError where any option was given that says what a board itself says."""
    if any(given):
        raise UsageError(
            "a board names its own systems, benchmarks and results; leave out -e, -t, -s, -b, --limit and --results, or --board"
        )


def refuse_boards(benchmarks: Sequence[str], registry: Registry) -> None:
    """Raise UsageError where the folder of a board is named as a benchmark, and no benchmark is called so."""
    known = {component.name for component, _ in registry.offers("benchmark")}
    if boards := [one for one in benchmarks if one not in known and (Path(one) / "board.toml").is_file()]:
        raise UsageError(f"{boards[0]} is the folder of a board and no benchmark; name it with --board {boards[0]}")


def requested(
    registry: Registry,
    encoders: Sequence[str] | None,
    similarities: Sequence[str] | None,
    benchmarks: Sequence[str] | None,
    transforms: Sequence[str] | None,
    limit: int | None,
) -> Request:
    """What a command line asks for, with a default for what it leaves out."""
    from stsbench.runner.request import Request

    refuse_boards(benchmarks or (), registry)
    chosen = encoders or [default_encoder(registry)]
    return Request.of(chosen, similarities or (SIMILARITY,), benchmarks or (BENCHMARK,), transforms or (), limit)


def default_encoder(registry: Registry) -> str:
    """The best light encoder that is installed."""
    names = {f"{provider.distribution}/{component.name}" for component, provider in registry.offers("encoder")}
    return next(name for name in LIGHT if name in names)
