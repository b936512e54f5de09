"""Paths as a person writes them."""

from __future__ import annotations

from pathlib import Path

from stsbench.errors import UsageError


def user_path(text: str | Path, what: str) -> Path:
    """The path with the home folder in the place of a leading `~`; raises UsageError, which repeats `what` only, for an unknown user's."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"{what} starts with ~ and a name that no user of this machine has; write the whole path, or ~/ for your own"
        ) from error


def name_of(folder: Path) -> str:
    """The folder's own name, also where it is written `.` or `..`."""
    return folder.resolve().name
