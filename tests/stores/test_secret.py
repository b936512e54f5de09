"""Rows are keyed with a secret of the cache folder, which one user alone can read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from stsbench.contracts.fingerprint import Fingerprint
from stsbench.stores.cache import collect, forget
from stsbench.stores.database import VECTORS
from stsbench.stores.embeddings import EmbeddingStore, store_path
from stsbench.stores.rows import row_keys
from stsbench.stores.secret import SECRET, cache_secret, read_secret

FINGERPRINT = Fingerprint.of(component="double")
TEXTS = ["a salary", "a diagnosis"]


def fill(cache: Path) -> list[str]:
    said: list[str] = []
    store = EmbeddingStore.open(cache, FINGERPRINT, {}, said.append)
    assert store is not None
    store.write("", TEXTS, {"mean": (np.arange(2), np.ones((2, 3), np.float32))}, None)
    store.close()
    return said


def held(cache: Path) -> tuple[int, list[str]]:
    """How many vectors of the texts a store gives, and what it says."""
    said: list[str] = []
    store = EmbeddingStore.open(cache, FINGERPRINT, {}, said.append)
    assert store is not None
    count = len(store.read("mean", "", TEXTS).rows)
    store.close()
    return count, said


def keys(cache: Path) -> set[bytes]:
    with closing(sqlite3.connect(store_path(cache, FINGERPRINT))) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM vector")}


def test_two_caches_share_no_key_and_nobody_can_guess_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert fill(tmp_path / name) == []
    assert len(keys(tmp_path / "one") | keys(tmp_path / "two")) == 4
    secret = read_secret(tmp_path / "one" / VECTORS)
    assert secret is not None
    assert keys(tmp_path / "one") == {*row_keys(secret, "mean", "", TEXTS)}
    assert secret not in store_path(tmp_path / "one", FINGERPRINT).read_bytes()


def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    usual = os.umask(0)  # which denies nothing
    try:
        store = EmbeddingStore.open(tmp_path / "cache", FINGERPRINT, {}, print)
        assert store is not None
        store.write("", TEXTS, {"mean": (np.arange(2), np.ones((2, 3), np.float32))}, None)
        modes = {path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
        store.close()
    finally:
        os.umask(usual)
    folders = {"cache", "cache/vectors", f"cache/{VECTORS.as_posix()}", f"cache/{VECTORS.as_posix()}/{FINGERPRINT.hex}"}
    assert {name: mode for name, mode in modes.items() if name in folders} == dict.fromkeys(folders, 0o700)
    assert {Path(name).name for name in modes.keys() - folders} == {SECRET, "vectors.sqlite", "vectors.sqlite-wal", "vectors.sqlite-shm"}
    assert {mode for name, mode in modes.items() if name not in folders} == {0o600}


def test_processes_that_make_a_secret_at_once_agree(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom stsbench.stores.secret import cache_secret\n"
        "print(flush=True)\nsys.stdin.readline()\n"
        "for number in range(60):\n    print(cache_secret(Path(sys.argv[1]) / str(number), print).hex())\n"
    )
    made = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in made:
        assert process.stdout is not None
        process.stdout.readline()
    for process in made:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate()[0].split() for process in made]
    assert outputs[0] == outputs[1] == outputs[2]
    assert len(set(outputs[0])) == 60
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {SECRET}


def test_without_hard_links_there_is_a_secret_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert cache_secret(tmp_path, print) == cache_secret(tmp_path, print) == read_secret(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [SECRET]


@pytest.mark.parametrize("damage", [b"", b"x" * 31, b"y" * 32])
def test_another_secret_starts_over_with_a_word(tmp_path: Path, damage: bytes) -> None:
    fill(tmp_path)
    (tmp_path / VECTORS / SECRET).write_bytes(damage)
    count, said = held(tmp_path)
    assert count == 0
    assert any("starts over: its vectors were kept with another secret than that of the cache folder" in one for one in said)
    assert any("was damaged and is made anew" in one for one in said) == (len(damage) != 32)
    assert fill(tmp_path) == []
    assert held(tmp_path) == (2, [])


def test_a_store_of_another_cache_is_not_believed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        fill(tmp_path / name)
    shutil.copytree(store_path(tmp_path / "one", FINGERPRINT).parent, store_path(tmp_path / "two", FINGERPRINT).parent, dirs_exist_ok=True)
    assert forget(tmp_path / "two", ["of no store"]) == 2  # it may hold any text
    assert held(tmp_path / "two")[0] == 0


@pytest.mark.parametrize("by", ["a run", "gc", "forget"])
def test_vectors_of_an_older_version_are_deleted_with_a_word_and_never_read(tmp_path: Path, by: str) -> None:
    older = tmp_path / "vectors" / "v1" / FINGERPRINT.hex
    older.mkdir(parents=True)
    (older / "vectors.sqlite").write_bytes(b"vectors that a sorted list was given")
    if by == "a run":
        (said,) = fill(tmp_path)
        assert "vectors that an older stsbench kept in" in said
        assert "are deleted, since they may be of other texts; they are encoded anew" in said
        assert held(tmp_path) == (2, [])
    elif by == "gc":
        collect(tmp_path, 10**9)
    else:
        forget(tmp_path, TEXTS)
    assert not older.exists()
