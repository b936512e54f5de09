"""`stsbench leaderboard build|check|verify|diff|add-published`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from stsbench.cli.printing.layout import say, tell
from stsbench.cli.printing.naming import to_type
from stsbench.contracts.reading import name_of
from stsbench.contracts.wording import counted

from .line.guard import print_json, tell_requirements
from .line.opening import Opened, board_folder, session_from
from .line.options import Json, option, path_argument, path_option, switch

app = typer.Typer(
    help="Derive a board's files from its evidence, check them, verify the evidence, and say what moved.", no_args_is_help=True
)

Folder = Annotated[Path, path_argument("Folder with board.toml and results/.", "FOLDER")]


@app.command("build", short_help="Write a board's files from its evidence.")
@session_from()
def build(folder: Folder, *, opened: Opened, json: Json = False) -> None:
    """Write the files of a board, as its writers give them, from its evidence; nothing is encoded."""
    from stsbench.api.boards import build_board
    from stsbench.cli.printing.table import print_board

    with opened() as session:
        board = build_board(board_folder(folder), session)
    print_json(board.model_dump(mode="json")) if json else print_board(board)


@app.command("check", short_help="Compare a board's files with its evidence.")
@session_from("quiet")
def check(folder: Folder, *, opened: Opened, json: Json = False) -> None:
    """Compare a board's committed files with what its evidence gives; print the differing lines and exit 1 on drift.

    What `[[require]]` tables of board.toml ask of systems is checked too: exit 1 where the evidence shows that it is not met, and 6 where
    it cannot tell.
    """
    from stsbench.api.boards import board_requirements, check_board
    from stsbench.contracts.events import Event, NotAtHand

    absent: list[NotAtHand] = []
    with opened(unseen=json) as session:

        def listen(event: Event) -> None:
            absent.append(event) if isinstance(event, NotAtHand) else session.listen(event)

        board, silent = board_folder(folder), session.having(listen=listen)
        lines = check_board(board, silent)
        required = board_requirements(board, silent)
    if json:
        not_at_hand = [one.benchmark for one in absent]
        print_json({
            "board": name_of(folder), "drift": lines, "not_at_hand": not_at_hand, "requirements": [asdict(one) for one in required]
        })  # fmt: skip
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines) or f"{name_of(folder)}: every derived file agrees with its evidence\n")
        for reason in dict.fromkeys(one.reason for one in absent):
            names = ", ".join(one.benchmark for one in absent if one.reason == reason)
            say(f"the data of {names} are not at hand, so their figures were taken as they are: {reason}")
    unmet = tell_requirements(required, met=not json)
    if lines:
        tell(f"error: {name_of(folder)} {_step(lines, folder)}")
        raise typer.Exit(1)
    raise typer.Exit(unmet)


def _step(lines: Sequence[str], folder: Path) -> str:
    """What is wrong with a board, by the differing lines of its check, and the command that mends it."""
    from stsbench.stores.documents import DIAGRAMS, STATISTICS

    if any(line.startswith("results: ") for line in lines):  # files built from such results would show what nobody measured
        return (
            "has results that its scores or data do not give; restore them, or compute them anew with "
            f"`{to_type('run', '--board', folder, '--fresh')}`, and with --accept if the new ones are right"
        )
    if any(line.startswith((f"--- {one.name} ", f"{one.name}: ")) for line in lines for one in (STATISTICS, DIAGRAMS)):
        return (
            "has statistics or charts that its scores do not give; restore them, or compute them anew with "
            f"`{to_type('run', '--board', folder, '--fresh')}`"
        )
    if any(line.startswith("board.toml: ") for line in lines):
        return f"lacks results of what its board.toml names; compute them with `{to_type('run', '--board', folder)}`"
    return f"has drifted from its evidence; run `{to_type('leaderboard', 'build', folder)}` and look at the difference"


@app.command("verify", short_help="Encode random pairs anew and compare with the evidence.")
@session_from("mirror", "device", "batch_size", "allow_network", "send_private", "max_cost", "cache_dir", "quiet")
def verify(
    folder: Folder,
    sample: Annotated[int, option("Pairs of each part that are encoded anew.", "N", min=1)] = 64,
    seed: Annotated[int | None, option("Draw the same pairs again; by default they cannot be foreseen.", "N", min=0)] = None,
    changed_from: Annotated[Path | None, path_option("An older copy of the board; cells that are the same there are left out.")] = None,
    full: Annotated[bool, switch("Take all pairs, and compute cells without kept scores whole.", "--full")] = False,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Encode pairs drawn at random anew and compare their scores with the evidence; exit 1 if any disagrees.

    Of a board whose scores were nudged at one pair in ten, a sample of 64 misses a cell once in 850 times.
    """
    from stsbench.api.verifying import verify_board

    with opened() as session:
        verified = verify_board(board_folder(folder), session, sample=sample, seed=seed, changed_from=changed_from, full=full)
    if json:
        print_json({"board": name_of(folder), **asdict(verified)})
    else:
        say(
            f"{name_of(folder)}: {counted(verified.cells, 'cell')} and {counted(verified.pairs, 'pair')} computed anew "
            f"(seed {verified.seed}), {counted(len(verified.findings), 'finding')}; "
            f"{counted(verified.unchanged, 'unchanged cell')} and {verified.unscored} without kept scores left out"
        )
    for finding in verified.findings:
        tell(f"error: {finding}")
    if verified.findings:
        raise typer.Exit(1)


@app.command("diff", short_help="Say what moved between two states of a board.")
@session_from("mirror")
def diff(
    base: Annotated[Path, path_argument("The board as it was.", "BASE")],
    head: Annotated[Path, path_argument("The board as it is.", "HEAD")],
    resamples: Annotated[int, option("Bootstrap resamples of a difference.", "N", min=1)] = 1999,
    seed: Annotated[int, option("Seed of the bootstrap.", "N", min=0)] = 0,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Say what moved between two states of a board, as Markdown for a comment: old, new, interval of the difference, sure or not."""
    from stsbench.api.differences import board_difference
    from stsbench.cli.printing.moved import markdown

    with opened() as session:
        moved = board_difference(board_folder(base), board_folder(head), session, resamples=resamples, seed=seed)
    print_json(asdict(moved)) if json else sys.stdout.write(markdown(moved))


@app.command("add-published", short_help="Show figures that others published beside a board's.")
@session_from()
def add_published(
    folder: Folder,
    source: Annotated[
        Path, path_argument("Folder of mteb's result files, or a csv file: system, benchmark, protocol, spearman, n, source.", "SOURCE")
    ],
    replace: Annotated[bool, switch("Forget the published figures that the board has.", "--replace")] = False,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Show figures that others published beside the board's own, as published: with an interval and a source, and never ranked."""
    from stsbench.api.published import add_published as add

    with opened() as session:
        added = add(board_folder(folder), source, session, replace=replace)
    if json:
        print_json({"added": [one.model_dump(mode="json") for one in added.figures], "skipped": list(added.skipped)})
        return
    systems = dict.fromkeys(figure.system for figure in added.figures)
    figures = f"{counted(len(added.figures), 'published figure')} of {counted(len(systems), 'system')}"
    say(f"{figures} now on {name_of(folder)}: {', '.join(systems)}")
    if added.skipped:
        say(f"left out, since the board has no such benchmark: {', '.join(added.skipped)}")
