"""`stsbench upload` with the unchanged hub client against a loopback hub: nothing is sent unless it is asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest


class Taking(BaseHTTPRequestHandler):
    """The write routes of the hub: what to send how, and a commit that becomes a pull request."""

    protocol_version = "HTTP/1.1"
    taken: dict[str, bytes]
    asked: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append(self.path)
        if "/preupload/" in self.path:
            names = [one["path"] for one in json.loads(body)["files"]]
            self.answer(200, {"files": [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]})
        elif "/commit/" in self.path and "create_pr=1" in self.path:
            for line in body.decode().splitlines():
                if (step := json.loads(line))["key"] == "file":
                    self.taken[step["value"]["path"]] = base64.b64decode(step["value"]["content"])
            where = f"http://{self.headers['Host']}/owner/name"
            self.answer(200, {"commitUrl": f"{where}/commit/1", "commitOid": "1" * 40, "pullRequestUrl": f"{where}/discussions/1"})
        else:
            self.answer(404, {"error": "no such route"})

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.answer(404, {"error": "nothing is here"})

    def answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def taking(hub: Any, port: int) -> Iterator[type[Taking]]:
    """In the place of the hub that is read."""
    hub.stop()
    routes = type("TakingOfOneTest", (Taking,), {"taken": {}, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", port), routes)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield routes
    server.shutdown()
    server.server_close()


def test_files_are_offered_as_a_pull_request_only_when_asked(
    taking: type[Taking], stsbench: Callable[..., Any], token: str, tmp_path: Path
) -> None:
    (tmp_path / "model" / ".eval_results").mkdir(parents=True)
    (tmp_path / "model" / ".eval_results" / "stsbench-cosine.yaml").write_text("- value: 0.5\n")
    for lock in (tmp_path / "model", tmp_path / "model" / "below"):  # locks of results are nobody else's
        (lock / ".stsbench").mkdir(parents=True)
        (lock / ".stsbench" / "lock").write_text("")
    dry = stsbench("model", "owner/name", "--json", command=("upload",)).document
    assert dry["files"] == {".eval_results/stsbench-cosine.yaml": 13}
    assert dry["pull_request"] is None
    assert taking.asked == []
    sent = stsbench("model", "owner/name", "--json", "--yes", command=("upload",)).document
    assert sent["pull_request"].endswith("/owner/name/discussions/1")
    assert taking.taken == {".eval_results/stsbench-cosine.yaml": b"- value: 0.5\n"}


def test_a_hub_that_refuses_and_private_results_are_said(
    taking: type[Taking], stsbench: Callable[..., Any], tmp_path: Path, write_board: Callable[..., Path]
) -> None:
    (tmp_path / "pairs.csv").write_text("left,right,score\n" + "".join(f"a {i},b {i % 3},{i % 5}\n" for i in range(12)))
    assert stsbench("-e", "hashing", "-b", "csv:pairs.csv", "--results", "private").code == 0
    done = stsbench("private", "owner/name", "--yes", command=("upload",))
    assert done.code == 2
    assert "holds results on private data" in done.sentence
    (tmp_path / "all").mkdir()
    (tmp_path / "private").rename(tmp_path / "all" / "private")
    assert "holds results on private data" in stsbench("all", "owner/name", command=("upload",)).sentence
    write_board(tmp_path / "board", "hashing", benchmarks=["csv:pairs.csv"])
    assert "board.toml names a path of this machine" in stsbench("board", "owner/name", command=("upload",)).sentence
    write_board(tmp_path / "board", "hashing")
    assert stsbench("board", "owner/name", command=("upload",)).code == 0
    (tmp_path / "empty").mkdir()
    assert "there are no files in" in stsbench("empty", "owner/name", command=("upload",)).sentence
    assert taking.asked == []
