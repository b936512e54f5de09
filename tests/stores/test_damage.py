"""Whatever is damaged in a store is found, named and encoded anew: never another vector, never a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import StoreError
from stsbench.stores.cache import forget, inspect, verify
from stsbench.stores.embeddings import EmbeddingStore, Rate, store_path

FINGERPRINT = Fingerprint.of(component="double", weights="1")
TEXTS = [f"text {number}" for number in range(40)]
VECTORS = np.random.default_rng(0).normal(size=(len(TEXTS), 4)).astype(np.float32)


def opened(cache: Path) -> tuple[EmbeddingStore, list[str]]:
    said: list[str] = []
    store = EmbeddingStore.open(cache, FINGERPRINT, {"numpy": "2"}, said.append)
    assert store is not None
    return store, said


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store with 40 vectors."""
    store, _ = opened(tmp_path)
    store.write("", TEXTS, {"mean": (np.arange(len(TEXTS)), VECTORS)}, None)
    store.remember(Rate(1000, 4.0))
    store.close()
    return store_path(tmp_path, FINGERPRINT)


def change(path: Path, table: str, assignment: str, condition: str) -> None:
    """Change a row as a flipped bit could: past the types that the table asks for."""
    with closing(sqlite3.connect(path)) as connection:
        columns = ", ".join(name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})"))
        connection.execute(f"CREATE TABLE loose ({columns})")
        connection.execute(f"INSERT INTO loose (rowid, {columns}) SELECT rowid, {columns} FROM {table}")
        connection.execute(f"DROP TABLE {table}")
        connection.execute(f"ALTER TABLE loose RENAME TO {table}")
        connection.execute(f"UPDATE {table} SET {assignment} WHERE {condition}")
        connection.commit()


def read(cache: Path) -> tuple[dict[int, Any], list[str]]:
    """By row of TEXTS the vector that the store gives, and what it says."""
    store, said = opened(cache)
    hits = store.read("mean", "", TEXTS)
    assert store.rate is None or store.rate == Rate(1000, 4.0)
    store.close()
    return dict(zip(hits.rows.tolist(), hits.values, strict=True)), said


VALUES = ["NULL", "7", "1.5", "'text'", "x'00'", "9223372036854775807"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("column", ["key", "sum", "truncated", "build", "data"])
def test_a_value_of_any_type_is_a_damaged_row(tmp_path: Path, path: Path, column: str, value: str) -> None:
    change(path, "vector", f"{column} = {value}", "rowid = 3")
    hits, said = read(tmp_path)
    assert hits.keys() == set(range(40)) - {2}
    if column != "key":  # by another key nobody asks for it
        assert "(row 3 is the first); they are encoded anew" in said[0]
    else:
        assert [damaged for *_, damaged in verify(tmp_path)] == [["row 3"]]
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(39, [])]
    store, _ = opened(tmp_path)
    store.write("", TEXTS, {"mean": (np.arange(len(TEXTS)), VECTORS)}, None)
    assert len(store.read("mean", "", TEXTS).rows) >= 40
    store.close()


@pytest.mark.parametrize("value", [*VALUES, "'[0, 1]'", "'[1]'", "'[1, -1]'", "'[1, 1e999]'", "'[\"a\", 2]'", "'{'"])
def test_a_broken_rate_is_none_and_is_named(tmp_path: Path, path: Path, value: str) -> None:
    change(path, "meta", f"value = {value}", "name = 'rate'")
    store, said = opened(tmp_path)
    assert store.rate is None
    store.close()
    assert said == []
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(40, ["meta rate"])]
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(40, [])]
    assert len(read(tmp_path)[0]) == 40


@pytest.mark.parametrize(("characters", "seconds"), [(0, 1.0), (5, -1.0), (5, float("nan"))])
def test_a_rate_that_cannot_be_is_none(tmp_path: Path, characters: int, seconds: float) -> None:
    store, _ = opened(tmp_path)
    store.remember(Rate(characters, seconds))
    assert store.rate is None
    store.close()


