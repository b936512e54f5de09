"""The folder of a job: what is killed costs nothing that was there, what was changed is noticed, and two processes take turns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from stsbench.api.choosing import ask, take_labels
from stsbench.choosing.folder import POOL, JobFolder
from stsbench.errors import DataError, StoreError, StsbenchError, UsageError
from tests.choosing.conftest import PAIRS, Answer

KILLED = """
import os, signal, sys
from pathlib import Path
from stsbench.api import choosing
from stsbench.stores import atomic
left = int(sys.argv[2])
def replace(source, target, real=os.replace):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    real(source, target)
os.replace = replace
choosing.ask(Path(sys.argv[1]), 10, forms=["html", "csv"]) if len(sys.argv) == 3 else choosing.take_labels(
    Path(sys.argv[1]), list(map(Path, sys.argv[3:])))
"""


def killed(path: Path, writes: int, *files: Path) -> None:
    """Run `next`, or `label` of these files, in a process that is killed at its write number `writes`."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(writes), *map(str, files)], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_next_that_is_killed_is_done_again_with_the_same_questions(job: JobFolder, writes: int) -> None:
    killed(job.path, writes)
    asked = JobFolder(job.path).rounds
    assert len(asked) == (writes > 0)
    done = ask(job.path, 10, forms=["html", "csv"])
    assert (done.number, done.again) == (1, writes > 0)
    assert JobFolder(job.path).rounds[:writes] == asked[:writes]
    assert all(file.is_file() for file in done.files)


def test_a_save_that_is_killed_keeps_whole_files_only_and_can_be_done_again(job: JobFolder, answer: Answer) -> None:
    files = [answer("anna"), answer("ben")]
    killed(job.path, 1, *files)
    assert [said.rater for said in JobFolder(job.path).labels] == ["anna"]
    take_labels(job.path, files)
    assert [said.rater for said in JobFolder(job.path).labels] == ["anna", "ben"]


