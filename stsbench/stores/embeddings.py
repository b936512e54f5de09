"""Vectors on disk: one SQLite file an encoder, found by content, checked when read, committed chunk by chunk.

A row's key is a hash of (view, prompt, text), so that the file holds no text. A checksum covers key, mark and vector: SQLite's
own integrity check does not see a bit that flips inside a value. Token vectors are not kept.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
import xxhash

from stsbench.contracts.data import Flags, Float32, Index
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.stores.database import VECTORS, connect, transaction

Warn = Callable[[str], None]
_UNKNOWN = -1  # the encoder cannot tell whether it cut the text
_QUERY = 500  # keys a query: one by one costs five times as much


@dataclass(frozen=True, eq=False)
class Found:
    """What is stored of a list of texts: row numbers, float32[k, d], truncation marks (1, 0, -1 unknown) and builds, damaged rows."""

    rows: Index
    values: Float32
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
    warn: Warn
    writable: bool = True
    axes: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def open(
        cls, cache: Path, fingerprint: Fingerprint, versions: Mapping[str, str], warn: Warn, *, create: bool = True
    ) -> EmbeddingStore | None:
        """The store of the encoder under `cache`; None where there is none (and `create` is false), or none can be had (after a warning)."""
        path = store_path(cache, fingerprint)
        if not create and not path.exists():
            return None
        connection = connect(path, warn)
        if connection is None:
            return None
        try:
            with transaction(connection):
                _identify(connection, path, fingerprint)
                build = _build(connection, versions)
        except (sqlite3.Error, ValueError) as error:
            warn(
                f"the embedding store {path} cannot be used ({error}); vectors are computed and not kept, --cache-dir chooses another folder"
            )
            connection.close()
            return None
        return cls(path, connection, build, warn)

    def read(self, view: str, prompt: str, texts: Sequence[str], width: int | None = None) -> Found:
        """The stored vectors of `texts`, of `width` numbers if that is known, in no order; damaged rows are deleted and named in a warning, and never returned."""
        keys = row_keys(view, prompt, texts)
        place = {key: row for row, key in enumerate(keys)}
        rows, marks, builds, damaged = [], [], [], []
        values: list[Float32] = []
        try:
            for some in (keys[start : start + _QUERY] for start in range(0, len(keys), _QUERY)):
                query = f"SELECT rowid, key, sum, truncated, build, data FROM vector WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608
                for number, key, total, mark, build, data in self.connection.execute(query, some):
                    if checksum(key, mark, data) != total or len(data) != 4 * (width or len(data) // 4) or not data:
                        damaged.append((number, place[key]))
                        continue
                    rows.append(place[key])
                    marks.append(mark)
                    builds.append(build)
                    values.append(np.frombuffer(data, dtype="<f4"))
                    width = len(data) // 4
        except sqlite3.Error as error:
            self._give_up("read", error)
            rows, marks, builds, values, damaged = [], [], [], [], []
        if damaged:
            self._discard(view, [number for number, _ in damaged])
        return Found(
            np.array(rows, dtype=np.intp),
            np.stack(values) if values else np.zeros((0, 0), dtype=np.float32),
            np.array(marks, dtype=np.int8),
            np.array(builds, dtype=np.intp),
            np.array([row for _, row in damaged], dtype=np.intp),
        )

    def write(self, prompt: str, texts: Sequence[str], vectors: Mapping[str, tuple[Index, Float32]], truncated: Flags | None) -> None:
        """Keep the chosen rows of each view, float32[k, d] of texts[rows], in one commit; a row that is there already stays."""
        if not self.writable:
            return
        marks = [_UNKNOWN] * len(texts) if truncated is None else truncated.astype(int).tolist()
        try:
            with transaction(self.connection):
                for view, (rows, values) in vectors.items():
                    if (view, prompt) not in self.axes:
                        self.connection.execute("INSERT OR IGNORE INTO axis VALUES (?, ?)", (view, prompt))
                    keys = row_keys(view, prompt, [texts[row] for row in rows])
                    self.connection.executemany(
                        "INSERT OR IGNORE INTO vector (key, sum, truncated, build, data) VALUES (?, ?, ?, ?, ?)",
                        _rows(keys, [marks[row] for row in rows], self.build, values),
                    )
            self.axes.update((view, prompt) for view in vectors)
        except sqlite3.Error as error:
            self._give_up("written", error)

    def trust(self, build: int) -> bool:
        """Whether vectors of that build of the libraries were found equal to those of the present one."""
        query = "SELECT COUNT(DISTINCT family) FROM build WHERE id IN (?, ?)"
        return bool(build == self.build or self.connection.execute(query, (build, self.build)).fetchone()[0] == 1)

    def adopt(self, build: int) -> None:
        """Trust the vectors of an earlier build from now on."""
        with transaction(self.connection):
            query = (
                "UPDATE build SET family = (SELECT family FROM build WHERE id = ?) WHERE family = (SELECT family FROM build WHERE id = ?)"
            )
            self.connection.execute(query, (self.build, build))

    def start_over(self, build: int) -> tuple[str, ...]:
        """Delete the vectors of an earlier build; the libraries that moved since, as `name old -> new`."""
        found = dict(self.connection.execute("SELECT id, versions FROM build WHERE id IN (?, ?)", (build, self.build)))
        old, new = json.loads(found[build]), json.loads(found[self.build])
        with transaction(self.connection):
            self.connection.execute("DELETE FROM vector WHERE build = ?", (build,))
        return tuple(
            f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}" for name in sorted({*old, *new}) if old.get(name) != new.get(name)
        )

    def remember(self, rate: Rate) -> None:
        """Keep how fast the encoder was, for the next plan."""
        try:
            with transaction(self.connection):
                self.connection.execute("INSERT OR REPLACE INTO meta VALUES ('rate', ?)", (json.dumps([rate.characters, rate.seconds]),))
        except sqlite3.Error as error:
            self._give_up("written", error)

    @property
    def rate(self) -> Rate | None:
        """How fast the encoder was when it last ran, if it did."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = 'rate'").fetchone()
        return None if row is None else Rate(*json.loads(row[0]))

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        try:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            pass  # another run reads: it, or the next one, folds the log
        finally:
            self.connection.close()

    def _discard(self, view: str, numbers: Sequence[int]) -> None:
        self.warn(
            f"{len(numbers)} stored vector(s) of view {view!r} in {self.path} are damaged (row {numbers[0]} is the first); they are encoded anew"
        )
        try:
            with transaction(self.connection):
                self.connection.executemany("DELETE FROM vector WHERE rowid = ?", [(number,) for number in numbers])
        except sqlite3.Error as error:
            self._give_up("written", error)

    def _give_up(self, what: str, error: sqlite3.Error) -> None:
        if self.writable:
            self.warn(f"the embedding store {self.path} cannot be {what} ({error}); the run goes on and keeps no more vectors")
        self.writable = False


