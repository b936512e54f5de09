"""`stsbench run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import (
    Accept,
    BatchSize,
    Benchmarks,
    Board,
    CacheDir,
    Device,
    Encoders,
    Fresh,
    Json,
    Limit,
    Mirror,
    NoCache,
    Quiet,
    Results,
    Similarities,
    Strict,
)
from stsbench.errors import UsageError

if TYPE_CHECKING:
    from stsbench.host.registry import Registry

LIGHT = ("wordllama", "hashing")  # encoders that need neither network nor torch, best first


@guarded
def run(
    encoder: Encoders = None,
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
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score encoders x similarities on benchmarks and print the Spearman correlations.

    Alone it scores the best light encoder installed with cosine on `mini`, a smoke test that ships with stsbench.
    """
    from stsbench.api.evaluate import evaluate
    from stsbench.cli.progress import watching
    from stsbench.cli.table import print_left_out, print_report, print_troubles
    from stsbench.host.registry import Registry

    registry = Registry.installed()
    execution = execution_options(mirror, device, batch_size)
    cache = False if no_cache else cache_dir or True
    with watching(quiet) as listen:
        if board is not None:
            if encoder or similarity or benchmark or limit or results:
                raise UsageError(
                    "a board names its own systems and benchmarks; leave out -e, -s, -b, --limit and --results, or leave out --board"
                )
            _run_board(board, fresh, accept, strict, cache, execution, listen, registry, json)
            return
        report = evaluate(
            encoder or [default_encoder(registry)],
            similarity or ["cosine"],
            benchmark or ["mini"],
            results=results,
            limit=limit,
            fresh=fresh,
            accept=accept,
            strict=strict,
            cache=cache,
            execution=execution,
            listen=listen,
            registry=registry,
        )
    if json:
        print_json({"cells": report.cells()})
    else:
        print_report(report)
    print_left_out(report)
    print_troubles(report)
    raise typer.Exit(report.exit_code)


def _run_board(
    board: Path,
    fresh: bool,
    accept: bool,
    strict: bool,
    cache: Path | bool,
    execution: dict[str, Any],
    listen: Any,
    registry: Registry,
    json: bool,
) -> None:
    from stsbench.api.boards import run_board
    from stsbench.cli.table import print_board, print_troubles

    report, table = run_board(
        board, fresh=fresh, accept=accept, strict=strict, cache=cache, execution=execution, listen=listen, registry=registry
    )
    if json:
        print_json({"cells": report.cells()})
    else:
        print_board(table)
    print_troubles(report)
    raise typer.Exit(report.exit_code)


def execution_options(mirror: Path | None, device: str | None, batch_size: int | None) -> dict[str, Any]:
    """Execution options that were given on the command line."""
    return {"mirror": None if mirror is None else str(mirror), "device": device, "batch_size": batch_size}


def default_encoder(registry: Registry) -> str:
    """The best light encoder that is installed."""
    names = {component.name for component, _ in registry.offers("encoder")}
    return next(name for name in LIGHT if name in names)
