"""The hub's read routes on loopback, and stsbench's command line in a process whose hub clients know no other hub.

A folder tree is what the hub holds: `<kind>/<owner>/<name>/<commit>/<files>`, and `refs/<branch>` beside the commits; `kind` is
`datasets` or `models`. The clients are unchanged: `datasets`, `huggingface_hub`, `transformers` and `sentence_transformers`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from subprocess import CompletedProcess
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

CUT = "cut"  # a fault: half of the body is sent of what Content-Length promises
API = re.compile(
    r"/api/(?P<kind>datasets|models)/(?P<name>[^/]+/[^/]+)(/(?P<route>revision|tree|paths-info)/(?P<revision>[^/]+)(/(?P<inner>.*))?)?\Z"
)
FILE = re.compile(r"/((?P<kind>datasets)/)?(?P<name>[^/]+/[^/]+)/(?P<route>resolve)/(?P<revision>[^/]+)/(?P<inner>.+)\Z")


@dataclass
class Hub:
    """A running hub: what it holds, whom it fails (`faults`: path pattern -> status or CUT), and what it was asked."""

    root: Path
    server: ThreadingHTTPServer
    faults: dict[str, int | str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def hold(self, kind: str, repository: str, commit: str, files: dict[str, bytes | Path]) -> None:
        """Add a commit and move the main branch to it; a Path is linked to, not copied."""
        for name, content in files.items():
            place = self.root / kind / repository / commit / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(content) if isinstance(content, Path) else place.write_bytes(content)
        self.move(kind, repository, commit)

    def move(self, kind: str, repository: str, commit: str, branch: str = "main") -> None:
        """Move a branch to a commit; where the branch is named as another commit, the hub gives a wrong revision for that one."""
        place = self.root / kind / repository / "refs" / branch
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(commit)

    def stop(self) -> None:
        """From here on, connections are refused."""
        self.server.shutdown()
        self.server.server_close()


class Routes(BaseHTTPRequestHandler):
    """Answers as the hub does; `hub` is set by the fixture."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits until its head is acknowledged, which takes 40 ms
    hub: Hub

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.requests.append(f"{self.command} {path}")
        self.hub.tokens.add(self.headers.get("Authorization") or "")
        self.commit = ""
        self.fault = next((fault for pattern, fault in self.hub.faults.items() if fnmatch(path, pattern)), None)
        if self.fault == 404:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        if isinstance(self.fault, int):
            return self.answer(self.fault, b"", {"Retry-After": "0"})  # the clients then wait for 1 second in the place of up to 8
        if (match := API.match(path)) is None and (match := FILE.match(path)) is None:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        kind, name, route, revision, inner = (
            match["kind"] or "models",
            match["name"],
            match["route"],
            match["revision"] or "main",
            match["inner"],
        )
        repository = self.hub.root / kind / name
        if not repository.is_dir():
            return self.refuse(401, "RepoNotFound", "Repository Not Found")
        branch = repository / "refs" / revision
        self.commit = branch.read_text() if branch.is_file() else revision
        self.folder = repository / self.commit
        if not self.folder.is_dir():
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if route == "resolve":
            return self.resolve(inner)
        if route == "tree":
            return self.tree(inner or "")
        if route == "paths-info":
            asked = json.loads(body)["paths"] if "json" in self.headers["Content-Type"] else parse_qs(body.decode())["paths"]
            return self.json([self.entry(self.folder / one) for one in asked if (self.folder / one).exists()])
        siblings = [{"rfilename": file.relative_to(self.folder).as_posix()} for file in self.folder.rglob("*") if file.is_file()]
        return self.json({"id": name, "sha": self.commit, "siblings": siblings, "private": False, "tags": []})

    do_HEAD = do_POST = do_GET  # noqa: N815

    def resolve(self, inner: str) -> None:
        file = self.folder / inner
        if not file.is_file():
            return self.refuse(404, "EntryNotFound", "Entry not found")
        return self.answer(200, file.read_bytes(), {"ETag": f'"{etag(file.resolve())}"'})

    def tree(self, inner: str) -> None:
        folder = self.folder / inner
        if not folder.is_dir():
            return self.refuse(404, "EntryNotFound", f"{inner} does not exist")
        recursive = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].casefold() in ("true", "1")
        return self.json([self.entry(one) for one in sorted(folder.rglob("*") if recursive else folder.iterdir())])

    def entry(self, path: Path) -> dict[str, Any]:
        name = path.relative_to(self.folder).as_posix()
        if path.is_dir():
            return {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}
        return {"type": "file", "path": name, "oid": etag(path.resolve())[:40], "size": path.stat().st_size}

    def json(self, document: Any) -> None:
        self.answer(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def refuse(self, status: int, code: str, message: str) -> None:
        self.answer(status, json.dumps({"error": message}).encode(), {"X-Error-Code": code, "X-Error-Message": message})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        commit = {"X-Repo-Commit": self.commit} if self.commit else {}
        for header, value in {**headers, **commit, "Content-Length": str(len(body))}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.fault == CUT:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@cache
def etag(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Where each test's hub is: clients read its address when they are imported, which is once for many tests.

    It stays taken between tests by who does not listen there, and refuses connections; else another process might be given it.
    """
    with socket() as kept:
        kept.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # as servers do, who may listen there all the same
        kept.bind(("127.0.0.1", 0))
        yield int(kept.getsockname()[1])


@pytest.fixture
def hub(tmp_path: Path, port: int) -> Iterator[Hub]:
    """An empty hub."""

    class RoutesOfOneHub(Routes):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", port), RoutesOfOneHub)
    server.daemon_threads = True
    RoutesOfOneHub.hub = hub = Hub(tmp_path / "hub", server)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield hub
    hub.stop()


@dataclass(frozen=True)
class Done:
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        return dict(json.loads(self.out))

    @property
    def cells(self) -> list[dict[str, Any]]:
        return list(self.document["cells"])

    @property
    def sentence(self) -> str:
        """The one line that a command which could not run says."""
        assert self.out == "", self.out
        (line,) = self.err.splitlines()
        assert line.startswith("error: "), line
        return line.removeprefix("error: ")


@pytest.fixture
def token() -> str:
    """A secret of the environment, which no output may hold."""
    return "hf_canary0123456789abcdefghijklmnopqr"


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hub's clients keep, empty as a test begins; it is in one place for all, which clients read as they do the address."""
    folder = tmp_path_factory.getbasetemp() / "home"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def stsbench(hub: Hub, token: str, tmp_path: Path, home: Path, forked: Callable[..., CompletedProcess[str]]) -> Callable[..., Done]:
    """Run a command of `stsbench` with the hub as the only one; all runs of a test share one cache. `offline` sets HF_HUB_OFFLINE."""
    foreign = ("HF_", "HUGGINGFACE_", "HUGGING_FACE_", "TRANSFORMERS_", "SENTENCE_TRANSFORMERS_", "STSBENCH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign) and not name.casefold().endswith("_proxy")}
    settings = {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home),
        "STSBENCH_CACHE_DIR": str(tmp_path / "vectors"),  # else vectors of an earlier test would do without the model
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # `datasets` counts downloads at a host that HF_ENDPOINT does not name
        "OMP_NUM_THREADS": "1",
        "NO_PROXY": "*",
    }

    def run(*arguments: str, command: tuple[str, ...] = ("run", "--quiet"), offline: bool = False) -> Done:
        environment = kept | settings | ({"HF_HUB_OFFLINE": "1"} if offline else {})
        done = forked(*command, *arguments, cwd=tmp_path, begun=environment, imported=("datasets",))
        assert token not in done.stdout + done.stderr
        assert "--debug" in command or "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run