def store_path(cache: Path, fingerprint: Fingerprint) -> Path:
    """Where the vectors of that encoder are under a cache folder."""
    return cache / VECTORS / fingerprint.hex / "vectors.sqlite"


def row_keys(view: str, prompt: str, texts: Iterable[str]) -> list[bytes]:
    """Blake2b-128 of the length-prefixed view, prompt and text, each as UTF-8 and not normalised."""
    start = blake2b(digest_size=16)
    for one in (view, prompt):
        data = one.encode("utf-8", "surrogatepass")
        start.update(len(data).to_bytes(8, "little") + data)
    keys = []
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        state = start.copy()
        state.update(len(data).to_bytes(8, "little") + data)
        keys.append(state.digest())
    return keys


def checksum(key: bytes, mark: int, data: bytes) -> int:
    """XXH3-64 over key, truncation mark and vector, as the signed number that SQLite stores."""
    state = xxhash.xxh3_64(key)
    state.update(b"%d" % mark)
    state.update(data)
    return int.from_bytes(state.digest(), "big", signed=True)


def _rows(keys: Sequence[bytes], marks: Sequence[int], build: int, values: Float32) -> Iterable[tuple[object, ...]]:
    plain = np.ascontiguousarray(values, dtype="<f4")
    for key, mark, row in zip(keys, marks, plain, strict=True):
        data = row.tobytes()
        yield key, checksum(key, mark, data), mark, build, data


def _identify(connection: sqlite3.Connection, path: Path, fingerprint: Fingerprint) -> None:
    facts = json.dumps(dict(fingerprint.fields), sort_keys=True)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('fingerprint', ?)", (facts,))
    (stored,) = connection.execute("SELECT value FROM meta WHERE name = 'fingerprint'").fetchone()
    if stored != facts:
        raise ValueError(f"{path.parent.name} belongs to another encoder, {stored}")
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('used', ?)", (str(int(time.time())),))


def _build(connection: sqlite3.Connection, versions: Mapping[str, str]) -> int:
    """The number of this set of library versions, each a family of its own until it is compared with another."""
    text = json.dumps(dict(versions), sort_keys=True)
    connection.execute("INSERT OR IGNORE INTO build (versions, family) VALUES (?, (SELECT COALESCE(MAX(id), 0) + 1 FROM build))", (text,))
    (number,) = connection.execute("SELECT id FROM build WHERE versions = ?", (text,)).fetchone()
    return int(number)
