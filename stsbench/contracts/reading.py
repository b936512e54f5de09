"""Text, TOML, JSON and paths as people and their editors leave them: line ends are any, a byte-order mark is none."""

from __future__ import annotations

import json
import tomllib
from codecs import BOM_UTF8
from contextlib import suppress
from errno import EINVAL
from pathlib import Path
from typing import Any

from stsbench.errors import UsageError


def without_mark(data: bytes) -> bytes:
    """UTF-8 without the byte-order mark that editors on Windows put in front."""
    return data.removeprefix(BOM_UTF8)


def read_text(path: Path) -> str:
    """The UTF-8 text of a file, its line ends LF. Raises OSError, also for a device or a pipe, which may never end, or ValueError."""
    _require_end(path)
    return path.read_text(encoding="utf-8-sig")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises OSError, also for a device or a pipe, which may never end."""
    _require_end(path)
    return path.read_bytes()


def _require_end(path: Path) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(EINVAL, "a device, a pipe or a socket")


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file; raises OSError or ValueError."""
    try:
        return tomllib.loads(read_text(path))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def parse_json(data: bytes, *, constants: bool = False) -> Any:
    """The value of a JSON document; raises ValueError (or RecursionError) where it is none, or gives a key twice in one object.

    Of a key that is given twice one value would be taken and the other lost. NaN and infinity are refused too, unless `constants` are
    for somebody else to judge, who can name the field.
    """
    return json.loads(without_mark(data).decode(), object_pairs_hook=distinct, parse_constant=None if constants else _refuse)


class RepeatedKey(ValueError):
    """A JSON object that gives a key twice."""


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object from its keys and values; raises RepeatedKey."""
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKey(f"the key {next(key for key in keys if keys.count(key) > 1)!r} is given twice in one object")
    return document


def _refuse(constant: str) -> Any:
    raise ValueError(f"it holds {constant}, which is no number")


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


def broken_link(path: Path) -> Path | None:
    """The link on the way to a file or folder that leads nowhere, or in a circle; None where there is none, or where none can be seen."""
    with suppress(OSError):  # a name that is too long, or a folder that may not be looked into: who goes on there is told so
        return next((part for part in (path, *path.parents) if part.is_symlink() and not part.exists()), None)
    return None
