from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import stsbench
from stsbench.api.report import Report
from stsbench.api.session import Session
from stsbench.builtin.executors.pool import Processes
from stsbench.contracts.data import Embeddings
from stsbench.contracts.events import Event, Spread, Warned
from stsbench.contracts.work import Answer, Reply, Shard
from stsbench.errors import ModelError, OptionError, PlanError, PluginError, UsageError
from stsbench.evidence.held import Keep
from stsbench.host.registry import Registry
from stsbench.runner.encoding import recall
from stsbench.runner.refused import unknown_hosts
from stsbench.runner.request import Request, Setup
from stsbench.runner.workers.cutting import SECONDS, Backlog, choose, share
from stsbench.runner.workers.parcel import pack, pack_encoded, pack_error, pack_shard, read_encoded, read_error, read_shard, unpack
from stsbench.runner.workers.worker import Worker, differences, software
from stsbench.stores.results import ResultsFolder

PAIRS = 120


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double of a plugin, for this process and those that it starts; calls of few texts, so that there are many."""
    folder = tmp_path / "installed"
    info = folder / "stsbench_spreading-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-spreading\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stsbench]\nspreading = stsbench_spreading\n")
    (folder / "stsbench_spreading.py").write_bytes((Path(__file__).parent / "spreading.py").read_bytes())
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(recall.Cut.__init__, "__defaults__", (1200,))


def written(path: Path, pairs: int) -> str:
    """The reference of a file of so many pairs, which are private."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["left", "right", "score"])
        rows.writerows((f"a sentence of many words, {row % 90}", f"some more words, number {row}", row % 6) for row in range(pairs))
    return f"csv:{path},left=left,right=right,score=score,name=own"


@pytest.fixture
def data(tmp_path: Path) -> str:
    return written(tmp_path / "pairs.csv", PAIRS)


@dataclass(eq=False)
class Threadless:
    """Workers that are none: each answers when it is asked for what was heard, one message a time, or does what `acts` says instead."""

    count: int = 2
    acts: dict[int, Callable[[Threadless, str], Reply | None]] = field(default_factory=dict)  # by number of the shard that is begun
    address: str | None = None
    workers: dict[str, tuple[Answer, deque[bytes]]] = field(default_factory=dict)
    heard: list[Reply] = field(default_factory=list)
    begun: int = 0
    started: int = 0
    closed: bool = False

    @property
    def needs(self) -> dict[str, Any]:
        return {"workers": self.count}

    def state(self) -> dict[str, Any]:
        return {}

    def open(self, answer: Callable[[], Answer]) -> Threadless:
        self.answer = answer
        for _ in range(self.count):
            self.start()
        return self

    def start(self) -> None:
        name = f"node-{self.started}/0"
        self.started += 1
        self.workers[name] = self.answer(), deque()
        self.heard.append(Reply(name))

    def send(self, worker: str, message: bytes) -> None:
        if worker in self.workers:
            self.workers[worker][1].append(message)

    def receive(self, seconds: float) -> Sequence[Reply]:
        heard, self.heard = self.heard, []
        for name, (answer, messages) in list(self.workers.items()):
            if not messages:
                continue
            if "shard" in unpack(messages[0])[0]:
                self.begun += 1
                if (act := self.acts.get(self.begun)) is not None:
                    heard += [one for one in [act(self, name)] if one]
                    continue
            heard.append(Reply(name, answer=answer(messages.popleft())))
        return heard

    def lose(self, name: str) -> Reply:
        del self.workers[name]
        self.start()
        return Reply(name, lost="it was unplugged")

    def dismiss(self, worker: str) -> None:
        self.workers.pop(worker, None)

    def close(self) -> None:
        self.closed = True


