"""The commands of `stsbench cache`, on a folder that a run has filled."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stsbench.cli.app import app
from stsbench.stores.rows import put_meta

Command = Callable[..., Result]

PLUGIN = """
import numpy as np
from stsbench.plugin import Component, Embeddings, Fingerprint, hookimpl

class Counting:
    views = ("sentence",)
    token_views = ()
    def __init__(self, size):
        self.size, self.fingerprint = size, Fingerprint.of(model="counting", size=size)
    def encode(self, texts, *, views, prompt=""):
        return Embeddings({"sentence": np.array([[len(text), text.count("e"), self.size] for text in texts], dtype=np.float32)})

def counting(*, size: int = 1):
    "Letters, counted."
    return Counting(size)

@hookimpl
def stsbench_encoders():
    return [Component("counting", counting)]
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two encoders' vectors of two benchmarks of 3 texts each, one of them in both."""
    place = tmp_path_factory.mktemp("filled")
    (place / "counting_double.py").write_text(PLUGIN)
    info = place / "stsbench_counting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-counting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stsbench]\ncounting = counting_double\n")
    (place / "one.csv").write_text("sentence1,sentence2,score\na,bee,1\nbee,tree,2\n")
    (place / "two.csv").write_text("sentence1,sentence2,score\nsea,bee,1\nsea,the end,2\n")
    command = [sys.executable, "-m", "stsbench", "run", "-e", "counting", "-e", "counting,size=2", "-b", "csv:one.csv", "-b", "csv:two.csv"]
    environment = {**os.environ, "PYTHONPATH": str(place), "STSBENCH_CACHE_DIR": str(place / "cache")}
    subprocess.run([*command, "-q"], cwd=place, env=environment, capture_output=True, check=True, timeout=120)
    return place


