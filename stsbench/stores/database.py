"""Opening an SQLite file so that a kill, a second process or an unusual file system costs at most a warning."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from stsbench.stores.secret import make_private

T = TypeVar("T")

VECTORS = Path("vectors") / "v2"
_OLDER = ("v1",)  # keyed without a secret, and by lists that an encoder may have sorted
_PATIENCE = 100  # tenths of a second
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS build (id INTEGER PRIMARY KEY, versions TEXT NOT NULL UNIQUE, family INTEGER NOT NULL,"
    " sum INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS axis (view TEXT NOT NULL, prompt TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (view, prompt)) STRICT",
    # a rowid table: WITHOUT ROWID takes three times the space for rows of this size
    "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, sum INTEGER NOT NULL, truncated INTEGER NOT NULL, build INTEGER NOT NULL,"
    " data BLOB NOT NULL) STRICT",
)


def connect(path: Path, prepare: Callable[[sqlite3.Connection], T], warn: Callable[[str], None]) -> tuple[sqlite3.Connection, T] | None:
    """A connection to the file, made if it is absent, with what `prepare` makes of it in a transaction; one that is damaged is replaced.

    None, after a warning, where that fails.
    """
    try:
        make_private(path.parent)
        try:
            return _open(path, prepare, warn)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            delete_files(path)
            warn(f"the embedding store {path} was damaged ({error}) and starts over")
            return _open(path, prepare, warn)
    except (OSError, sqlite3.Error, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        warn(
            f"the embedding store {path} cannot be opened ({reason}); vectors are computed and not kept, --cache-dir chooses another folder"
        )
        return None


def delete_files(path: Path) -> None:
    """Delete a database with its log; raises OSError."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def delete_older(cache: Path, warn: Callable[[str], None]) -> None:
    """Delete the vectors that an older stsbench kept, after a warning: nothing says that each is of the text which it is kept for."""
    for folder in (cache / VECTORS.parent / name for name in _OLDER):
        if os.path.isdir(folder):  # noqa: PTH112 - is_dir raises where a folder above is closed, and that is no reason to do without
            warn(f"vectors that an older stsbench kept in {folder} are deleted, since they may be of other texts; they are encoded anew")
            shutil.rmtree(folder, ignore_errors=True)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, rather than busy, full or out of reach; a statement of ours that fails is on a broken schema."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith("SQLITE_CORRUPT") or name in ("SQLITE_NOTADB", "SQLITE_ERROR")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, as the one writer; others wait for up to half a minute."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield


def plain_connection(path: Path) -> sqlite3.Connection:
    """A connection that overwrites what it deletes, and reads a text that is damaged as one that is not as it was written."""
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _open(path: Path, prepare: Callable[[sqlite3.Connection], T], warn: Callable[[str], None]) -> tuple[sqlite3.Connection, T]:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # for the user alone; log and index get the same mode
    connection = plain_connection(path)
    try:
        connection.execute("PRAGMA page_size = 8192")
        _use_log(connection, path, warn)
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last chunk, and never breaks the file
        with transaction(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
            return connection, prepare(connection)
    except BaseException:
        connection.close()
        raise


def _use_log(connection: sqlite3.Connection, path: Path, warn: Callable[[str], None]) -> None:
    for tenth in range(_PATIENCE + 1):
        answer = _ask_for_log(connection)
        if "locked" not in answer or tenth == _PATIENCE:
            break
        time.sleep(0.1)  # another run is at this very step, for which SQLite's own timeout does not wait
    if answer != "wal":
        connection.execute("PRAGMA journal_mode = DELETE")
        warn(
            f"the file system of {path.parent} offers no write-ahead log (it answered {answer!r}), so the embedding store is slower there;"
            " point --cache-dir at a local disk"
        )


def _ask_for_log(connection: sqlite3.Connection) -> str:
    try:
        return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
    except sqlite3.OperationalError as error:
        return str(error)
