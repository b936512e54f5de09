"""The recipe of an encoder behind HTTP works, as an object and as a plugin, against a service on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "http-encoder.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.M | re.S))
RUN = next(line.removeprefix("$ ") for line in PAGE.splitlines() if line.startswith("$ stsbench run"))


class Service(BaseHTTPRequestHandler):
    """Counts letters, and answers in another order than it was asked."""

    asked: list[tuple[dict[str, Any], str]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((body, self.headers.get("Authorization", "")))
        rows = [{"index": place, "embedding": [text.count(letter) for letter in "aeioust "]} for place, text in enumerate(body["input"])]
        answer = json.dumps({"data": rows[::-1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[tuple[str, list[tuple[dict[str, Any], str]]]]:
    Service.asked = []
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", Service.asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the files of the page, the plugin as an installer would leave it."""
    for file, code in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(code, encoding="utf-8")
    project = tomllib.loads(FILES["stsbench-service/pyproject.toml"])["project"]
    info = tmp_path / "stsbench-service" / "src" / f"stsbench_service-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["stsbench"].items())
    (info / "entry_points.txt").write_text(f"[stsbench]\n{points}")
    return tmp_path


def call(place: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(place / "stsbench-service" / "src"), "COLUMNS": "200", **variables}
    return subprocess.run([sys.executable, *words], cwd=place, env=environment, capture_output=True, text=True, check=False)


def test_an_object_that_asks_a_service_is_measured(place: Path, service: tuple[str, list[Any]]) -> None:
    url, asked = service
    done = call(place, "service.py", EMBEDDINGS_URL=f"{url}/embeddings")
    assert done.returncode == 0, done.stderr
    assert "small" in done.stdout
    assert len({text for body, _ in asked for text in body["input"]}) > 300
    assert list((place / "results").rglob("*.json"))


def test_the_plugin_is_the_one_of_the_template() -> None:
    example = ROOT / "docs" / "examples" / "plugins" / "service.py"
    assert FILES["stsbench-service/src/stsbench_service/__init__.py"] == example.read_text(encoding="utf-8")


def test_the_plugin_asks_with_its_key_keeps_vectors_and_sends_only_where_it_may(place: Path, service: tuple[str, list[Any]]) -> None:
    url, asked = service
    host = urlsplit(url).netloc
    words = ["-m", *RUN.replace("localhost:8080", host).split()]
    refused = call(place, *(word for word in words if word not in ("--allow-network", host)))
    assert refused.returncode != 0
    assert f"--allow-network {host}" in refused.stderr
    assert asked == []
    done = call(place, *words, "--json", STSBENCH_SERVICE_KEY="opensesame")
    assert done.returncode == 0, done.stderr
    assert {key for _, key in asked} == {"Bearer opensesame"}
    assert "opensesame" not in done.stdout + done.stderr
    number = len(asked)
    again = call(place, *words, "--json")
    assert again.returncode == 0, again.stderr
    assert len(asked) == number
    (first,), (second,) = (json.loads(one.stdout)["cells"] for one in (done, again))
    assert first["spearman"] == second["spearman"]


def test_a_service_that_does_not_answer_is_said_without_a_text(place: Path) -> None:
    done = call(place, "-m", *RUN.replace("localhost:8080", "127.0.0.1:9").split())
    assert done.returncode == 1
    assert "the service at http://127.0.0.1:9/v1 does not answer" in done.stderr + done.stdout
