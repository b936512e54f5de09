"""A worker's process: it answers what comes over its connection, and ends when that is closed."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread


def serve(descriptor: int, name: str) -> None:
    """Answer every message by what the function `module:name` gives, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(descriptor)
    waiting: SimpleQueue[bytes | None] = SimpleQueue()
    module, _, function = name.partition(":")
    answer = getattr(import_module(module), function)()
    Thread(target=_read, args=(connection, waiting), daemon=True).start()  # so that whoever sends does not wait for what is in work
    while (message := waiting.get()) is not None:
        connection.send_bytes(answer(message))


def _read(connection: Connection, waiting: SimpleQueue[bytes | None]) -> None:
    try:
        while True:
            waiting.put(connection.recv_bytes())
    except (EOFError, OSError):
        waiting.put(None)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
