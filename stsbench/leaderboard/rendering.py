"""What a writer renders of a board, checked where it comes in."""

from __future__ import annotations

from pathlib import PurePosixPath

from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.components.protocols import Writer
from stsbench.host.resolved import Resolved, blame


def rendered(resolved: Resolved[Writer], board: Leaderboard) -> dict[str, bytes]:
    """A writer's files by name; raises PluginError where it fails, or gives what are no bytes, or a name that leads out of a folder."""
    files: dict[str, bytes] = dict(resolved.build().render(board.model_copy(deep=True)))  # others render it too
    for name, content in files.items():
        if not isinstance(name, str):
            raise blame(resolved, "rendering", f"it gave {type(name).__name__} for the name of a file")
        path = PurePosixPath(name)
        if not path.parts or path.is_absolute() or ".." in path.parts:
            raise blame(resolved, "rendering", f"it would write {name!r}, which is no file name of its own")
        if not isinstance(content, bytes):
            raise blame(resolved, "rendering", f"it gave {type(content).__name__} for {name!r}, not bytes")
    return files
