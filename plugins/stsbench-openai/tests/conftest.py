"""A fault double, named as such: a service on loopback that speaks the OpenAI embeddings format and can be told to misbehave."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from stsbench.plugin import Float32

WIDTH = 6


def vector_of(text: str, salt: float = 0.0) -> Float32:
    """What the double answers to a text."""
    row = np.random.default_rng([ord(char) for char in text]).normal(size=WIDTH) + salt
    return row.astype(np.float32)


@dataclass(frozen=True)
class Request:
    """What the double was asked."""

    texts: tuple[str, ...]
    body: dict[str, Any]
    headers: dict[str, str]
    path: str
    at: float
    number: int  # of the requests noted since the list was empty, from 1; requests in flight together have different ones


Fault = Callable[[Any, Request], bool]  # answers a request by itself, or leaves it


@dataclass
class Double:
    """A service: what it was asked, how many connections it saw, and what it does wrong."""

    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    fault: Fault | None = None
    key: str = ""
    salt: float = 0.0  # another model
    url: str = ""
    host: str = ""
    change: Callable[[list[dict[str, Any]]], Any] = lambda rows: rows
    usage: Callable[[Sequence[str]], int] = lambda texts: sum(-(-len(text) // 4) for text in texts)

    vector_of = staticmethod(vector_of)
    noting: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, texts: Sequence[str], body: dict[str, Any], handler: Any) -> Request:
        """A request, noted with its number."""
        with self.noting:
            asked = Request(tuple(texts), body, dict(handler.headers.items()), handler.path, time.monotonic(), len(self.requests) + 1)
            self.requests.append(asked)
        return asked

    @property
    def texts(self) -> list[str]:
        """All texts that it was sent."""
        return [text for request in self.requests for text in request.texts]


def says(handler: Any, status: int, body: Any = None, **headers: str) -> bool:
    """An answer with that status."""
    content = json.dumps(body if body is not None else {"error": {"message": "no", "code": None}}).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
    return True


def serve(double: Double) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits until its head is acknowledged, which takes 40 ms

        def says(self, status: int, body: Any = None, **headers: str) -> bool:
            """Answer with that status."""
            return says(self, status, body, **headers)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = double.note(body["input"], body, self)
            if double.fault is not None and double.fault(self, asked):
                return
            if double.key and self.headers.get("Authorization") != f"Bearer {double.key}":
                message = f"Incorrect API key provided: {self.headers.get('Authorization')}, for {asked.texts[0]}"
                says(self, 401, {"error": {"message": message, "code": "invalid_api_key"}})
                return
            rows: list[dict[str, Any]] = []
            for index, text in enumerate(asked.texts):
                row = vector_of(text, double.salt)[: body.get("dimensions", WIDTH)]
                data: Any = base64.b64encode(row.tobytes()).decode() if body.get("encoding_format") == "base64" else row.tolist()
                rows.append({"object": "embedding", "index": index, "embedding": data})
            tokens = double.usage(asked.texts)
            usage = {"prompt_tokens": tokens, "total_tokens": tokens}
            says(self, 200, {"object": "list", "model": "double-2026", "data": double.change(rows), "usage": usage})

        def do_GET(self) -> None:
            double.note((), {}, self)
            says(self, 200, {})

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def process_request(self, request: Any, client_address: Any) -> None:
            double.connections += 1
            super().process_request(request, client_address)

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that left is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    double.host = f"127.0.0.1:{server.server_port}"
    double.url = f"http://{double.host}/v1"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


@pytest.fixture
def doubles() -> Iterator[Callable[[], Double]]:
    """Make services, which end with the test."""
    servers: list[ThreadingHTTPServer] = []

    def make() -> Double:
        double = Double()
        servers.append(serve(double))
        return double

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def double(doubles: Callable[[], Double]) -> Double:
    return doubles()


@pytest.fixture
def cut() -> Fault:
    """A fault: half an answer, then the line is cut."""

    def fault(handler: Any, _asked: Request) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"data": [')
        handler.wfile.flush()
        with suppress(OSError):
            handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return True

    return fault


@pytest.fixture(scope="module")
def steady() -> Iterator[Double]:
    """A service that lasts: of what is built once and asked by several tests."""
    double = Double()
    server = serve(double)
    yield double
    server.shutdown()
    server.server_close()
