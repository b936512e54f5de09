"""The encoder `openai` against a real server, infinity-emb, which serves MiniLM from a folder; and a client that is killed ten times."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_openai.encoder import Hosted
from stsbench_openai.endpoint import Endpoint

import stsbench
from stsbench.plugin import Location, ModelError

ROOT = Path(__file__).parents[3]
VENV = ROOT / ".venv-infinity"  # of its own: it wants other versions of transformers and numpy
KEY = "sk-canary-6161-opensesame"
STS_B = 0.8203247
pytestmark = [pytest.mark.campaign, pytest.mark.timeout(900)]  # the first test's is the server's installation too


@pytest.fixture(scope="module")
def infinity() -> Path:
    """The server's program, installed if it is not yet."""
    program = VENV / "bin" / "infinity_emb"
    if not program.exists():
        steps = [[sys.executable, "-m", "venv", str(VENV)]]
        steps += [[str(VENV / "bin" / "pip"), "install", "-q", "infinity-emb[server,torch]==0.0.78", "torch==2.13.0"]]
        for step in steps:
            try:
                done = subprocess.run(step, capture_output=True, text=True, timeout=400, check=False)
            except subprocess.TimeoutExpired:
                pytest.skip("infinity-emb could not be installed within 400 s")
            if done.returncode:
                pytest.skip(f"infinity-emb cannot be installed here: {done.stderr[-300:]}")
    return program


def answers(port: int) -> bool:
    """Whether a server is there that is done loading."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def server(infinity: Path, minilm: Location, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server with MiniLM."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = "--engine torch --device cpu --host 127.0.0.1 --url-prefix /v1 --served-model-name minilm --no-model-warmup"
    words = [str(infinity), "v2", "--model-id", str(minilm.path), "--port", str(port), "--api-key", KEY, *options.split()]
    words += ["--lengths-via-tokenize", "--dtype", "float32", "--no-bettertransformer"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}
    log = (tmp_path_factory.mktemp("infinity") / "log").open("wb")
    with log, subprocess.Popen(words, env=environment, stdout=log, stderr=log) as process:
        try:
            while not answers(port):
                assert process.poll() is None, Path(log.name).read_text()[-2000:]
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


@pytest.fixture
def key(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    variable = str(Endpoint.of(server).key_variable)
    monkeypatch.setenv(variable, KEY)
    return variable


def test_vectors_are_those_of_the_model_here(server: str, key: str, minilm: Location) -> None:
    texts = ["a man plays", "the dog is not a cat", "", "x" * 3000, "Ünïcödé 你好"] + [f"one of many {'words ' * row}" for row in range(40)]
    hosted = Hosted("minilm", url=server, batch_size=8)
    given = hosted.encode(texts, views=("sentence",)).vectors["sentence"]
    hosted.close()
    from sentence_transformers import SentenceTransformer

    local = SentenceTransformer(str(minilm.path), device="cpu").encode([text or " " for text in texts])
    assert np.abs(given - local).max() < 1e-4


def test_the_benchmark_has_its_known_figure(server: str, key: str, mirror: Path, tmp_path: Path) -> None:
    host = Endpoint.of(server).host
    report = stsbench.evaluate(
        f"openai:minilm,url={server},batch_size=64", "cosine", "STSBenchmark", mirror=mirror, cache=tmp_path, allow_network=host
    )
    (cell,) = report.cells()
    assert cell["spearman"] == pytest.approx(STS_B, abs=5e-5)


def test_a_real_server_refuses_in_a_sentence(server: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(texts: list[str], **options: Any) -> str:
        hosted = Hosted("minilm", **{"url": server, "retries": 0, **options})
        with pytest.raises(ModelError) as raised:
            hosted.encode(texts, views=("sentence",))
        hosted.close()
        return str(raised.value)

    many = refused([f"text {row}" for row in range(3000)], batch_size=3000, batch_tokens=10**6)
    assert "refuses a request of 3000 texts (422); give a lower batch_size=" in many
    assert "(404), or no model 'minilm'; correct url=" in refused(["a"], url=server.removesuffix("/v1"))
    monkeypatch.setenv(key, "wrong")
    assert f"refuses the key in {key} (401); correct it" in refused(["a"])


def test_a_client_that_is_killed_ten_times_sends_again_what_was_in_flight(double: Any, tmp_path: Path) -> None:
    draw, batch, flight, again = random.Random(7), 4, 3, 8
    words = [
        sys.executable,
        "-m",
        "stsbench",
        "run",
        "-s",
        "cosine",
        "-b",
        "mini",
        "--allow-network",
        double.host,
        "-q",
        "--cache-dir",
        str(tmp_path),
    ]
    words += ["-e", f"openai:m,url={double.url},batch_size={batch},in_flight={flight}"]
    known: set[str] = set()
    for _ in range(10):
        double.requests.clear()
        last = draw.randint(3, 12)
        running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def kill(_handler: Any, _asked: Any, last: int = last, running: subprocess.Popen[bytes] = running) -> bool:
            if len(double.requests) >= last:
                running.send_signal(signal.SIGKILL)
                return True
            return False

        double.fault = kill
        assert running.wait() == -signal.SIGKILL
        time.sleep(0.1)
        twice = [text for text in double.texts if text in known]
        assert len(twice) <= batch * flight + again, "those in flight, and those that are asked again on purpose"
        known.update(double.texts)
    double.requests.clear()
    double.fault = None
    assert subprocess.run(words, stdout=subprocess.DEVNULL, check=False, timeout=120).returncode == 0
    assert len([text for text in double.texts if text in known]) <= batch * flight + again
    known.update(double.texts)
    assert len(known) == 556
