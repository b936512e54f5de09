"""The files of a board as its evidence gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.components.protocols import Writer
from stsbench.contracts.reading import name_of
from stsbench.errors import MissingExtra
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import SPEC
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved, blame
from stsbench.leaderboard.rendering import rendered
from stsbench.stores.atomic import write_atomic
from stsbench.stores.documents import DOCUMENTS

Warn = Callable[[str], None]


def derived(folder: BoardFolder, registry: Registry, warn: Warn) -> tuple[Leaderboard, dict[str, bytes]]:
    """The leaderboard of a folder's evidence and its files by name, as they should be.

    A file that takes an extra which is not installed is left out, with a warning.
    """
    board = folder.board(registry.names_of_files())
    files: dict[str, bytes] = {}
    for name in board.spec.writers:
        try:
            files |= _rendered(registry.resolve("writer", name), board, files)
        except MissingExtra as error:
            warn(f"what the writer {name} makes of {name_of(folder.path)} is neither written nor checked: {error}")
    return board, files


def _rendered(resolved: Resolved[Writer], board: Leaderboard, others: Mapping[str, bytes]) -> dict[str, bytes]:
    """A writer's files; raises PluginError where it would write anything but files of its own in the board's folder."""
    files = rendered(resolved, board)
    for name in files:
        if Path(name).name != name or name in {SPEC, *DOCUMENTS, *others} or name.startswith("."):
            raise blame(resolved, "rendering", f"it would write {name!r}, which is no file name of its own")
    return files


def write_derived(folder: BoardFolder, registry: Registry, warn: Warn) -> Leaderboard:
    """Write the derived files; those that are right already are not touched. Records that were edited are warned of."""
    for place in edited(folder):
        warn(f"{place}; restore it, or compute it anew with run --board, --fresh and --accept")
    board, files = derived(folder, registry, warn)
    for name, content in files.items():
        if folder.bytes_of(name) != content:
            write_atomic(folder.path / name, content)
    return board


def edited(folder: BoardFolder) -> list[str]:
    """What is said of records that are not those that their kept scores were measured on."""
    places = [place for own in folder.folders for place in own.unmatched()]
    return [f"results: {place}: the record is not the one that its scores were measured on" for place in places]