def test_two_processes_ask_the_same_and_lose_no_label(job: JobFolder, answer: Answer) -> None:
    files = [answer(f"rater {number}") for number in range(6)]
    errors: list[StsbenchError] = []

    def take(file: Path) -> None:
        try:
            take_labels(job.path, [file])
        except StsbenchError as error:
            errors.append(error)

    threads = [threading.Thread(target=take, args=[file]) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(JobFolder(job.path).labels) == 6


def test_two_processes_that_ask_at_once_ask_the_same(job: JobFolder) -> None:
    line = [sys.executable, "-c", KILLED, str(job.path), "99"]
    processes = [subprocess.Popen(line) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    (asked,) = JobFolder(job.path).rounds
    assert len(asked.drawn) == 10


@pytest.mark.parametrize("writes", range(4))
def test_a_job_that_was_not_begun_to_the_end_is_none_and_can_be_begun(
    job: JobFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    left = [writes]
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        real(source, target)

    other = JobFolder(tmp_path / "other")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            other.begin(job.job, job.pool, job.scores)
    assert not JobFolder(other.path).exists
    other.begin(job.job, job.pool, job.scores)
    assert JobFolder(other.path).pool.digest == job.pool.digest


def test_the_folder_is_for_its_owner_alone_and_git_passes_it_over(tmp_path: Path, job: JobFolder) -> None:
    assert (job.path / ".gitignore").read_text() == "*\n"
    if os.name != "nt":
        assert job.path.stat().st_mode & 0o077 == 0


def edited(data: bytes, **values: float | None) -> bytes:
    """A round of which the second value of a list is another one, or its last is gone."""
    document = json.loads(data)
    for name, value in values.items():
        document[name] = document[name][:-1] if value is None else [document[name][0], *document[name][2:]]
        if value is not None:
            document[name].insert(1, document[name][0] if name == "items" else document["drawn"][0] if value == 0 else value)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("name", "change", "error", "says"),
    [
        (POOL, lambda data: data.replace(b'"canary left 3"', b'"x"'), DataError, "the pairs are not those that the job"),
        (POOL, lambda data: data.replace(b'"left"', b'"a"'), DataError, "pool.csv of the job is no longer as it was written"),
        (POOL, lambda data: b"", DataError, "pool.csv of the job is no longer as it was written"),
        ("job.json", lambda data: data.replace(b'"schema_version": 1', b'"schema_version": 2'), StoreError, "newer stsbench"),
        ("job.json", lambda data: data[:40], StoreError, "job.json cannot be read as a job of choosing; restore it"),
        ("scores", lambda data: data[:-8] + b"\0" * 8, StoreError, "of the job was changed; restore it"),
        ("scores", lambda data: data[:60], StoreError, "of the job cannot be read; restore it"),
        ("rounds/1.json", lambda data: data.replace(b'"number": 1', b'"number": 2'), StoreError, "the rounds of the job are not those"),
        ("rounds/1.json", lambda data: data.replace(b'"row": ', b'"row": 9'), StoreError, "the rounds of the job are not those"),
        ("rounds/1.json", lambda data: edited(data, drawn=0), StoreError, "the rounds of the job are not those"),
        ("rounds/1.json", lambda data: edited(data, drawn=-1), StoreError, "the rounds of the job are not those"),
        ("rounds/1.json", lambda data: edited(data, items=1), StoreError, "the rounds of the job are not those"),
        ("rounds/1.json", lambda data: edited(data, chances=-1.0), StoreError, "rounds/1.json cannot be read as what was asked"),
        ("rounds/1.json", lambda data: edited(data, chances=1e-320), StoreError, "rounds/1.json cannot be read as what was asked"),
        ("rounds/1.json", lambda data: edited(data, chances=None), StoreError, "rounds/1.json cannot be read as what was asked"),
        ("job.json", lambda data: data.replace(b'"seed": 0', b'"seed": -1'), StoreError, "job.json cannot be read as a job of choosing"),
    ],
)  # fmt: skip
def test_what_was_changed_is_noticed(job: JobFolder, name: str, change: object, error: type[StsbenchError], says: str) -> None:
    ask(job.path, 10)
    path = job.path / (job.job.scores if name == "scores" else name)
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    known = JobFolder(job.path)
    with pytest.raises(error, match=says):
        _ = (known.job, known.pool, known.scores, known.rounds)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
@pytest.mark.parametrize("name", [POOL, "scores", "rounds/1.json", "labels/anna-1.json"])
def test_a_pipe_in_a_job_is_not_waited_for(job: JobFolder, name: str) -> None:
    ask(job.path, 10)
    path = job.path / (job.job.scores if name == "scores" else name)
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    known = JobFolder(job.path)
    with pytest.raises(StoreError, match="a device, a pipe or a socket"):
        _ = (known.job, known.pool, known.scores, known.rounds, known.labels)


def test_where_there_is_no_job_the_command_that_begins_one_is_named(tmp_path: Path) -> None:
    for use in (lambda: ask(tmp_path), lambda: take_labels(tmp_path, [])):
        with pytest.raises(UsageError, match=r"there is no job in .*; begin one with `stsbench choose start`"):
            use()


def test_a_round_mixes_pairs_and_sides_and_asks_some_again_at_a_distance(job: JobFolder) -> None:
    ask(job.path, 30, repeats=6)
    (asked,) = JobFolder(job.path).rounds
    items = list(asked.names().values())
    assert len(items) == 36
    assert sorted(item.row for item in items if not item.again) == sorted(asked.drawn)
    assert 5 < sum(item.swapped for item in items if not item.again) < 25
    for place, item in enumerate(items):
        if item.again:
            (before,) = (other for other, known in enumerate(items) if known.row == item.row and not known.again)
            assert place - before >= 8
            assert items[before].swapped != item.swapped


def test_a_job_asks_about_every_pair_once_and_then_says_so(job: JobFolder, answer: Answer) -> None:
    take_labels(job.path, [answer("anna")])
    for number in (2, 3):
        ask(job.path, 20)
        take_labels(job.path, [answer("anna")])
        assert len(JobFolder(job.path).rounds) == number
    rows = [row for asked in JobFolder(job.path).rounds for row in asked.drawn]
    assert sorted(rows) == list(range(PAIRS))
    assert np.isfinite([chance for asked in JobFolder(job.path).rounds for chance in asked.chances]).all()
    with pytest.raises(UsageError, match="every pair of the job was asked about"):
        ask(job.path, 20)
