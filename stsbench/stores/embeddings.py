"""Vectors on disk: one SQLite file an encoder, found by content, checked when read, committed chunk by chunk.

A row's key is a hash of (view, prompt, text) that takes the secret of the cache folder, so that the file holds no text and tells of
none. A checksum covers all of a row: SQLite's own integrity check does not see a bit that flips inside a value. Token vectors are not
kept.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from stsbench.contracts.data import Flags, Index, Vectors
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.items import Item
from stsbench.stores.database import VECTORS, connect, delete_files, delete_older, is_damage, transaction
from stsbench.stores.rows import DENSE, PASSING, Layout, damaged_labels, empty, get_meta, is_sound, put_meta, row_keys, seal, sealed_rows
from stsbench.stores.secret import cache_secret, mark_of

Warn = Callable[[str], None]
_UNKNOWN = -1  # the encoder cannot tell whether it cut the text
_QUERY = 500  # keys a query: one by one costs five times as much


@dataclass(frozen=True, eq=False)
class Found:
    """What is stored of a list of texts: row numbers, their vectors, truncation marks (1, 0, -1 unknown) and builds, damaged rows."""

    rows: Index
    values: Vectors
    truncated: np.ndarray[tuple[int], np.dtype[np.int8]]
    builds: Index
    damaged: Index


@dataclass(frozen=True)
class Rate:
    """How fast an encoder was when it last ran: characters, and seconds with the time to load it."""

    characters: int
    seconds: float

    def estimate(self, characters: int) -> float:
        """Seconds for that many characters."""
        return characters * self.seconds / self.characters


@dataclass(eq=False)
class EmbeddingStore:
    """The vectors of one encoder. A store that cannot be read or written warns once and does without: a run never fails for it."""

    path: Path
    connection: sqlite3.Connection
    build: int
    secret: bytes
    warn: Warn
    writable: bool = True
    axes: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def open(
        cls, cache: Path, fingerprint: Fingerprint, versions: Mapping[str, str], warn: Warn, *, create: bool = True
    ) -> EmbeddingStore | None:
        """The store of the encoder under `cache`; None where there is none (`create` is false), or none can be had (after a warning)."""
        path = store_path(cache, fingerprint)
        if not create and not os.path.exists(path):  # noqa: PTH110 - in a folder that is closed there is none, as far as this user can see
            return None
        delete_older(cache, warn)

        def prepare(connection: sqlite3.Connection) -> tuple[bytes, str | None, int]:
            secret = cache_secret(cache / VECTORS, warn)
            return secret, _identify(connection, path, fingerprint, secret), _build(connection, versions)

        opened = connect(path, prepare, warn)
        if opened is None:
            return None
        connection, (secret, said, build) = opened
        if said:
            warn(said)
        return cls(path, connection, build, secret, warn)

    def read(self, view: str, prompt: str, texts: Sequence[Item], width: int | None = None, layout: Layout = DENSE) -> Found:
        """The stored vectors of `texts`, of `width` numbers if that is known, kept in that layout, in no order.

        Damaged rows are deleted and named in a warning, and never returned.
        """
        keys = row_keys(self.secret, view, prompt, texts)
        place: dict[object, int] = {key: row for row, key in enumerate(keys)}
        sound: list[tuple[int, bytes, int, int]] = []
        damaged, broken = [], []  # rows, and numbers; where a key is damaged too, nobody can say of which text they were
        for number, *row in self._stored(keys):
            key, _, mark, build, data = row
            at = place.get(key)
            size = layout.width(data) if is_sound(row) else 0
            if at is None or not size or size != (width or size):
                broken.append(number)
                damaged += [] if at is None else [at]
                continue
            sound.append((at, data, mark, build))
            width = size
        if broken:
            self._discard(view, broken)
        rows, values, marks, builds = zip(*sound, strict=True) if sound else ((), (), (), ())
        return Found(
            np.array(rows, dtype=np.intp),
            layout.read(values, width or 0),
            np.array(marks, dtype=np.int8),
            np.array(builds, dtype=np.intp),
            np.array(damaged, dtype=np.intp),
        )

    def _stored(self, keys: Sequence[bytes]) -> list[Any]:
        """The rows of these keys, each after its number; none of them where they cannot all be read."""
        query = "SELECT rowid, key, sum, truncated, build, data FROM vector WHERE key IN "
        parts = [keys[start : start + _QUERY] for start in range(0, len(keys), _QUERY)]
        with self._doing("read"):
            return [row for part in parts for row in self.connection.execute(f"{query}({','.join('?' * len(part))})", part)]
        return []

    def write(self, prompt: str, texts: Sequence[Item], vectors: Mapping[str, tuple[Index, Vectors]], truncated: Flags | None) -> None:
        """Keep the chosen rows of each view, vectors of texts[rows], in one commit; a row that is there already stays."""
        if not self.writable:
            return
        marks = [_UNKNOWN] * len(texts) if truncated is None else truncated.astype(int).tolist()
        with self._doing("written"), transaction(self.connection):
            for view, (rows, values) in vectors.items():
                if (view, prompt) not in self.axes:
                    self.connection.execute("INSERT OR IGNORE INTO axis VALUES (?, ?, ?)", (view, prompt, seal(view, prompt)))
                keys = row_keys(self.secret, view, prompt, [texts[row] for row in rows])
                self.connection.executemany(
                    "INSERT OR IGNORE INTO vector (key, sum, truncated, build, data) VALUES (?, ?, ?, ?, ?)",
                    sealed_rows(keys, [marks[row] for row in rows], self.build, values),
                )
        if self.writable:
            self.axes.update((view, prompt) for view in vectors)

    def trust(self, build: int) -> bool:
        """Whether vectors of that build of the libraries were found equal to those of the present one."""
        known = self._builds()
        return build == self.build or (build in known and self.build in known and known[build][1] == known[self.build][1])

    def adopt(self, build: int) -> None:
        """Trust the vectors of an earlier build from now on."""
        known = self._builds()
        if build not in known or self.build not in known:
            return
        family = known[self.build][1]
        adopted = [(number, versions) for number, (versions, other) in known.items() if other == known[build][1]]
        rows = [(family, seal(number, versions, family), number) for number, versions in adopted]
        self._change("UPDATE build SET family = ?, sum = ? WHERE id = ?", rows)

    def start_over(self, build: int) -> tuple[str, ...]:
        """Delete the vectors of an earlier build; the libraries that moved since, as `name old -> new`."""
        known = self._builds()
        old, new = (json.loads(known[one][0]) if one in known else {} for one in (build, self.build))
        self._change("DELETE FROM vector WHERE build = ?", [(build,)])
        return tuple(
            f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}" for name in sorted({*old, *new}) if old.get(name) != new.get(name)
        )

    def _builds(self) -> dict[int, tuple[str, int]]:
        """Versions and family of each build."""
        with self._doing("read"):
            rows = self.connection.execute("SELECT id, versions, family FROM build").fetchall()
            return {number: (versions, family) for number, versions, family in rows}
        return {}

    def _change(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        with self._doing("written"), transaction(self.connection):
            self.connection.executemany(statement, rows)

    def remember(self, rate: Rate) -> None:
        """Keep how fast the encoder was, for the next plan."""
        self._change(*put_meta("rate", json.dumps([rate.characters, rate.seconds])))

    @property
    def rate(self) -> Rate | None:
        """How fast the encoder was when it last ran, if it did and that can be read."""
        try:
            characters, seconds = json.loads(get_meta(self.connection, "rate") or "null")
            return Rate(int(characters), float(seconds)) if characters > 0 and seconds >= 0 and isfinite(seconds) else None
        except (sqlite3.Error, TypeError, ValueError):
            return None

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        with closing(self.connection), suppress(sqlite3.Error):  # where another run reads: it, or the next one, folds the log
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _discard(self, view: str, numbers: Sequence[int]) -> None:
        some = f"{len(numbers)} stored vector(s) of view {view!r} in {self.path}"
        self.warn(f"{some} are damaged (row {numbers[0]} is the first); they are encoded anew")
        self._change("DELETE FROM vector WHERE rowid = ?", [(number,) for number in numbers])

    @contextmanager
    def _doing(self, what: str) -> Iterator[None]:
        """While it is read or written; where that fails it warns once, and nothing is written any more."""
        try:
            yield
        except sqlite3.Error as error:
            if not self.writable:
                return
            self.writable = False
            said = f"cannot be {what} ({error}); the run goes on and keeps no more vectors"
            if is_damage(error):
                with suppress(OSError):
                    delete_files(self.path)
                    said = f"is damaged ({error}); it is deleted, and the next run starts it over"
            self.warn(f"the embedding store {self.path} {said}")


def store_path(cache: Path, fingerprint: Fingerprint) -> Path:
    """Where the vectors of that encoder are under a cache folder."""
    return cache / VECTORS / fingerprint.hex / "vectors.sqlite"


def _identify(connection: sqlite3.Connection, path: Path, fingerprint: Fingerprint, secret: bytes) -> str | None:
    """Write down whose the vectors are, or see that they are; a sentence where the store had to start over. Raises ValueError."""
    facts = json.dumps(dict(fingerprint.fields), sort_keys=True)
    wrong = [name for name in damaged_labels(connection) if name not in PASSING]
    stored, mark = get_meta(connection, "fingerprint"), get_meta(connection, "secret")
    if stored not in (None, facts) and not wrong:
        raise ValueError(f"{path.parent.name} belongs to another encoder, {stored}")
    (count,) = connection.execute("SELECT COUNT(*) FROM (SELECT 1 FROM vector LIMIT 1)").fetchone()
    said = None
    if wrong or (count and None in (stored, mark)):
        said = f"the embedding store {path} starts over: what it says of its vectors is damaged ({', '.join(wrong) or 'meta'})"
    elif mark not in (None, mark_of(secret)):
        said = f"the embedding store {path} starts over: its vectors were kept with another secret than that of the cache folder"
    if said:
        empty(connection)
    for fact in (("fingerprint", facts), ("secret", mark_of(secret)), ("used", str(int(time.time())))):
        connection.executemany(*put_meta(*fact))
    return said


def _build(connection: sqlite3.Connection, versions: Mapping[str, str]) -> int:
    """The number of this set of library versions, each a family of its own until it is compared with another."""
    text = json.dumps(dict(versions), sort_keys=True)
    row = connection.execute("SELECT id FROM build WHERE versions = ?", (text,)).fetchone()
    if row is None:
        row = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM build").fetchone()
        sealed = (row[0], text, row[0])
        connection.execute("INSERT INTO build (id, versions, family, sum) VALUES (?, ?, ?, ?)", (*sealed, seal(*sealed)))
    return int(row[0])
