"""The secret of a cache folder, by which its rows are keyed: who has the files alone cannot tell whether a text is among them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from uuid import uuid4

SECRET = "secret"  # noqa: S105 - the name of its file
_SIZE = 32


def cache_secret(folder: Path, warn: Callable[[str], None]) -> bytes:
    """The secret in `folder`, made if there is none; one that is damaged is replaced, after a warning. Raises OSError.

    Two processes that make one at once agree: a whole file takes the name for the first of them only.
    """
    path = folder / SECRET
    known = _content(path)
    if known is not None and len(known) == _SIZE:
        return known
    if known is not None:
        warn(f"the secret {path} of the kept vectors was damaged and is made anew; vectors are encoded anew as they are needed")
        path.unlink(missing_ok=True)
    make_private(folder)
    temporary = folder / f".{uuid4().hex[:12]}.tmp"
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_SIZE))
            file.flush()
            os.fsync(file.fileno())
        _take_name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_bytes()


def read_secret(folder: Path) -> bytes | None:
    """The secret in `folder`, or None where there is none, or a damaged one."""
    known = _content(folder / SECRET)
    return known if known is not None and len(known) == _SIZE else None


def mark_of(secret: bytes) -> str:
    """What tells one secret from another and says nothing of it."""
    return blake2b(b"stsbench", key=secret, digest_size=8).hexdigest()


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the user alone; those that are there stay as they are."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)  # says so where it is a file


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _take_name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links: whoever comes last is believed, and rows of another secret are never found
        if not path.exists():
            os.replace(temporary, path)  # noqa: PTH105
