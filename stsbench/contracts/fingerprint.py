"""Fingerprints: content addresses of what can change a number, and hashes of what a file or a folder holds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from errno import EINVAL
from functools import cached_property, lru_cache
from pathlib import Path


def digest(fields: Iterable[str | bytes], domain: str = "") -> str:
    """Blake2b-128 (32 hex digits) over the length-prefixed fields, so that no two lists of fields collide by concatenation.

    What has a `domain` (16 letters at most) is hashed as of another kind: it collides with nothing of no domain, or of another.
    """
    state = hashlib.blake2b(digest_size=16, person=domain.encode())
    for field in fields:
        data = field.encode("utf-8", "surrogatepass") if isinstance(field, str) else field
        state.update(len(data).to_bytes(8, "little") + data)
    return state.hexdigest()


@dataclass(frozen=True)
class Fingerprint:
    """Named facts that together determine a component's numbers, sorted by name; `hex` is their digest."""

    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, **fields: object) -> Fingerprint:
        """A fingerprint of the given facts; None means that the fact does not apply."""
        return cls(tuple(sorted((name, str(value)) for name, value in fields.items() if value is not None)))

    def extended(self, **fields: object) -> Fingerprint:
        """The same facts and more; a fact of the same name is replaced."""
        return Fingerprint.of(**{**dict(self.fields), **fields})

    @cached_property
    def hex(self) -> str:
        """32 hex digits."""
        return digest(part for field in self.fields for part in field)


def bytes_digest(data: bytes) -> str:
    """Hash (32 hex digits) of bytes, that of a file of these bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def content_digest(path: Path) -> str:
    """Hash (32 hex digits) of a file, or of all files of a folder with their relative names, hidden ones left out.

    Each file's hash is kept for the life of the process by path, size and all times, so that a model trained further in the same
    folder gets a new one, and so does a copy that keeps the time of what it was made of.
    """
    if path.is_file():
        return _file_digest(path)
    return digest(part for name, inner in content_files(path) for part in (name, _file_digest(inner)))


def content_files(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder that its hash is of, each with its relative name: those behind links too, hidden ones left out."""
    for folder, folders, files in os.walk(path, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        for name in sorted(name for name in files if not name.startswith(".")):
            inner = Path(folder) / name
            if inner.exists() and not inner.is_file():
                raise OSError(EINVAL, "a device, a pipe or a socket")  # which may never end
            yield inner.relative_to(path).as_posix(), inner


def _file_digest(path: Path) -> str:
    status = path.stat()
    return _hash(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@lru_cache(maxsize=4096)
def _hash(path: Path, *_state: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
