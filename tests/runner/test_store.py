"""A run with an embedding store: only what is missing is encoded, and what is scored does not depend on how it got there."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stsbench.api.evaluate import evaluate
from stsbench.api.planning import describe_plan
from stsbench.api.session import Session
from stsbench.contracts.events import Encoding, Warned
from stsbench.host.registry import Registry
from stsbench.runner.request import Request, Setup
from stsbench.runner.system import Choice

if TYPE_CHECKING:
    from tests.runner.conftest import Watched


def spearmans(report: Any) -> list[Any]:
    return [cell["spearman"] for cell in report.cells()]


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("vectors.sqlite"))


def test_a_second_run_encodes_nothing_and_scores_the_same(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    first = evaluate("double", ["cosine", "dot"], ["one", "two"], registry=registry, cache=tmp_path)
    assert len(calls) == 1
    events: list[Any] = []
    again = evaluate("double", ["cosine", "dot"], ["one", "two"], registry=registry, cache=tmp_path, listen=events.append)
    assert len(calls) == 1
    assert spearmans(first) == spearmans(again)
    assert [event for event in events if isinstance(event, Encoding)] == [Encoding("double", 0, 0, 38)]
    assert [entry.record.counts for entry in first.entries] == [entry.record.counts for entry in again.entries]


def test_only_missing_texts_and_views_are_encoded(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    evaluate("double,view=a", "cosine", "one", registry=registry, cache=tmp_path)
    evaluate("double", "cosine", ["one", "two"], registry=registry, cache=tmp_path)
    whole = evaluate("double", "cosine", ["one", "two"], registry=registry, cache=False)
    first, both, other, _ = calls
    assert (len(first[0]), first[1]) == (19, ("a",))
    assert (len(both[0]), both[1]) == (19, ("a", "b"))
    assert (set(other[0]), other[1]) == (set(first[0]), ("b",))
    assert not set(both[0]) & set(first[0])
    assert spearmans(whole) == spearmans(evaluate("double", "cosine", ["one", "two"], registry=registry, cache=tmp_path))


def test_prompts_options_and_encoders_share_nothing(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    for encoder in ("double", "double,scale=2.0", "double,prompt=query:%20"):
        evaluate(encoder, "cosine", "one", registry=registry, cache=tmp_path)
    assert len(calls) == 3
    assert len(files(tmp_path)) == 2  # a prompt is part of the key of a row, the other option of the encoder's fingerprint


def test_fresh_plain_and_uncached_runs_keep_and_read_nothing(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    class Plain:
        def encode(self, texts: list[str]) -> Any:
            return np.ones((len(texts), 2))

    evaluate(Plain(), "cosine", "one", registry=registry, cache=tmp_path)
    evaluate("double", "cosine", "one", registry=registry, cache=False)
    evaluate("double", "cosine", "one", registry=registry, cache=tmp_path, results=tmp_path / "r", fresh=True)
    evaluate("hashing", "cosine", "one", registry=registry, cache=tmp_path)
    assert files(tmp_path) == []
    evaluate("double", "cosine", "one", registry=registry, cache=tmp_path)
    evaluate("double", "cosine", "one", registry=registry, cache=tmp_path, results=tmp_path / "r", fresh=True)
    assert len(calls) == 4


def test_truncated_texts_are_counted_from_the_store(registry: Registry, tmp_path: Path) -> None:
    reports = [evaluate("double", "cosine", "long", registry=registry, cache=tmp_path) for _ in range(2)]
    assert [report.entries[0].record.counts.truncated_texts for report in reports] == [1, 1]


def test_a_damaged_vector_is_encoded_with_the_chunk_that_it_came_from(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    session, request = Session.opened(registry, cache=tmp_path).having(chunk=10), Request.of("double,view=a", "cosine", "one")
    first = session.run(request)
    before = [texts for texts, _, _ in calls]
    assert [len(texts) for texts in before] == [10, 9]
    (path,) = files(tmp_path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE vector SET data = zeroblob(24) WHERE rowid = 13")
    connection.commit()
    connection.close()
    said: list[Any] = []
    again = session.having(listen=said.append).run(request)
    assert [texts for texts, _, _ in calls[2:]] == [before[1]]
    assert any(isinstance(event, Warned) and "row 13 is the first" in event.message for event in said)
    assert spearmans(first) == spearmans(again)
    session.run(request)
    assert len(calls) == 3


def test_a_killed_run_goes_on_with_the_chunks_it_would_have_come_to(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    session, request = Session.opened(registry, cache=tmp_path).having(chunk=7), Request.of("double", "cosine", ["one", "two"])
    session.having(cache=None).run(request)
    undisturbed = list(calls)

    def stop(event: Any) -> None:
        if isinstance(event, Encoding) and event.done >= 14:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.having(listen=stop).run(request)
    session.run(request)
    assert calls[len(undisturbed) :] == undisturbed


@pytest.mark.parametrize("drift", [1e-6, 1e-2])
def test_when_a_library_moves_a_few_vectors_are_compared(
    registry: Registry, watched: Watched, tmp_path: Path, torch_is: Callable[[str], None], drift: float
) -> None:
    calls = watched.calls
    torch_is("2.13")
    first = evaluate("double", "cosine", ["one", "two"], registry=registry, cache=tmp_path)
    calls.clear()
    torch_is("2.14")
    if drift > 1e-4:
        watched.scales.update(a=1 + drift, b=1 + drift)
    said: list[Any] = []
    again = evaluate("double", "cosine", ["one", "two"], registry=registry, cache=tmp_path, listen=said.append)
    warnings = [event.message for event in said if isinstance(event, Warned)]
    assert len(calls[0][0]) == 8
    if drift > 1e-4:
        assert len(calls) == 2
        assert len(calls[1][0]) == 38
        assert "since torch 2.13 -> 2.14 moved" in warnings[0]
    else:
        assert len(calls) == 1
        assert warnings == []
        assert spearmans(first) == spearmans(again)
    calls.clear()
    evaluate("double", "cosine", ["one", "two"], registry=registry, cache=tmp_path)
    assert calls == []


@pytest.mark.parametrize("drifts", [None, "a", "b"])
def test_each_view_is_compared_on_the_texts_that_it_holds(
    registry: Registry, watched: Watched, tmp_path: Path, torch_is: Callable[[str], None], drifts: str | None
) -> None:
    """One view is held of all texts and the other of half of them, when a library moves, and with it one of the views, or none."""
    calls = watched.calls
    torch_is("2.13")
    evaluate("double,view=a", "cosine", ["one", "two"], registry=registry, cache=tmp_path)
    evaluate("double,view=b", "cosine", "one", registry=registry, cache=tmp_path)
    held = set(calls[-1][0])
    calls.clear()
    torch_is("2.14")
    if drifts is not None:
        watched.scales[drifts] = 1.01
    said: list[Any] = []
    found = evaluate("double", "cosine", ["one", "two"], registry=registry, cache=tmp_path, listen=said.append)
    warnings = [event.message for event in said if isinstance(event, Warned)]
    (sampled, views, _), *others = calls
    assert 8 <= len(sampled) <= 16
    assert len(held & set(sampled)) >= 8
    assert set(views) == {"a", "b"}
    if drifts is None:
        assert warnings == []
        assert [(len(texts), views) for texts, views, _ in others] == [(19, ("b",))]
        assert not held & set(others[0][0])
    else:
        assert "differ by up to 9.9e-03 of their length since torch 2.13 -> 2.14 moved" in warnings[0]
        assert [(len(texts), views) for texts, views, _ in others] == [(38, ("a", "b"))]
    assert spearmans(found) == spearmans(evaluate("double", "cosine", ["one", "two"], registry=registry, cache=False))


def test_plan_says_what_is_stored_and_how_long_the_rest_takes(
    registry: Registry, calls: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(cache: Path | None, *benchmarks: str) -> dict[str, Any]:
        described = describe_plan(Request((Choice("double", ("cosine",)),), tuple(benchmarks)), Session(registry, Setup(cache=cache)))
        return {name: described["jobs"][0][name] for name in ("texts", "stored", "to_encode", "seconds")}

    assert plan(tmp_path, "one") == {"texts": 19, "stored": 0, "to_encode": 19, "seconds": None}
    assert files(tmp_path) == []
    evaluate("double", "cosine", "one", registry=registry, cache=tmp_path)
    calls.clear()
    found = plan(tmp_path, "one", "two")
    assert (found["texts"], found["stored"], found["to_encode"]) == (38, 19, 19)
    assert found["seconds"] > 0
    assert plan(tmp_path, "one")["seconds"] == 0
    assert plan(None, "one")["stored"] == 0
    assert calls == []
    double = type(registry.resolve("encoder", "double").component.build())
    monkeypatch.setattr(double, "runs_on", "an abacus", raising=False)
    described = describe_plan(Request((Choice("double", ("cosine",)),), ("one",)), Session(registry, Setup(cache=tmp_path)))
    assert described["jobs"][0]["runs_on"] == "an abacus"


def test_a_full_disk_under_the_store_does_not_stop_a_run(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[Any] = []
    report = evaluate("double", "cosine", "one", registry=registry, cache=tmp_path / "file", listen=said.append)
    assert report.exit_code == 0
    assert any(isinstance(event, Warned) and "vectors are computed and not kept" in event.message for event in said)


PLUGIN = """
import hashlib, time
import numpy as np
from stsbench.plugin import Component, Embeddings, Fingerprint, hookimpl
class Slow:
    views = ("sentence",)
    token_views = ()
    fingerprint = Fingerprint.of(a=1)
    def encode(self, texts, *, views, prompt=""):
        with open("encoded.txt", "a") as file:
            file.write("".join(f"{text!r}\\n" for text in texts))
        time.sleep(0.1)
        rows = [np.frombuffer(hashlib.blake2b(text.encode(), digest_size=32).digest(), np.uint8) for text in texts]
        rounding = np.float32(1 + 1e-7 * len(texts))  # as batches do
        return Embeddings({"sentence": np.array(rows, dtype=np.float32).reshape(len(texts), 32) * rounding})
