"""`stsbench run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import (
    Accept,
    AllowNetwork,
    BatchSize,
    Benchmarks,
    Board,
    CacheDir,
    Device,
    Encoders,
    Fresh,
    Json,
    Limit,
    Memory,
    Mirror,
    NoCache,
    Quiet,
    Results,
    Similarities,
    Strict,
    Transforms,
)
from stsbench.contracts.defaults import BENCHMARK, LIGHT, SIMILARITY
from stsbench.errors import UsageError

if TYPE_CHECKING:
    from stsbench.host.registry import Registry


@guarded
def run(
    encoder: Encoders = None,
    transform: Transforms = None,
    similarity: Similarities = None,
    benchmark: Benchmarks = None,
    mirror: Mirror = None,
    results: Results = None,
    board: Board = None,
    fresh: Fresh = False,
    accept: Accept = False,
    limit: Limit = None,
    device: Device = None,
    batch_size: BatchSize = None,
    memory: Memory = None,
    allow_network: AllowNetwork = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score encoders x transforms x similarities on benchmarks and print the Spearman correlations.

    Alone it scores the best light encoder installed with cosine on `mini`, a smoke test that ships with stsbench.
    """
    from stsbench.api.boards import run_board
    from stsbench.api.caching import read_size
    from stsbench.api.evaluate import evaluate
    from stsbench.cli.progress import watching
    from stsbench.cli.table import print_board, print_left_out, print_report, print_troubles
    from stsbench.evidence.folder import BoardFolder
    from stsbench.host.registry import Registry
    from stsbench.stores.canonical import rounded

    if board:
        refuse_beside_board(encoder, transform, similarity, benchmark, limit, results)
    registry = Registry.installed()
    shared: dict[str, Any] = {
        "fresh": fresh,
        "accept": accept,
        "strict": strict,
        "cache": False if no_cache else cache_dir or True,
        "execution": execution_options(mirror, device, batch_size),
        "memory": None if memory is None else read_size(memory),
        "allow_network": allow_network or (),
        "registry": registry,
    }
    table = None
    with watching(quiet) as listen:
        if board:
            report, table = run_board(BoardFolder(board), listen=listen, **shared)
        else:
            refuse_boards(benchmark or (), registry)
            chosen = encoder or [default_encoder(registry)], similarity or [SIMILARITY], benchmark or [BENCHMARK]
            report = evaluate(*chosen, transforms=transform or (), results=results, limit=limit, listen=listen, **shared)
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


def execution_options(mirror: Path | None, device: str | None, batch_size: int | None) -> dict[str, Any]:
    """Execution options that were given on the command line."""
    return {"mirror": None if mirror is None else str(mirror), "device": device, "batch_size": batch_size}


def default_encoder(registry: Registry) -> str:
    """The best light encoder that is installed."""
    names = {f"{provider.distribution}/{component.name}" for component, provider in registry.offers("encoder")}
    return next(name for name in LIGHT if name in names)