@pytest.mark.parametrize(
    ("table", "assignment", "condition", "label"),
    [
        ("meta", "value = '{}'", "name = 'fingerprint'", "meta fingerprint"),
        ("meta", "value = NULL", "name = 'secret'", "meta secret"),
        ("build", "family = 2", "id = 1", "build 1"),
        ("build", "versions = x'ff'", "id = 1", "build 1"),
        ("axis", "view = 'cls'", "view = 'mean'", "axis cls"),
    ],
)
def test_labels_that_are_damaged_take_the_vectors_with_them(
    tmp_path: Path, path: Path, table: str, assignment: str, condition: str, label: str
) -> None:
    change(path, table, assignment, condition)
    assert inspect(tmp_path)[0].vectors == 40
    hits, said = read(tmp_path)
    assert hits == {}
    assert f"starts over: what it says of its vectors is damaged ({label})" in said[0]
    assert read(tmp_path) == ({}, [])


def test_verify_and_forget_know_damaged_labels(tmp_path: Path, path: Path) -> None:
    change(path, "axis", "view = 'cls'", "view = 'mean'")
    copy = path.read_bytes()
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(0, ["axis cls"])]
    path.write_bytes(copy)
    assert forget(tmp_path, ["of no store"]) == 40  # which of them were of the text, nobody can say


def test_a_broken_file_is_named_and_deleted_and_stops_no_other(tmp_path: Path, path: Path) -> None:
    other = Fingerprint.of(component="other")
    store = EmbeddingStore.open(tmp_path, other, {}, print)
    assert store is not None
    store.write("", TEXTS, {"mean": (np.arange(len(TEXTS)), VECTORS)}, None)
    store.close()
    content = path.read_bytes()
    for broken in (content[:8192] + b"\xff" * (len(content) - 8192), b"no database" * 999):
        path.write_bytes(broken)
        assert sorted((one.encoder, one.vectors) for one in inspect(tmp_path))[-1] == ("other", 40)
        counts = {where.parent.name: (sound, damaged) for where, sound, damaged in verify(tmp_path)}
        assert counts[other.hex] == (40, [])
        assert counts[FINGERPRINT.hex][0] == 0
        assert counts[FINGERPRINT.hex][1]
        assert read(tmp_path)[0] == {}


def flipped(content: bytes, generator: np.random.Generator) -> bytes:
    spoilt = bytearray(content)
    spoilt[int(generator.integers(len(spoilt)))] ^= 1 << int(generator.integers(8))
    return bytes(spoilt)


@pytest.mark.parametrize("flips", [60, pytest.param(1000, marks=pytest.mark.campaign)])
def test_flipped_bits_never_give_another_vector(tmp_path: Path, path: Path, flips: int) -> None:
    content, generator = path.read_bytes(), np.random.default_rng(flips)
    for _ in range(flips):
        for name in ("-wal", "-shm"):
            path.with_name(path.name + name).unlink(missing_ok=True)
        path.write_bytes(spoilt := flipped(content, generator))
        inspect(tmp_path)
        store = EmbeddingStore.open(tmp_path, FINGERPRINT, {"numpy": "2"}, lambda _: None)
        if store is not None:
            hits = store.read("mean", "", TEXTS)
            assert all(np.array_equal(values, VECTORS[row]) for row, values in zip(hits.rows.tolist(), hits.values, strict=True))
            assert store.rate in (None, Rate(1000, 4.0))
            store.close()
        path.write_bytes(spoilt)
        with suppress(StoreError):  # a sentence
            assert all(sound <= 40 for _, sound, _ in verify(tmp_path))


def test_pages_that_are_damaged_once_the_file_is_open_start_the_store_over(tmp_path: Path, path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: 2 * 8192] + b"\xaa" * (len(content) - 2 * 8192))  # the schema is whole, the tables are not
    store, said = opened(tmp_path)
    assert "was damaged (database disk image is malformed) and starts over" in said[0]
    store.write("", TEXTS, {"mean": (np.arange(len(TEXTS)), VECTORS)}, None)
    store.close()
    hits, said = read(tmp_path)
    assert said == []
    assert len(hits) == len(TEXTS)


def test_a_damaged_file_that_cannot_be_deleted_costs_the_run_nothing(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError

    store, said = opened(tmp_path)
    monkeypatch.setattr("stsbench.stores.embeddings.delete_files", refuse)
    store.connection.execute("DROP TABLE vector")
    assert not len(store.read("mean", "", TEXTS).rows)
    assert "cannot be read (no such table: vector); the run goes on and keeps no more vectors" in said[0]
    store.close()
