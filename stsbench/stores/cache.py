"""The embedding stores under a cache folder: how large they are, whether they are sound, and getting rid of what is not wanted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stsbench.contracts.items import Item
from stsbench.errors import StoreError
from stsbench.stores.database import VECTORS, delete_files, delete_older, is_damage, plain_connection, transaction
from stsbench.stores.rows import PASSING, damaged_labels, empty, get_meta, is_sound, row_keys
from stsbench.stores.secret import mark_of, read_secret


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """One encoder's store: folder, encoder (component id and target), views, number of vectors, bytes, last use (Unix time)."""

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
    return sorted((_inspect(path) for path in stores(cache)), key=lambda store: (-store.used, store.folder.name))


def verify(cache: Path) -> Iterator[tuple[Path, int, list[str]]]:
    """Every store with its number of sound vectors; what is damaged is deleted and named (`row 7`), to be encoded anew when needed.

    A damaged file, or label that says whose the vectors are (`build 1`), takes all vectors with it. Raises StoreError.
    """
    for path in stores(cache):
        try:
            with _opened(path) as connection:
                sound, damaged = _verify(connection)
        except sqlite3.DatabaseError as error:
            _delete(path)
            sound, damaged = 0, [f"the file ({error})"]
        yield path, sound, damaged


def _verify(connection: sqlite3.Connection) -> tuple[int, list[str]]:
    damaged, sound = [], 0
    for number, *row in connection.execute("SELECT rowid, key, sum, truncated, build, data FROM vector"):
        if is_sound(row):
            sound += 1
        else:
            damaged.append(number)
    labels = damaged_labels(connection)
    with transaction(connection):
        connection.executemany("DELETE FROM vector WHERE rowid = ?", [(number,) for number in damaged])
        if any(label not in PASSING for label in labels):
            empty(connection)
            sound = 0
        connection.executemany("DELETE FROM meta WHERE name = ?", [(label.partition(" ")[2],) for label in labels if label in PASSING])
    return sound, [*(f"row {number}" for number in damaged), *labels]


def collect(cache: Path, quota: int) -> list[StoreInfo]:
    """Delete whole encoders, the longest unused first, until at most `quota` bytes are left; what was deleted."""
    delete_older(cache, lambda _: None)
    kept, gone = 0, []
    for store in inspect(cache):
        if kept + store.size > quota:
            remove(store)
            gone.append(store)
        else:
            kept += store.size
    return gone


def remove(store: StoreInfo) -> None:
    """Delete an encoder's store; raises StoreError."""
    _delete(store.folder, shutil.rmtree)


def forget(cache: Path, texts: Sequence[Item]) -> int:
    """Delete the vectors of these texts, of every encoder, view and prompt, and overwrite their place; how many there were.

    A store that is damaged, or was kept with another secret, may hold some that cannot be told from others: it is deleted whole.
    """
    delete_older(cache, lambda _: None)
    secret = read_secret(cache / VECTORS)
    count = 0
    for path in stores(cache):
        try:
            with _opened(path) as connection:
                labels = [label for label in damaged_labels(connection) if label not in PASSING]
                if secret is None or labels or get_meta(connection, "secret") != mark_of(secret):
                    count += int(connection.execute("SELECT COUNT(*) FROM vector").fetchone()[0])
                    with transaction(connection):
                        empty(connection)
                else:
                    count += _forget(connection, secret, texts)
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log held them too
        except sqlite3.DatabaseError:
            _delete(path)
    return count


def _forget(connection: sqlite3.Connection, secret: bytes, texts: Sequence[Item]) -> int:
    axes = connection.execute("SELECT view, prompt FROM axis").fetchall()
    count = 0
    with transaction(connection):
        for view, prompt in axes:
            keys: Iterable[tuple[bytes]] = ((key,) for key in row_keys(secret, view, prompt, texts))
            count += connection.executemany("DELETE FROM vector WHERE key = ?", keys).rowcount
    return count


def _inspect(path: Path) -> StoreInfo:
    size = sum(file.stat().st_size for file in path.parent.glob("vectors.sqlite*"))
    try:
        with _opened(path) as connection:
            facts = json.loads(get_meta(connection, "fingerprint") or "{}")
            used = int(get_meta(connection, "used") or 0)
            views = tuple(view for (view,) in connection.execute("SELECT DISTINCT view FROM axis ORDER BY view"))
            (count,) = connection.execute("SELECT COUNT(*) FROM vector").fetchone()
    except sqlite3.DatabaseError:
        return StoreInfo(path.parent, "damaged; `stsbench cache verify` deletes it", (), 0, size, 0)
    name = " ".join(str(facts[part]) for part in ("component", "target") if part in facts)
    return StoreInfo(path.parent, name, views, count, size, used)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a store, whose own errors are those of a damaged file; raises StoreError for any other reason."""
    try:
        with closing(plain_connection(path)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise
        advice = "delete its folder, it holds nothing that cannot be computed again"
        raise StoreError(f"{path} cannot be read ({error}); {advice}") from error


def _delete(path: Path, delete: Callable[[Path], object] = delete_files) -> None:
    try:
        delete(path)
    except OSError as error:
        raise StoreError(f"cannot delete {path}: {error.strerror}; check its permissions") from error
