"""`stsbench leaderboard build|check|add-published`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json

app = typer.Typer(help="Derive a board's files from its evidence, or check that the committed ones are right.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder with board.toml and results/.")]


@app.command("build")
@guarded
def build(folder: Folder, json: Json = False) -> None:
    """Write README.md, board.csv and board.json of a board from its evidence; nothing is encoded."""
    from stsbench.api.boards import build_board
    from stsbench.cli.table import print_board

    board = build_board(folder)
    print_json(board.model_dump(mode="json")) if json else print_board(board)


@app.command("check")
@guarded
def check(folder: Folder, json: Json = False) -> None:
    """Compare a board's committed files with what its evidence gives; print the differing lines and exit 1 on drift."""
    from stsbench.api.boards import check_board

    lines = check_board(folder)
    if json:
        print_json({"board": folder.name, "drift": lines})
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines) or f"{folder.name}: every derived file agrees with its evidence\n")
    if lines:
        sys.stderr.write(
            f"error: {folder.name} has drifted from its evidence; run `stsbench leaderboard build {folder}` and look at the difference\n"
        )
        raise typer.Exit(1)


@app.command("add-published")
@guarded
def add_published(
    folder: Folder,
    source: Annotated[
        Path, typer.Argument(help="Folder of mteb's result files, or a csv file: system, benchmark, protocol, spearman, n, source.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Forget the published figures that the board has.")] = False,
    json: Json = False,
) -> None:
    """Show figures that others published beside the board's own, as published: with an interval and a source, and never ranked."""
    from stsbench.api.published import add_published as add

    added = add(folder, source, replace=replace)
    if json:
        print_json({"added": [one.model_dump(mode="json") for one in added.figures], "skipped": list(added.skipped)})
        return
    systems = dict.fromkeys(one.system for one in added.figures)
    sys.stdout.write(f"{len(added.figures)} published figures of {len(systems)} systems now stand on {folder.name}: {', '.join(systems)}\n")
    if added.skipped:
        sys.stdout.write(f"left out, since the board has no such benchmark: {', '.join(added.skipped)}\n")