@pytest.fixture
def stsbench(filled: Path, tmp_path: Path) -> Command:
    """Runs a command on a copy of the filled folder."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return lambda *arguments: CliRunner().invoke(app, arguments, env={"STSBENCH_CACHE_DIR": str(tmp_path / "cache")})


def stores(command: Command) -> dict[str, int]:
    """Vectors by store, as `cache info` says."""
    return {one["store"]: one["vectors"] for one in json.loads(command("cache", "info", "--json").stdout)["stores"]}


def test_info_says_what_each_encoder_holds(stsbench: Command, tmp_path: Path) -> None:
    found = json.loads(stsbench("cache", "info", "--json", "--quota", "500M").stdout)
    assert (found["folder"], found["quota"]) == (str(tmp_path / "cache"), 500_000_000)
    assert [(one["vectors"], one["views"]) for one in found["stores"]] == [(5, ["sentence"])] * 2
    assert found["bytes"] == sum(one["bytes"] for one in found["stores"]) > 0
    plain = stsbench("cache", "info", "--quota", "1")
    assert plain.stdout.startswith(f"{tmp_path / 'cache'}: 2 encoders, ")
    assert plain.stdout.count("        5 vectors") == 2
    assert "warning: more is kept than the quota" in plain.stderr
    assert stsbench("cache", "info", "--quota", "lots").exit_code == 2


def test_verify_finds_one_flipped_bit_and_deletes_its_vector(stsbench: Command, tmp_path: Path) -> None:
    sound = stsbench("cache", "verify")
    assert (sound.exit_code, sound.stdout.count(": 5 sound\n")) == (0, 2)
    path = next((tmp_path / "cache").rglob("vectors.sqlite"))
    with sqlite3.connect(path) as connection:
        number, data = connection.execute("SELECT rowid, data FROM vector LIMIT 1").fetchone()
        connection.execute("UPDATE vector SET data = ? WHERE rowid = ?", (bytes([data[0] ^ 1]) + data[1:], number))
    connection.close()
    shutil.copytree(tmp_path / "cache", tmp_path / "again")
    damaged = stsbench("cache", "verify")
    assert damaged.exit_code == 1
    assert "4 sound, 1 damaged and deleted: " in damaged.stdout
    told = stsbench("cache", "verify", "--cache-dir", str(tmp_path / "again"), "--json")
    assert (told.exit_code, sorted((one["sound"], one["damaged"]) for one in json.loads(told.stdout)["stores"])) == (
        1,
        [(4, [f"row {number}"]), (5, [])],
    )
    assert stsbench("cache", "verify").exit_code == 0
    assert sorted(stores(stsbench).values()) == [4, 5]


def test_gc_deletes_what_was_not_used_for_longest(stsbench: Command, tmp_path: Path) -> None:
    assert stsbench("cache", "gc").stdout == "deleted 0 encoders, 0.0 MB\n"
    before = json.loads(stsbench("cache", "info", "--json").stdout)
    old, new = (one["store"] for one in before["stores"])
    with sqlite3.connect(next((tmp_path / "cache").rglob(f"{old}/vectors.sqlite"))) as connection:
        connection.executemany(*put_meta("used", "1"))
    connection.close()
    assert stsbench("cache", "gc", "--quota", str(before["bytes"] - 1)).stdout.startswith("deleted 1 encoder, ")
    assert list(stores(stsbench)) == [new]
    (gone,) = json.loads(stsbench("cache", "gc", "--quota", "0", "--json").stdout)["deleted"]
    assert (gone["store"], gone["encoder"]) == (new, next(one["encoder"] for one in before["stores"] if one["store"] == new))
    assert stores(stsbench) == {}


def test_forget_erases_a_benchmark_from_every_store_or_a_whole_store(stsbench: Command, tmp_path: Path) -> None:
    assert stsbench("cache", "forget").exit_code == 2
    assert stsbench("cache", "forget", "-b", f"csv:{tmp_path / 'one.csv'}").stdout == "erased 6 vectors\n"
    assert list(stores(stsbench).values()) == [2, 2]
    first, second = stores(stsbench)
    refused = stsbench("cache", "forget", "-b", f"csv:{tmp_path / 'one.csv'}", "--store", "zzz")
    assert (refused.exit_code, refused.stdout) == (2, "erased 0 vectors\n"), "what was done before is told"
    assert "no encoder's store starts with 'zzz'" in refused.stderr
    assert stsbench("cache", "forget", "--store", first).stdout == "deleted 1 encoder\n"
    assert list(stores(stsbench)) == [second]
    told = json.loads(stsbench("cache", "forget", "-b", f"csv:{tmp_path / 'two.csv'}", "--store", second, "--json").stdout)
    assert (told["erased"], [one["store"] for one in told["deleted"]]) == (2, [second])


def test_warm_encodes_a_benchmark_ahead_of_a_run(stsbench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    one, two = (f"csv:{tmp_path / name}" for name in ("one.csv", "two.csv"))
    stsbench("cache", "gc", "--quota", "0")
    warmed = stsbench("cache", "warm", "-e", "counting", "-b", one, "-b", two, "--json")
    assert json.loads(warmed.stdout) == {"texts": {"counting": 5}}, warmed.stderr
    assert list(stores(stsbench).values()) == [5]
    ran = stsbench("run", "-e", "counting", "-b", one)
    assert (ran.exit_code, "counting: encoding 0 unique texts, 3 more are stored" in ran.stderr) == (0, True), ran.stderr
    again = stsbench("cache", "warm", "-e", "counting", "-b", one)
    assert again.stdout == "counting: the vectors of 3 unique texts are kept\n"
    assert "counting: encoding 0 unique texts, 3 more are stored" in again.stderr


def test_warm_refuses_what_keeps_no_vectors_before_anything_is_encoded(
    stsbench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    stsbench("cache", "gc", "--quota", "0")
    for encoder in ("hashing", "chrf"):
        refused = stsbench("cache", "warm", "-e", "counting", "-e", encoder)
        assert refused.exit_code == 2
        assert f"no vectors of {encoder} are kept, since it " in refused.stderr
        assert "encoding" not in refused.stderr
