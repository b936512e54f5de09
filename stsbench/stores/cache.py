"""The embedding stores under a cache folder: how large they are, whether they are sound, and getting rid of what is not wanted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stsbench.errors import StoreError
from stsbench.stores.database import VECTORS, transaction
from stsbench.stores.embeddings import checksum, row_keys


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """One encoder's store: its folder, encoder (component id and target), views, number of vectors, bytes, and when it was last used (Unix time)."""

    folder: Path
    encoder: str
    views: tuple[str, ...]
    vectors: int
    size: int
    used: int


def stores(cache: Path) -> Iterator[Path]:
    """The files of all encoders under a cache folder."""
    return iter(sorted((cache / VECTORS).glob("*/vectors.sqlite")))


def inspect(cache: Path) -> list[StoreInfo]:
    """Every readable store, the one that was used last first; raises StoreError."""
    return sorted((_inspect(path) for path in stores(cache)), key=lambda one: (-one.used, one.folder.name))


def verify(cache: Path) -> Iterator[tuple[Path, int, list[str]]]:
    """Every store with its number of sound vectors; damaged ones are deleted and named (`row 7`), to be encoded anew when needed."""
    for path in stores(cache):
        with closing(_connect(path)) as connection, _readable(path):
            damaged, sound = [], 0
            for number, key, total, mark, data in connection.execute("SELECT rowid, key, sum, truncated, data FROM vector"):
                if checksum(key, mark, data) == total:
                    sound += 1
                else:
                    damaged.append(number)
            with transaction(connection):
                connection.executemany("DELETE FROM vector WHERE rowid = ?", [(number,) for number in damaged])
        yield path, sound, [f"row {number}" for number in damaged]


def collect(cache: Path, quota: int) -> list[StoreInfo]:
    """Delete whole encoders, the longest unused first, until at most `quota` bytes are left; what was deleted."""
    kept, gone = 0, []
    for one in inspect(cache):
        kept += one.size
        if kept > quota:
            gone.append(one)
            kept -= one.size
    for one in gone:
        remove(one)
    return gone


def remove(one: StoreInfo) -> None:
    """Delete an encoder's store; raises StoreError."""
    try:
        shutil.rmtree(one.folder)
    except OSError as error:
        raise StoreError(f"cannot delete {one.folder}: {error.strerror}; check its permissions") from error


def forget(cache: Path, texts: Sequence[str]) -> int:
    """Delete the vectors of these texts, of every encoder, view and prompt, and overwrite their place; how many there were."""
    count = 0
    for path in stores(cache):
        with closing(_connect(path)) as connection, _readable(path):
            axes = connection.execute("SELECT view, prompt FROM axis").fetchall()
            with transaction(connection):
                for view, prompt in axes:
                    keys: Iterable[tuple[bytes]] = ((key,) for key in row_keys(view, prompt, texts))
                    count += connection.executemany("DELETE FROM vector WHERE key = ?", keys).rowcount
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log held them too
    return count


def _inspect(path: Path) -> StoreInfo:
    with closing(_connect(path)) as connection, _readable(path):
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        views = tuple(view for (view,) in connection.execute("SELECT DISTINCT view FROM axis ORDER BY view"))
        (count,) = connection.execute("SELECT COUNT(*) FROM vector").fetchone()
    facts = json.loads(meta.get("fingerprint", "{}"))
    name = " ".join(str(facts[part]) for part in ("component", "target") if part in facts)
    size = sum(file.stat().st_size for file in path.parent.iterdir())
    return StoreInfo(path.parent, name, views, count, size, int(meta.get("used", 0)))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    return connection


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read ({error}); delete its folder, it holds nothing that cannot be computed again") from error