def ran(folder: Path, data: str, encoders: Sequence[str], executor: Any = None, **setup: Any) -> tuple[Report, list[Event]]:
    events: list[Event] = []
    session = Session.opened(Registry.installed(), cache=folder / "cache", listen=events.append).having(executor=executor, **setup)
    report = session.run(Request.of(list(encoders), ["cosine"], [data]), Keep(ResultsFolder(folder / "results")))
    return report, events


def evidence(folder: Path) -> dict[str, Any]:
    """What was kept, byte by byte, but for clock and versions."""
    kept: dict[str, Any] = {}
    for path in sorted((folder / "results").rglob("*")):
        if path.suffix == ".json":
            document = json.loads(path.read_bytes())
            document.pop("provenance", None)
            kept[path.name] = document
        elif path.suffix == ".parquet":
            kept[path.name] = path.read_bytes()
    return kept


ENCODERS = ("batchwise", "batchwise,seed=1", "batchwise,seed=2")


def test_what_processes_compute_is_what_this_one_would_to_the_byte(tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(tmp_path / "local", data, ENCODERS)
    report, events = ran(tmp_path / "spread", data, ENCODERS, Processes(2))
    kept = evidence(tmp_path / "local")
    assert len(kept) == 6
    assert evidence(tmp_path / "spread") == kept
    assert [entry.record.status for entry in report.entries] == ["ok"] * len(report.entries)
    last = [event for event in events if isinstance(event, Spread)][-1]
    assert last.done == last.total == 3 * (90 + PAIRS)
    assert sum(last.rates.values()) > 0


def test_sparse_vectors_come_back_as_they_are(tmp_path: Path, data: str) -> None:
    both = ["sparsely", "batchwise,seed=1"]
    ran(tmp_path / "local", data, both)
    report, _ = ran(tmp_path / "spread", data, both, Processes(2))
    assert {(entry.encoder.label, entry.record.status) for entry in report.entries} == {("sparsely", "ok"), ("batchwise,seed=1", "ok")}
    assert evidence(tmp_path / "spread") == evidence(tmp_path / "local")
    threadless = Threadless(acts=dict.fromkeys((2, 5), Threadless.lose))
    ran(tmp_path / "kept", data, ["sparsely"], threadless)
    assert threadless.begun > 5
    ran(tmp_path / "alone", data, ["sparsely"])
    assert evidence(tmp_path / "kept") == evidence(tmp_path / "alone")


def test_a_batch_of_other_texts_would_be_another_number(tmp_path: Path, data: str) -> None:
    """That the double tells batches apart, without which the tests above would show nothing."""
    ran(tmp_path / "local", data, ENCODERS[:1])
    ran(tmp_path / "other", data, ENCODERS[:1], chunk=7)
    assert evidence(tmp_path / "local") != evidence(tmp_path / "other")


def test_what_a_lost_worker_was_at_is_computed_by_another(tmp_path: Path, data: str) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    ran(tmp_path / "local", data, ENCODERS)
    watched = [f"{one},deadly=number 100,deaths=1,marks={marks}" for one in ENCODERS]
    report, events = ran(tmp_path / "spread", data, [one.replace(" ", "%20") for one in watched], Processes(2))
    assert len(list(marks.glob("*.dead"))) == 1
    assert evidence(tmp_path / "spread") == evidence(tmp_path / "local")
    (lost,) = [event.message for event in events if isinstance(event, Warned) and "lost" in event.message]
    assert "was lost: it was ended by SIGKILL; see its log with `cat /" in lost
    given = [line for path in marks.glob("*.calls") for line in path.read_text().split()]
    again = [int(entry.provenance["measured.encoded_twice"]) for entry in report.entries if "measured.encoded_twice" in entry.provenance]
    assert 0 < len(given) - 3 * (90 + PAIRS) <= again[0]
    assert len(set(again)) == 1


def test_a_shard_that_ends_three_workers_costs_its_own_cells(tmp_path: Path, data: str) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    poison = f"batchwise,seed=1,deadly=number%20100,deaths=99,marks={marks}"
    report, _ = ran(tmp_path / "spread", data, ["batchwise", poison], Processes(2))
    assert len(list(marks.glob("*.dead"))) == 3
    statuses = {entry.encoder.label: (entry.record.status, entry.record.reason) for entry in report.entries}
    assert statuses["batchwise"] == ("ok", None)
    status, reason = statuses["batchwise,seed=1"]
    assert status == "failed"
    assert "a shard of batchwise,seed=1 ended 3 workers, of the last of which is known: it was ended by SIGKILL" in (reason or "")


def test_a_failure_of_an_encoder_reads_as_it_does_here(tmp_path: Path, data: str) -> None:
    failing = ["batchwise,raises=number%20100", "batchwise,seed=1"]
    here, _ = ran(tmp_path / "local", data, failing)
    there, _ = ran(tmp_path / "spread", data, failing, Threadless())
    told = [[(entry.encoder.label, entry.record.status, entry.record.reason) for entry in report.entries] for report in (here, there)]
    assert told[0] == told[1]
    assert "its message is left out since data of this run are private" in (told[0][0][2] or "")


def test_workers_are_lost_at_any_moment(tmp_path: Path, data: str) -> None:
    ran(tmp_path / "local", data, ENCODERS)
    generator = np.random.default_rng(0)
    for turn in range(6):
        moments = generator.integers(1, 20, size=4).tolist()
        executor = Threadless(3, dict.fromkeys(moments, Threadless.lose))
        ran(tmp_path / f"spread-{turn}", data, ENCODERS, executor)
        assert evidence(tmp_path / f"spread-{turn}") == evidence(tmp_path / "local")
        assert executor.closed
        assert executor.started == 3 + sum(moment <= executor.begun for moment in set(moments))


def test_workers_that_all_end_at_once_are_not_waited_for(tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(executor: Threadless, name: str) -> Reply:
        del executor.workers[name]
        return Reply(name, lost="it has no legs")

    monkeypatch.setattr("stsbench.runner.workers.spread.SOON", 0.05)
    with pytest.raises(
        PluginError, match=r"no worker is left, and none came in their place \(of the last is known: it has no legs\); what"
    ):
        ran(tmp_path / "spread", data, ENCODERS, Threadless(2, {1: end, 2: end}))


def test_an_interrupt_lets_workers_go_and_the_next_run_goes_on(tmp_path: Path, data: str) -> None:
    def interrupt(executor: Threadless, name: str) -> Reply:
        raise KeyboardInterrupt

    executor = Threadless(2, {9: interrupt})
    with pytest.raises(KeyboardInterrupt):
        ran(tmp_path / "spread", data, ENCODERS, executor)
    assert executor.closed
    rest = Threadless(2)
    _, events = ran(tmp_path / "spread", data, ENCODERS, rest)
    first = next(event for event in events if isinstance(event, Spread))
    assert first.stored > 0
    ran(tmp_path / "local", data, ENCODERS)
    assert evidence(tmp_path / "spread") == evidence(tmp_path / "local")


def test_nobody_is_started_where_nothing_is_missing(tmp_path: Path, data: str) -> None:
    ran(tmp_path / "spread", data, ENCODERS, Threadless())
    warm = Threadless()
    ran(tmp_path / "spread", data, ENCODERS, warm)
    (tmp_path / "other").mkdir()
    (tmp_path / "spread" / "cache").rename(tmp_path / "other" / "cache")
    ran(tmp_path / "other", data, ENCODERS, warm)
    assert warm.started == 0


def test_other_software_is_named_and_not_used(tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def older(registry: Registry, encoders: Sequence[str]) -> dict[str, str]:
        return {**real(registry, encoders), "stsbench-spreading": "0.9 (00000000)", "numpy": "1.0"}

    real = software
    monkeypatch.setattr("stsbench.runner.workers.worker.software", older)
    with pytest.raises(PlanError, match=r"no worker has the software of this machine \(node-0: ") as raised:
        ran(tmp_path / "spread", data, ENCODERS, Threadless())
    assert f"numpy 1.0, here {np.__version__}, stsbench-spreading 0.9 (00000000), here 1.0 (" in str(raised.value)
    assert f"run pip install stsbench=={stsbench.__version__} numpy=={np.__version__} " in str(raised.value)
    assert "stsbench-spreading==1.0" in str(raised.value)


def test_one_version_with_other_files_is_said_to_be_that() -> None:
    here = {"python": "3.11", "stsbench": "0.1.0 (12345678)", "numpy": "2.4.0"}
    assert differences(here, here) == []
    assert differences(here, {**here, "stsbench": "0.1.0 (87654321)", "numpy": "2.3.0"}) == [
        "stsbench 0.1.0 (87654321), here 0.1.0 (12345678), which is one version with other files: install it from one place",
        "numpy 2.3.0, here 2.4.0",
    ]


def test_a_worker_without_the_plugin_is_not_used_and_another_is(tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([{"stsbench-spreading": "not installed"}, {}])

    def lacking(registry: Registry, encoders: Sequence[str]) -> dict[str, str]:
        return real(registry, encoders) | next(answers)

    real = software
    monkeypatch.setattr("stsbench.runner.workers.worker.software", lacking)
    report, events = ran(tmp_path / "spread", data, ENCODERS, Threadless())
    assert {entry.record.status for entry in report.entries} == {"ok"}
    (warned,) = [event.message for event in events if isinstance(event, Warned)]
    assert warned.startswith("node-0 is not used, since its software differs: stsbench-spreading not installed, here 1.0 (")


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The numbers of workers, from 1, that have not got the model; a test says which."""
    numbers: set[int] = set()

    class Poorer(Worker):
        made = 0

        def __init__(self) -> None:
            super().__init__()
            Poorer.made += 1
            self.poor = Poorer.made in numbers

        def _encoder(self, shard: Shard) -> Any:
            if self.poor:
                raise ModelError("there is no model here; copy it")
            return super()._encoder(shard)

    monkeypatch.setattr("stsbench.runner.workers.spread.Worker", Poorer)
    return numbers


def test_a_worker_without_the_model_leaves_it_to_others(tmp_path: Path, data: str, poor: set[int]) -> None:
    poor |= {1}
    report, events = ran(tmp_path / "one", data, ENCODERS, Threadless(3))
    assert {entry.record.status for entry in report.entries} == {"ok"}
    assert "node-0/0 does not encode with batchwise: there is no model here; copy it" in {
        event.message for event in events if isinstance(event, Warned)
    }
    poor |= {4, 5, 6}
    report, _ = ran(tmp_path / "all", data, ENCODERS[:1], Threadless(3))
    assert {entry.record.reason for entry in report.entries} == {"there is no model here; copy it"}


def test_the_first_worker_that_has_not_got_the_model_fails_it_for_nobody(tmp_path: Path, data: str, poor: set[int]) -> None:
    """Workers come one after the other: that all who are there have not got it says nothing of who is about to come."""

    class Arriving(Threadless):
        def receive(self, seconds: float) -> Sequence[Reply]:
            heard = super().receive(seconds)
            if not heard and self.started < 2:  # the first has said that it cannot
                self.start()
                return super().receive(seconds)
            return heard

    poor |= {1}
    report, events = ran(tmp_path / "late", data, ENCODERS[:1], Arriving(1))
    assert {entry.record.status for entry in report.entries} == {"ok"}
    assert ["does not encode with" in event.message for event in events if isinstance(event, Warned)] == [True]


def test_a_plan_says_who_would_compute_and_how_long(tmp_path: Path, data: str, stsbench: Callable[..., Any]) -> None:
    cache = ["--cache-dir", str(tmp_path / "cache")]
    asked = ["batchwise,seconds=0.02", "batchwise,seed=1,seconds=0.02", "hashing", "-b", data, *cache]
    planned = json.loads(stsbench("plan", *asked, "--executor", "processes:2", "--json").stdout)["workers"]
    assert planned["encoders"] == planned["unknown"] == ["batchwise", "batchwise,seed=1"]
    assert planned["seconds"] is planned["shards"] is None
    assert (
        "is not known, since nothing is remembered of batchwise, batchwise,seed=1"
        in stsbench("plan", *asked, "--executor", "processes:2").stdout
    )
    ran(tmp_path, data, asked[:2])
    more = written(tmp_path / "more.csv", 4 * PAIRS)
    asked[asked.index(data)] = more
    seconds = []
    for count in (1, 2):
        planned = json.loads(stsbench("plan", *asked, "--executor", f"processes:{count}", "--json").stdout)
        one, two = [job["seconds"] for job in planned["jobs"][:2]]
        seconds.append(planned["workers"]["seconds"])
    assert seconds[0] == pytest.approx(one + two)
    assert max(one, two) <= seconds[1] <= 0.8 * seconds[0]
    assert json.loads(stsbench("plan", *asked, "--json").stdout)["workers"] is None


def test_doctor_says_what_there_is_to_start_workers_on(stsbench: Callable[..., Any]) -> None:
    state = json.loads(stsbench("doctor", "--executor", "processes:3", "--json").stdout)
    assert state["executor processes:3"] == {"processors": len(os.sched_getaffinity(0)), "gpus": 0}
    assert not any(name.startswith("executor") for name in json.loads(stsbench("doctor", "--json").stdout))


def test_what_was_given_in_python_is_refused(tmp_path: Path, data: str) -> None:
    class Mine:
        def encode(self, texts: list[str]) -> Any:
            return np.ones((len(texts), 2), np.float32)

    named = stsbench.named(Mine(), "mine", version="1")
    for given in (Mine(), named):
        with pytest.raises(PlanError, match="was given in Python, and no other process has it; name encoders by reference"):
            stsbench.evaluate(given, benchmarks=data, executor="processes:2", cache=tmp_path)


def test_what_comes_back_is_checked_as_an_encoder_is(tmp_path: Path, data: str) -> None:
    def nan(executor: Threadless, name: str) -> Reply:
        facts, table = unpack(executor.workers[name][1].popleft())
        shard = read_shard(facts["shard"], table)
        values = np.full((len(shard.texts), 8), np.nan, np.float32)
        return Reply(name, answer=pack_encoded([Embeddings({"sentence": values})], ["sentence"], {}))

    def noise(executor: Threadless, name: str) -> Reply:
        executor.workers[name][1].popleft()
        return Reply(name, answer=b"\x80\x04cposix\nsystem\n")

    def few(executor: Threadless, name: str) -> Reply:
        executor.workers[name][1].popleft()
        return Reply(name, answer=pack_encoded([Embeddings({"sentence": np.ones((1, 8), np.float32)})], ["sentence"], {}))

    wanted = {nan: "NaN or infinity", noise: "a worker sent what cannot be read", few: "an array of shape (1, 8)"}
    for place, (act, said) in enumerate(wanted.items()):
        report, _ = ran(tmp_path / str(place), data, ENCODERS[:1], Threadless(1, {3: act}))
        assert said in str(report.entries[0].record.reason)


def test_a_run_without_a_cache_keeps_nothing(tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "waiting"))
    (tmp_path / "waiting").mkdir()
    report = stsbench.evaluate("batchwise", benchmarks=data, cache=False, executor="processes:1", results=tmp_path / "spread" / "results")
    ran(tmp_path / "local", data, ENCODERS[:1])
    assert evidence(tmp_path / "spread") == evidence(tmp_path / "local")
    assert report.entries[0].record.status == "ok"
    assert list((tmp_path / "waiting").iterdir()) == []


def test_ctrl_c_ends_the_processes_and_exits_130(tmp_path: Path) -> None:
    data = written(tmp_path / "pairs.csv", 5000)
    marks = tmp_path / "marks"
    marks.mkdir()
    (marks / "held").touch()
    line = [sys.executable, "-m", "stsbench", "run", f"batchwise,marks={marks}", f"batchwise,seed=1,marks={marks}", "-b", data]
    environment = {**os.environ, "STSBENCH_CACHE_DIR": str(tmp_path / "cache")}
    child = subprocess.Popen([*line, "--executor", "processes:2"], stdout=-1, stderr=-1, env=environment, start_new_session=True)
    while len(list(marks.glob("*.calls"))) < 2:
        assert child.poll() is None
        time.sleep(0.05)
    workers = [int(path.stem) for path in marks.glob("*.calls")]
    child.send_signal(signal.SIGINT)
    _, told = child.communicate()
    assert child.returncode == 130
    assert b"interrupted; " in told
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_secrets_and_private_paths_are_in_no_reference(tmp_path: Path) -> None:
    resolved = Registry.installed().resolve("encoder", "batchwise,seed=3,marks=/a%20b", execution={"seconds": 0.5})
    assert resolved.written_for(here=True) == "stsbench-spreading/batchwise,marks=/a%20b,seconds=0.5,seed=3"


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_no_processes_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="takes a number of processes of at least 1 after the colon"):
        Processes.of(text)


def test_as_many_processes_as_there_are_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5,GPU-abc")
    assert Processes.of("") == Processes(3)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert Processes.of("").count == len(os.sched_getaffinity(0))


def test_messages_are_arrow_and_read_back() -> None:
    texts = ("plain", "snow ☃", "half \ud83d of a pair", "")
    shard = Shard("stsbench/hashing", "ab", ("a", "b"), (("", 3), ("query: ", 1)), texts)
    facts, table = unpack(pack_shard(shard))
    assert read_shard(facts["shard"], table) == shard
    parts = [
        Embeddings({"a": np.eye(3, 4, dtype=np.float32), "b": np.ones((3, 2), np.float32)}, truncated=np.array([True, False, False])),
        Embeddings({"a": np.ones((1, 4), np.float32), "b": np.zeros((1, 2), np.float32)}, truncated=np.array([False])),
    ]
    read = read_encoded(*unpack(pack_encoded(parts, ["a", "b"], {"load": 1.0})))
    for view in ("a", "b"):
        np.testing.assert_array_equal(read.embeddings.vectors[view], np.concatenate([part.vectors[view] for part in parts]))
    assert read.embeddings.truncated is not None
    assert read.embeddings.truncated.tolist() == [True, False, False, False]
    unknown = read_encoded(*unpack(pack_encoded([Embeddings({"a": np.ones((2, 1), np.float32)})], ["a"], {})))
    assert unknown.embeddings.truncated is None


@pytest.mark.parametrize("data", [b"", b"\x80\x04.", pack({})[:-20], b"ARROW1"])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(PluginError, match="a worker sent what "):
        read_encoded(*unpack(data))


def test_a_message_without_facts_is_refused() -> None:
    table = pa.table({"truncated": pa.array([0])})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(PluginError, match="a worker sent what cannot be read"):
        unpack(bytes(sink.getvalue()))


def test_errors_are_told_as_what_they_are() -> None:
    for error in (ModelError("m"), UsageError("u"), PluginError("p", "discreet")):
        facts, _ = unpack(pack_error(error))
        read = read_error(facts["error"])
        assert (type(read), str(read), getattr(read, "discreet", None)) == (type(error), str(error), getattr(error, "discreet", None))
    assert type(read_error({"kind": "SystemExit", "message": "x"})) is PluginError


def test_a_worker_goes_on_with_what_it_has_loaded_and_then_with_what_takes_longest() -> None:
    backlogs = [Backlog(10, 1, 1.0), Backlog(500, 0, 1.0), Backlog(900, 0, 10.0)]
    assert choose(backlogs, 0) == 0
    backlogs[0].left = 0
    assert choose(backlogs, 0) == 1  # 500 seconds, the other 90
    backlogs[1].workers = backlogs[2].workers = 1
    assert choose(backlogs) == 1  # help where it takes longest
    backlogs[1].load = 300.0  # which would take longer to load than there is to be won
    assert choose(backlogs) == 2
    assert choose([Backlog(0)]) is None
    assert choose([Backlog(5, 1)]) is None  # nobody helps before it is known how fast it is


def test_a_shard_is_seconds_of_work_and_less_at_the_end() -> None:
    assert share(Backlog(10**6)) == 0
    assert share(Backlog(10**6, 4, 100.0)) == SECONDS * 100
    assert share(Backlog(800, 4, 100.0)) == 100


def test_private_texts_go_to_named_machines_by_consent_alone(tmp_path: Path, data: str) -> None:
    executor = Threadless(address="10.0.0.7:6379")
    with pytest.raises(PlanError, match=r"would be sent to the machines of 10\.0\.0\.7:6379; if that is meant, add --send-private 10\."):
        ran(tmp_path / "spread", data, ENCODERS, executor)
    assert executor.started == 0
    ran(tmp_path / "spread", data, ENCODERS, executor, send_private=frozenset({"10.0.0.7:6379"}))
    assert executor.started == 2


def test_the_address_of_an_executor_is_not_named_in_vain() -> None:
    setup = Setup(send_private=frozenset({"10.0.0.7:6379", "10.0.0.8"}), executor=Threadless(address="10.0.0.7:6379"))
    assert unknown_hosts(setup, []) == [
        "10.0.0.8 is allowed to be sent texts, and nothing here sends any there: did you mean 10.0.0.7:6379?"
    ]


def test_a_folder_is_sent_to_who_has_not_got_it_where_that_was_said(tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are those of a run here, and no path is in what is told."""

    class Elsewhere(Worker):
        def _encoder(self, shard: Shard) -> Any:
            if str(folder) in shard.encoder:
                raise ModelError(f"there is no file or folder {folder}; give one that exists")
            return super()._encoder(shard)

        def _take_in(self, facts: Any, table: Any) -> Any:
            arrived.append(facts["file"])
            return super()._take_in(facts, table)

    class Ships(Threadless):
        ships = 0

    folder, arrived = tmp_path / "model", list[str]()
    folder.mkdir()
    (folder / "weights").write_text("some")
    monkeypatch.setenv("STSBENCH_CACHE_DIR", str(tmp_path / "there"))
    monkeypatch.setattr("stsbench.runner.workers.spread.Worker", Elsewhere)
    encoders, consent = [f"kept:{folder}", "batchwise"], {"send_private": frozenset({"cluster:1"})}
    ran(tmp_path / "local", data, encoders)
    report, events = ran(tmp_path / "kept", data, encoders, Ships(address="cluster:1"), **consent)
    assert {entry.encoder.label: entry.record.reason for entry in report.entries} == {
        "kept:model": "there is no file or folder model; give one that exists; its folder here has 0.0 MB, which the executor's option "
        "ship=1 would send there",
        "batchwise": None,
    }
    assert not any(str(folder) in event.message for event in events if isinstance(event, Warned))
    assert arrived == []
    Ships.ships = 10**6
    moments: dict[int, Callable[[Threadless, str], Reply | None]] = dict.fromkeys((1, 4, 7), Threadless.lose)
    report, events = ran(tmp_path / "sent", data, encoders, Ships(2, moments, "cluster:1"), **consent)
    assert evidence(tmp_path / "sent") == evidence(tmp_path / "local")
    assert not any(str(folder) in str(vars(entry.record)) for entry in report.entries)
    assert "weights" in arrived
