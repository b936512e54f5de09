"""Results folders that cannot be used, and two runs that use one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "stsbench", "run", "-e", "hashing", "--json", *arguments]


@pytest.fixture
def run(tmp_path: Path, forked: Command) -> Command:
    return lambda *arguments: forked("run", "-e", "hashing", "--json", *arguments, cwd=tmp_path)


def test_a_results_folder_that_is_a_file_is_said_before_anything_is_encoded(run: Command, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    done = run("--results", "results")
    assert done.returncode == 5
    assert "error: cannot write results: a part of that path is a file, not a folder; choose another folder" in done.stderr
    assert "encoding" not in done.stderr


def test_a_read_only_results_folder(run: Command, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        folder = Path("/proc/self")  # root may write everywhere but into the kernel's own folders
        expected = "error: cannot write /proc/self"
    else:
        folder = tmp_path / "locked"
        folder.mkdir(mode=0o500)
        expected = "error: cannot write"
    done = run("--results", str(folder))
    assert done.returncode == 5
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_ends_with_5_and_keeps_what_was_finished(run: Command, tmp_path: Path) -> None:
    """Simulated: the write of the second encoder's records raises ENOSPC, as a full disk does."""
    code = (
        "import errno, os, sys\n"
        "from stsbench.stores import merge\n"
        "real, count = merge.write_atomic, [0]\n"
        "import stsbench.stores.atomic as atomic\n"
        "def full(path, data):\n"
        "    if 'dim' in path.name:\n"
        "        raise atomic.unwritable(path, OSError(errno.ENOSPC, 'No space left on device'))\n"
        "    real(path, data)\n"
        "merge.write_atomic = full\n"
        "sys.argv = ['stsbench', 'run', '-e', 'hashing', '-e', 'hashing,dim=64', '--results', 'r']\n"
        "from stsbench.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 5
    assert "the disk is full; free some space and run again, what was finished before is kept" in done.stderr
    assert [path.name.partition("-")[0] for path in (tmp_path / "r" / "results").rglob("*.json")] == ["hashing"]
    again = run("--results", "r")
    assert again.returncode == 0
    assert "encoding" not in again.stderr


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace('"schema_version": 2', '"schema_version": 99'), "newer"),
        (lambda text: text[:-30], "JSON"),
        (lambda text: text.replace('"status": "ok"', '"status": "splendid"'), "status"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_left_as_it_is(run: Command, tmp_path: Path, spoil: object, message: str) -> None:
    assert run("--results", "r").returncode == 0
    (path,) = (tmp_path / "r" / "results").rglob("*.json")
    spoiled = spoil(path.read_text())  # type: ignore[operator]
    path.write_text(spoiled)
    done = run("--results", "r")
    assert done.returncode == 5
    assert path.name in done.stderr
    assert message in done.stderr
    assert path.read_text() == spoiled


def test_four_runs_that_write_one_folder_all_end_right_whatever_their_cache_folders(tmp_path: Path) -> None:
    similarities = ("cosine", "dot", "manhattan", "euclidean")
    homes = [{**os.environ, "XDG_CACHE_HOME": str(tmp_path / one), "HOME": str(tmp_path / one)} for one in similarities]
    processes = [
        subprocess.Popen(command("--results", "r", "-s", one), cwd=tmp_path, env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for one, home in zip(similarities, homes, strict=True)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0] * 4
    for process in processes:
        process.communicate()
    (path,) = (tmp_path / "r" / "results").rglob("*.json")
    assert {record["similarity"] for record in json.loads(path.read_text())["records"]} == {f"stsbench/{one}" for one in similarities}


def test_a_folder_that_another_run_holds_is_said_before_anything_is_encoded(tmp_path: Path) -> None:
    holder = "import sys\nfrom stsbench.stores.atomic import locked\nfrom pathlib import Path\nwith locked(Path('r')):\n    print(flush=True)\n    sys.stdin.read()\n"
    waiting = (
        "from stsbench.stores import atomic\natomic.PATIENCE = 0.2\nimport sys\n"
        "sys.argv = ['stsbench', 'run', '-e', 'hashing', '--results', 'r']\nfrom stsbench.__main__ import main\nmain()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder], cwd=tmp_path, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as held:
        assert held.stdout is not None
        held.stdout.readline()
        home = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "other")}
        done = subprocess.run(
            [sys.executable, "-c", waiting], cwd=tmp_path, env=home, capture_output=True, text=True, check=False, timeout=120
        )
        held.kill()
    assert done.returncode == 5
    assert "another run has been writing r for 0 seconds; wait for it to finish" in done.stderr
    assert "encoding" not in done.stderr
