"""A hash of what a file or a folder holds."""

from __future__ import annotations

import hashlib
import os
from errno import EINVAL
from functools import lru_cache
from pathlib import Path

from stsbench.contracts.fingerprint import digest


def content_digest(path: Path) -> str:
    """Hash (32 hex digits) of a file, or of all files of a folder with their relative names, hidden ones left out.

    Each file's hash is kept for the life of the process by path, size and modification time, so that a model trained further in
    the same folder gets a new one.
    """
    if path.is_file():
        return _file_digest(path)
    fields: list[str] = []
    for folder, folders, files in os.walk(path, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        for name in sorted(name for name in files if not name.startswith(".")):
            inner = Path(folder) / name
            if inner.exists() and not inner.is_file():
                raise OSError(EINVAL, "a device, a pipe or a socket")  # which may never end
            fields += [inner.relative_to(path).as_posix(), _file_digest(inner)]
    return digest(fields)


def _file_digest(path: Path) -> str:
    status = path.stat()
    return _hash(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _hash(path: Path, _size: int, _modified: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
