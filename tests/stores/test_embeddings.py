"""The embedding store alone: what is kept, what a flipped bit, a full disk, a second process and a kill do to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.contracts.fingerprint import Fingerprint
from stsbench.stores import database
from stsbench.stores.cache import collect, forget, inspect, verify
from stsbench.stores.embeddings import EmbeddingStore, Rate, store_path
from stsbench.stores.rows import put_meta, row_keys

FINGERPRINT = Fingerprint.of(component="double", weights="1")
TEXTS = ["a man", "", "ein Mädchen", "日本", "\ud800 lone"]


def vectors(count: int = len(TEXTS), dim: int = 4, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)


def open_store(folder: Path, versions: dict[str, str] | None = None, fingerprint: Fingerprint = FINGERPRINT) -> tuple[Any, list[str]]:
    said: list[str] = []
    return EmbeddingStore.open(folder, fingerprint, versions or {"numpy": "2"}, said.append), said


def fill(folder: Path, texts: list[str] = TEXTS) -> np.ndarray[Any, np.dtype[np.float32]]:
    store, said = open_store(folder)
    values = vectors(len(texts))
    store.write("", texts, {"mean": (np.arange(len(texts)), values)}, np.arange(len(texts)) % 2 == 1)
    store.close()
    assert said == []
    return values


def test_what_is_written_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    values = fill(tmp_path)
    store, _ = open_store(tmp_path)
    hits = store.read("mean", "", [*TEXTS, "absent"])
    assert sorted(hits.rows.tolist()) == list(range(len(TEXTS)))
    assert hits.values.dtype == np.float32
    assert np.array_equal(hits.values[np.argsort(hits.rows)], values)
    assert hits.truncated[np.argsort(hits.rows)].tolist() == [0, 1, 0, 1, 0]
    assert not len(hits.damaged)
    for view, prompt in (("cls", ""), ("mean", "query: ")):
        assert not len(store.read(view, prompt, TEXTS).rows)
    store.close()


def test_keys_are_keyed_blake2b_of_length_prefixed_fields() -> None:
    secret = b"s" * 32
    expected = blake2b(digest_size=16, key=secret)
    for field in ("mean@6", "query: ", "ein Mädchen"):
        data = field.encode()
        expected.update(len(data).to_bytes(8, "little"))
        expected.update(data)
    assert row_keys(secret, "mean@6", "query: ", ["ein Mädchen"]) == [expected.digest()]
    assert len({row_keys(secret, *key)[0] for key in (("a", "b", ["c"]), ("ab", "", ["c"]), ("a", "bc", [""]))}) == 3


def test_the_file_has_a_log_large_pages_and_no_text(tmp_path: Path) -> None:
    fill(tmp_path, ["a canary that nobody may see"])
    path = store_path(tmp_path, FINGERPRINT)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
    assert "WITHOUT ROWID" not in connection.execute("SELECT sql FROM sqlite_master WHERE name = 'vector'").fetchone()[0]
    connection.close()
    assert b"canary" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("column", ["data", "truncated", "key"])
def test_a_flipped_bit_is_found_named_and_never_returned(tmp_path: Path, column: str) -> None:
    fill(tmp_path)
    path = store_path(tmp_path, FINGERPRINT)
    connection = sqlite3.connect(path)
    if column == "truncated":
        connection.execute("UPDATE vector SET truncated = 1 - truncated WHERE rowid = 3")
    elif column == "key":  # two rows whose vectors were swapped
        _, (second,) = (connection.execute("SELECT data FROM vector WHERE rowid = ?", (row,)).fetchone() for row in (3, 4))
        connection.execute("UPDATE vector SET data = ? WHERE rowid = 3", (second,))
    else:
        (data,) = connection.execute("SELECT data FROM vector WHERE rowid = 3").fetchone()
        connection.close()
        content = bytearray(path.read_bytes())
        assert content.count(data) == 1
        content[content.index(data) + 5] ^= 0b100
        path.write_bytes(content)
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)  # SQLite itself does not see it
    connection.commit()
    connection.close()
    store, said = open_store(tmp_path)
    hits = store.read("mean", "", TEXTS)
    assert sorted(hits.rows.tolist()) == [0, 1, 3, 4]
    assert hits.damaged.tolist() == [2]
    (message,) = said
    assert "1 stored vector(s) of view 'mean'" in message
    assert "(row 3 is the first); they are encoded anew" in message
    assert not len(store.read("mean", "", TEXTS).damaged)
    store.write("", TEXTS, {"mean": (np.array([2]), vectors()[2:3])}, None)
    assert sorted(store.read("mean", "", TEXTS).rows.tolist()) == [0, 1, 2, 3, 4]
    store.close()


def test_verify_names_damage_and_deletes_it(tmp_path: Path) -> None:
    fill(tmp_path)
    connection = sqlite3.connect(store_path(tmp_path, FINGERPRINT))
    connection.execute("UPDATE vector SET data = zeroblob(16) WHERE rowid = 2")
    connection.commit()
    connection.close()
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(4, ["row 2"])]
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(4, [])]


def test_a_full_disk_is_a_warning_and_what_was_there_stays(tmp_path: Path) -> None:
    fill(tmp_path)
    store, said = open_store(tmp_path)
    (pages,) = store.connection.execute("PRAGMA page_count").fetchone()
    store.connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own disk-full error
    more = [f"text {row}" for row in range(2000)]
    store.write("", more, {"mean": (np.arange(2000), vectors(2000))}, None)
    store.write("", more, {"mean": (np.arange(2000), vectors(2000))}, None)
    (message,) = said
    assert "cannot be written (database or disk is full); the run goes on" in message
    assert len(store.read("mean", "", TEXTS).rows) == len(TEXTS)
    store.close()


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store, said = open_store(tmp_path / "file")
    assert store is None
    assert "cannot be opened (Not a directory); vectors are computed and not kept" in said[0]


def test_a_file_that_is_no_database_starts_over(tmp_path: Path) -> None:
    fill(tmp_path)
    store_path(tmp_path, FINGERPRINT).write_bytes(b"no database" * 1000)
    store, said = open_store(tmp_path)
    assert "was damaged (file is not a database) and starts over" in said[0]
    assert not len(store.read("mean", "", TEXTS).rows)
    store.close()


def test_without_a_write_ahead_log_it_says_so_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_ask_for_log", lambda _connection: "delete")
    store, said = open_store(tmp_path)
    assert "offers no write-ahead log (it answered 'delete')" in said[0]
    store.write("", TEXTS, {"mean": (np.arange(5), vectors())}, None)
    assert len(store.read("mean", "", TEXTS).rows) == 5
    assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    store.close()


def test_another_encoder_s_file_is_refused(tmp_path: Path) -> None:
    fill(tmp_path)
    other = Fingerprint.of(component="other")
    store_path(tmp_path, FINGERPRINT).parent.rename(store_path(tmp_path, other).parent)
    store, said = open_store(tmp_path, fingerprint=other)
    assert store is None
    assert "belongs to another encoder" in said[0]


def test_rows_that_are_there_stay(tmp_path: Path) -> None:
    values = fill(tmp_path)
    store, _ = open_store(tmp_path)
    store.write("", TEXTS, {"mean": (np.arange(5), vectors(seed=1))}, None)
    hits = store.read("mean", "", TEXTS)
    assert np.array_equal(hits.values[np.argsort(hits.rows)], values)
    store.close()


def test_the_rate_is_remembered(tmp_path: Path) -> None:
    store, _ = open_store(tmp_path)
    assert store.rate is None
    store.remember(Rate(1000, 4.0))
    assert store.rate is not None
    assert store.rate.estimate(500) == 2.0
    store.close()


def _write_for_ever(folder: str, seed: int, at_work: Any) -> None:
    store, _ = open_store(Path(folder))
    for number in range(10**6):
        texts = [f"{seed if number % 2 else 'both'} {number} {row}" for row in range(20)]
        values = np.array([[float(number), float(row), 0.0, 1.0] for row in range(20)], dtype=np.float32)
        store.write("", texts, {"mean": (np.arange(20), values)}, None)
        if number == 50:
            at_work.set()


@pytest.mark.slow
def test_two_writers_that_are_killed_leave_whole_chunks(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for _ in range(3):
        moments = [context.Event() for _ in range(2)]
        writers = [context.Process(target=_write_for_ever, args=(str(tmp_path), seed, moment)) for seed, moment in enumerate(moments, 1)]
        for writer in writers:
            writer.start()
        for moment in moments:
            moment.wait()
        for writer in writers:
            assert writer.pid
            os.kill(writer.pid, signal.SIGKILL)
            writer.join()
    store, said = open_store(tmp_path)
    (count,) = store.connection.execute("SELECT COUNT(*) FROM vector").fetchone()
    assert count > 100
    assert count % 20 == 0
    store.close()
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(count, [])]
    assert said == []


def test_info_gc_and_forget(tmp_path: Path) -> None:
    fill(tmp_path)
    other, _ = open_store(tmp_path, fingerprint=Fingerprint.of(component="other", target="model"))
    other.write("p", TEXTS, {"cls": (np.arange(5), vectors())}, None)
    other.connection.executemany(*put_meta("used", "1"))
    other.close()
    first, second = inspect(tmp_path)
    assert (first.encoder, first.views, first.vectors) == ("double", ("mean",), 5)
    assert (second.encoder, second.views, second.used) == ("other model", ("cls",), 1)
    assert forget(tmp_path, [TEXTS[0], "absent"]) == 2
    assert [one.vectors for one in inspect(tmp_path)] == [4, 4]
    assert [one.encoder for one in collect(tmp_path, first.size)] == ["other model"]
    assert [one.encoder for one in inspect(tmp_path)] == ["double"]
    assert collect(tmp_path, 10**9) == []


def test_a_cache_in_a_closed_folder_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = os.stat

    def closed(path: Any, *options: Any, **more: Any) -> Any:
        if str(path).startswith(str(tmp_path / "vectors")):
            raise PermissionError(13, "Permission denied", str(path))
        return known(path, *options, **more)

    monkeypatch.setattr(os, "stat", closed)
    assert EmbeddingStore.open(tmp_path, FINGERPRINT, {}, print, create=False) is None
    store, said = open_store(tmp_path)
    assert store is None
    assert "Permission denied" in said[0]
    assert "vectors are computed and not kept" in said[0]