def slow():
    "A double that takes its time."
    return Slow()
@hookimpl
def stsbench_encoders():
    return [Component("slow", slow)]
"""
RUN = """
import sys
from pathlib import Path
from stsbench.api.session import Session
from stsbench.evidence.held import Keep
from stsbench.runner.request import Request
session = Session.opened(cache=Path(sys.argv[1]) / "cache").having(chunk=40)
session.run(Request.of("slow", ["cosine", "dot"], "mini"), Keep.asked(Path(sys.argv[1]) / "results", fresh=False, accept=False, limit=None))
"""


def install(folder: Path) -> dict[str, str]:
    (folder / "slow_double.py").write_text(PLUGIN)
    info = folder / "stsbench_slow-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-slow\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stsbench]\nslow = slow_double\n")
    return {**os.environ, "PYTHONPATH": str(folder)}


def evidence(folder: Path) -> dict[str, bytes]:
    import json

    found = {}
    for path in sorted((folder / "results").rglob("*")):
        if path.suffix == ".json":
            document = json.loads(path.read_text())
            document.pop("provenance")
            found[path.name] = json.dumps(document).encode()
        elif path.is_file() and path.suffix == ".parquet":
            found[path.name] = path.read_bytes()
    return found


def start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen([sys.executable, "-c", RUN, str(folder)], cwd=folder, env=environment, stderr=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.campaign)])
def test_kills_at_random_moments_change_nothing_and_cost_at_most_a_chunk_each(tmp_path: Path, times: int) -> None:
    environment = install(tmp_path)
    began = time.monotonic()
    assert start(tmp_path / "undisturbed", environment).wait(120) == 0
    duration = time.monotonic() - began
    unique = (tmp_path / "undisturbed" / "encoded.txt").read_text().splitlines()
    assert len(unique) == len(set(unique)) > 500
    generator = np.random.default_rng(5)
    kills: list[int] = [0]
    while sum(kills) < times:  # a folder for each run, which is killed until it comes to its end
        folder = tmp_path / f"killed {len(kills)}"
        process = start(folder, environment)
        try:
            code = process.wait(duration * float(generator.uniform(0.3, 1.0)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills[-1] += 1
            continue
        assert code == 0
        check_finished(folder, unique, kills[-1], tmp_path / "undisturbed")
        kills.append(0)
    assert start(folder, environment).wait(120) == 0
    check_finished(folder, unique, kills[-1], tmp_path / "undisturbed")


def check_finished(folder: Path, unique: list[str], kills: int, undisturbed: Path) -> None:
    encoded = (folder / "encoded.txt").read_text().splitlines()
    assert set(encoded) == set(unique)
    assert len(encoded) <= len(unique) + 40 * kills
    assert evidence(folder) == evidence(undisturbed)


@pytest.mark.slow
def test_two_runs_at_once_both_end_right(tmp_path: Path) -> None:
    environment = install(tmp_path)
    assert start(tmp_path / "alone", environment).wait(120) == 0
    both = [start(tmp_path / "shared", environment) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert evidence(tmp_path / "shared") == evidence(tmp_path / "alone")
