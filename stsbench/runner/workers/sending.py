"""A model's folder on its way to a worker that has not got it: by the hash of its content, piece by piece, into a cache folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import fullmatch
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final

import pyarrow as pa

from stsbench.contracts.components.options import Location
from stsbench.contracts.fingerprint import content_digest, content_files
from stsbench.errors import ModelError
from stsbench.host.resolved import Resolved
from stsbench.runner.encoding.recall import cache_folder
from stsbench.runner.workers.parcel import pack
from stsbench.stores.atomic import unwritable

MODELS: Final = "models"  # of a cache folder: each in a folder named by the hash of its content
PIECE: Final = 8 * 2**20  # bytes that are sent at a time, the most that either side holds
ABANDONED: Final = 3600.0  # seconds without a piece after which what came of a folder is removed


@dataclass(frozen=True)
class ModelFolder:
    """A folder of this machine that an encoder's reference names, and that may be sent: its files, with the paths inside it."""

    name: str
    digest: str
    files: tuple[tuple[str, Path], ...]

    @classmethod
    def of(cls, resolved: Resolved[Any], most: int) -> ModelFolder | None:
        """The folder of an encoder; None where it has none. Raises ModelError where it may not be sent: not more bytes than `most`."""
        at = resolved.target
        if not isinstance(at, Location) or at.path is None or at.digest is None or not at.path.is_dir() or at.label.startswith("pkg:"):
            return None
        files = tuple(content_files(at.path))
        size = sum(path.stat().st_size for _, path in files)
        if size > most:
            raise ModelError(
                f"its folder here has {size / 1e6:.1f} MB, which the executor's option ship={-(-size // 10**6)} would send there"
            )
        for name, path in files:
            if not path.resolve().is_relative_to(at.path):
                raise ModelError(f"its folder is not sent, since {name!r} in it is a link that leads out of it; copy the file there")
        return cls(at.path.name, at.digest, files)

    def messages(self) -> Iterator[bytes]:
        """What a worker is sent, one after the other: an answer that says where the folder is ends it."""
        yield self._message()
        for name, path in self.files:
            with path.open("rb") as file:
                data = file.read(PIECE)
                yield self._message(name, data)  # of an empty file too
                while data := file.read(PIECE):
                    yield self._message(name, data)
        yield self._message(whole=True)

    def _message(self, file: str = "", data: bytes = b"", *, whole: bool = False) -> bytes:
        facts = {"name": self.name, "digest": self.digest, "file": file, "whole": whole}
        return pack({"folder": facts}, {"data": pa.array([data], pa.large_binary())})


@dataclass(eq=False)
class Arriving:
    """What a worker holds of a folder that it is sent: in `place`, which takes the name of the hash once all is there."""

    digest: str
    name: str
    place: Path

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Arriving | Path:
        """A folder that begins to come, or where it lies already. Raises ModelError for a name that is none, and StoreError."""
        digest, name = str(facts["digest"]), str(facts["name"])
        cache = cache_folder()
        assert cache is not None
        if not fullmatch("[0-9a-f]{32}", digest) or inside(cache, name).parent != cache:
            raise ModelError("a folder was sent under a name that leads elsewhere; nothing was written")
        kept = cache / MODELS / digest
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            for old in kept.parent.glob(f".{digest}-*"):
                if time.time() - old.stat().st_mtime > ABANDONED:
                    rmtree(old, ignore_errors=True)
            if is_whole(kept / name, digest):
                return kept / name
            return cls(digest, name, Path(mkdtemp(prefix=f".{digest}-", dir=kept.parent)))
        except OSError as error:
            raise unwritable(kept, error) from error

    def take(self, file: str, data: bytes) -> None:
        """Put a piece at the end of a file. Raises ModelError for a path that leads out of the folder, and StoreError."""
        path = inside(self.place / self.name, file)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as opened:
                opened.write(data)
            os.utime(self.place)
        except OSError as error:
            raise unwritable(path, error) from error

    def whole(self) -> Path:
        """Where the folder lies now, under the hash of its content. Raises ModelError where that is another, and StoreError."""
        kept = self.place.with_name(self.digest)
        try:
            if not is_whole(self.place / self.name, self.digest):
                raise ModelError("what arrived of its folder is not what was sent, by its hash; it changed meanwhile, perhaps: run again")
            if kept.exists() and not is_whole(kept / self.name, self.digest):
                rmtree(kept)
            if not kept.exists():
                self.place.rename(kept)
        except OSError as error:
            if not is_whole(kept / self.name, self.digest):  # which another worker of this machine may have put there just now
                raise unwritable(kept, error) from error
        finally:
            self.drop()
        return kept / self.name

    def drop(self) -> None:
        """Remove what has come so far."""
        rmtree(self.place, ignore_errors=True)


def is_whole(folder: Path, digest: str) -> bool:
    """Whether a folder is there, with that content, in which no link leads elsewhere."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return not any(path.is_symlink() for path in folder.rglob("*")) and content_digest(folder) == digest


def inside(folder: Path, name: str) -> Path:
    """The file of that path in a folder. Raises ModelError for one that leads out of it."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or set(part) & set("\\\0") for part in parts) or not folder.joinpath(*parts).is_relative_to(folder):
        raise ModelError(f"a file was sent under a name that leads out of its folder, {name!r}; it was not written")
    return folder.joinpath(*parts)
