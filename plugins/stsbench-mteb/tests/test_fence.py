"""Services of mteb's registry: their clients reach the hosts that were consented to, wherever their settings lead."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stsbench_mteb.fence import fenced
from stsbench_mteb.model import RegistryModel
from typer.testing import CliRunner

from stsbench.cli.app import app
from stsbench.plugin import Location, ModelError, OptionError

NAME, KEY, CANARY = "openai/text-embedding-3-small", "sk-canary", "a canary sings"


class Service(ThreadingHTTPServer):
    """A double: a service on loopback that answers as OpenAI's does, and counts connections."""

    daemon_threads = True
    salt, redirect = 0.0, ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.connections = 0
        self.asked: list[tuple[str, list[str]]] = []
        self.host = f"127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class Answers(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.asked.append((str(self.headers["Authorization"]), texts))
        if self.server.redirect:
            self.send_response(307)
            self.send_header("Location", self.server.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        rows = [[len(text) + self.server.salt, text.count("a"), 1.0] + [0.0] * 1533 for text in texts]
        data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
        body = json.dumps({"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Service]]:
    """Start services; the client of OpenAI has a key, and in place of tiktoken, which asks the network for its table, a split at spaces."""
    from mteb.models import ModelMeta

    words = SimpleNamespace(encode=str.split, decode=" ".join)
    monkeypatch.setitem(sys.modules, "tiktoken", SimpleNamespace(get_encoding=lambda _: words, Encoding=SimpleNamespace))
    monkeypatch.setattr(ModelMeta, "_check_requirements", lambda _: None)  # of tiktoken
    monkeypatch.setattr(time, "sleep", lambda _: None)  # between tries of mteb's, a minute
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    started: list[Service] = []

    def start() -> Service:
        started.append(Service())
        return started[-1]

    yield start
    for service in started:
        service.shutdown()
        service.server_close()


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    pairs = "".join(f"{CANARY} {'la ' * number},a cat,{number}\n" for number in range(4))
    (tmp_path / "pairs.csv").write_text(f"left,right,score\n{pairs}")
    return ["run", "-s", "cosine", f"--cache-dir={tmp_path / 'cache'}", "-b", f"csv:{tmp_path}/pairs.csv"]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, " ".join(f"{done.output} {done.exception or ''}".split())


def test_a_service_is_asked_where_its_host_was_named_and_not_again_for_what_is_kept(
    serve: Callable[[], Service], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{service.host}/v1")
    ref = f"mteb-model:{NAME},host={service.host}"
    assert f"sends texts to {service.host}; if that is meant, add --allow-network {service.host}" in run(*asked, "-e", ref)[1]
    private = run(*asked, "-e", ref, "--allow-network", service.host)[1]
    assert f"private, and its texts would be sent to {service.host}; if that is meant, add --send-private" in private
    assert service.connections == 0
    given = [*asked, "-e", ref, "--allow-network", service.host, "--send-private", service.host]
    code, said = run(*given)
    assert code == 0, said
    assert {key for key, _ in service.asked} == {f"Bearer {KEY}"}
    assert sum(len(texts) for _, texts in service.asked) == 5
    assert run(*given)[0] == 0
    assert sum(len(texts) for _, texts in service.asked) == 5, "what is kept is not sent again"
    service.salt = 7.0
    other = [*given, "-b", "mini"]
    assert "its model has changed" in run(*other)[1]


@pytest.mark.parametrize("by", ["address", "redirect", "proxy"])
def test_another_host_than_consented_gets_no_connection(
    by: str, serve: Callable[[], Service], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    meant, other = serve(), serve()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{(other if by == 'address' else meant).host}/v1")
    if by == "redirect":
        meant.redirect = f"http://{other.host}/v1/embeddings"
    if by == "proxy":
        monkeypatch.setenv("HTTP_PROXY", f"http://{other.host}")
    consent = ("--allow-network", meant.host, "--send-private", meant.host)
    code, said = run(*asked, "-e", f"mteb-model:{NAME},host={meant.host}", *consent)
    assert code == 1
    assert f"the client of {NAME} turned to {other.host}, and was held back: consent was given for {meant.host} alone" in said
    assert other.connections == 0
    assert CANARY not in said
    assert KEY not in said


def test_nothing_leaves_a_fence_by_an_address_that_was_not_looked_up_in_it(serve: Callable[[], Service]) -> None:
    meant, other = serve(), serve()
    with fenced("m", [meant.host]):
        socket.create_connection(("127.0.0.1", meant.server_port)).close()
    places = [(socket.SOCK_STREAM, ("127.0.0.1", other.server_port)), (socket.SOCK_STREAM, ("localhost", meant.server_port))]
    for kind, place in [*places, (socket.SOCK_DGRAM, ("127.0.0.1", other.server_port))]:
        refused = pytest.raises(ModelError, match=r"^the client of m turned to an address that it looked up elsewhere, and was held")
        with socket.socket(type=kind) as line, refused, fenced("m", [meant.host]):
            line.connect(place) if kind is socket.SOCK_STREAM else line.sendto(b"a", place)
    for reach in (socket.create_connection, lambda place: urllib.request.urlopen(f"http://{place[0]}:{place[1]}")):
        with pytest.raises(ModelError, match=rf"^the client of m turned to {other.host}, and was held back"), fenced("m", [meant.host]):
            reach(("127.0.0.1", other.server_port))
    assert other.connections == 0
    for error, step in ((ValueError(CANARY), f"check its key, and what is at {meant.host}"), (ImportError(CANARY), "pip install")):
        with pytest.raises(ModelError, match=rf"^mteb's client of m failed \({type(error).__name__}\); {step}"), fenced("m", [meant.host]):
            raise error
    socket.create_connection(("127.0.0.1", other.server_port)).close()  # the fence is down


def test_a_service_without_a_host_or_that_no_fence_holds_is_refused(serve: Callable[[], Service]) -> None:
    cases: tuple[tuple[str, dict[str, Any], type[Exception], str], ...] = (
        (NAME, {}, ModelError, r"which host it would send texts to; name it, as in host=api.openai.com$"),
        ("google/gemini-embedding-001", {"host": ("a.b",)}, ModelError, "nor can its client be held to one; take a component that names"),
        ("intfloat/e5-small-v2", {"host": ("a.b",)}, OptionError, "option 'host' is for services, and intfloat/e5-small-v2 is none"),
    )
    for name, options, error, says in cases:
        with pytest.raises(error, match=says):
            RegistryModel(Location("m", hub=name), **options)
