"""A loopback emulation of the hub's read routes, for subprocesses of the real clients (`HF_ENDPOINT` is read at import)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest


@dataclass(kw_only=True)
class Hub:
    """Data sets by repository: a commit and files. `faults` maps a repository to what goes wrong with its files."""

    repositories: dict[str, tuple[str, dict[str, bytes]]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    endpoint: str = ""
    forked: Callable[..., CompletedProcess[str]]

    def run(self, code: str, home: Path, **environment: str) -> dict[str, Any]:
        """What `code` prints as JSON when run in a process of its own that takes this server for the hub."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "STSBENCH_"))}
        env |= {"HF_ENDPOINT": self.endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1", **environment}
        done = self.forked("-c", code, cwd=Path.cwd(), begun=env, imported=("datasets",))
        assert done.returncode == 0, done.stderr
        assert "%|" not in done.stderr, "a progress bar was drawn"
        return dict(json.loads(done.stdout))


class _Routes(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits until its head is acknowledged, which takes 40 ms

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer()

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        for pattern, action in (
            (r"/api/datasets/([\w.-]+/[\w.-]+?)(?:/revision/([^/]+))?/?\Z", self.info),
            (r"/api/datasets/([\w.-]+/[\w.-]+)/tree/([^/]+)/?(.*)\Z", self.tree),
            (r"/api/datasets/([\w.-]+/[\w.-]+)/paths-info/([^/]+)\Z", self.tree),
            (r"/datasets/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)\Z", self.file),
        ):
            match = re.match(pattern, path)
            if match:
                repository, revision, *rest = match.groups()
                held = self.hub.repositories.get(repository)
                if held is None:
                    return self.reply(401, b"{}", {"X-Error-Message": "Invalid username or password."})
                if revision not in (None, "main", held[0]):
                    return self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
                return action(repository, *held, *rest)
        return self.reply(404, b"{}", {})

    def info(self, repository: str, commit: str, files: dict[str, bytes]) -> None:
        siblings = [{"rfilename": name} for name in files]
        self.json({"id": repository, "sha": commit, "siblings": siblings, "tags": [], "private": False, "downloads": 0, "likes": 0})

    def tree(self, repository: str, commit: str, files: dict[str, bytes], under: str = "") -> None:
        wanted = list(files)
        if self.command == "POST":
            asked = json.loads(self.body) if self.body.startswith(b"{") else {"paths": re.findall(rb"paths=([^&]*)", self.body)}
            wanted = [path if isinstance(path, str) else unquote(path.decode()) for path in asked["paths"]]
        found = [name for name in wanted if name in files and name.startswith(under)]
        self.json([{"type": "file", "path": name, "size": len(files[name]), "oid": _oid(files[name])} for name in found])

    def file(self, repository: str, commit: str, files: dict[str, bytes], name: str) -> None:
        fault = self.hub.faults.get(repository)
        if name not in files:
            return self.reply(404, b"", {"X-Error-Code": "EntryNotFound"})
        if fault == "503" and name != "README.md":
            return self.reply(503, b"", {})
        data = files[name]
        return self.reply(200, data, {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": commit}, cut=fault == "cut" and name != "README.md")

    def json(self, value: object) -> None:
        self.reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def reply(self, status: int, data: bytes, headers: dict[str, str], cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.close_connection = True


def _oid(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.fixture(scope="module")
def hub(forked: Callable[..., CompletedProcess[str]]) -> Iterator[Hub]:
    hub = Hub(forked=forked)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Routes", (_Routes,), {"hub": hub}))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()
