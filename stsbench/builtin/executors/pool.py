"""The executor `processes`: workers on this machine, each a process that ends with its connection."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from shutil import rmtree

from stsbench.plugin import Answer, OptionError, Plain, Reply, library_threads, processors

CHILD = "stsbench.builtin.executors.child"
MISSES = 3  # workers that end before they answer once, after which no other is started in their place
GRACE = 5.0  # seconds in which a worker that is told to end does
GPUS = Path("/proc/driver/nvidia/gpus")
VISIBLE = "CUDA_VISIBLE_DEVICES"


def gpus() -> list[str]:
    """What `CUDA_VISIBLE_DEVICES` calls each GPU that this process may use; nothing is asked of a driver."""
    if (named := os.environ.get(VISIBLE)) is not None:
        return [one for one in named.split(",") if one.strip() and one.strip() != "-1"]
    return [str(place) for place in range(len(list(GPUS.iterdir())))] if GPUS.is_dir() else []


@dataclass(frozen=True)
class Processes:
    """So many workers on this machine."""

    count: int

    address = None

    @classmethod
    def of(cls, text: str) -> Processes:
        """The executor of `processes:N`; raises OptionError where N is no number of at least 1."""
        count = int(text) if text.isdecimal() else 0 if text else len(gpus()) or processors()
        if not count:
            raise OptionError(f"executor 'processes' takes a number of processes of at least 1 after the colon, not {text!r}")
        return cls(count)

    @property
    def needs(self) -> Mapping[str, Plain]:
        """How many processes, and the GPUs that they share."""
        return {"workers": self.count, "gpus": len(gpus()), "threads": library_threads()}

    def state(self) -> Mapping[str, Plain]:
        """What the processes share."""
        return {"processors": processors(), "gpus": len(gpus())}

    def open(self, answer: Callable[[], Answer]) -> Pool:
        """The processes, started."""
        return Pool(self.count, f"{answer.__module__}:{answer.__qualname__}")


@dataclass(eq=False)
class Pool:
    """The processes by the name of their worker, each with our end of its connection."""

    count: int
    answer: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    started: int = 0
    misses: int = 0
    answered: set[str] = field(default_factory=set)
    fresh: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.logs = Path(tempfile.mkdtemp(prefix="stsbench-workers-"))
        self.gpus, self.node = gpus(), socket.gethostname().partition(".")[0] or "here"
        for _ in range(self.count):
            self._start()

    def _start(self) -> None:
        place, self.started = self.started, self.started + 1
        worker = f"{self.node}/{place}"
        ours, theirs = Pipe()
        shown = {VISIBLE: self.gpus[place % self.count % len(self.gpus)]} if self.gpus else {}
        line = [sys.executable, "-P", "-m", CHILD, str(theirs.fileno()), self.answer]
        with self._log(worker).open("wb") as log, theirs:
            self.processes[worker] = subprocess.Popen(  # noqa: S603 - our own program
                line,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **shown},
                start_new_session=True,  # Ctrl-C is this process's to hear, which then ends them
            )
        self.connections[worker] = ours
        self.fresh.append(Reply(worker))

    def _log(self, worker: str) -> Path:
        return self.logs / f"{worker.rpartition('/')[2]}.log"

    def receive(self, seconds: float) -> Sequence[Reply]:
        """Answers, and who is lost, of which another is started in the place; who is new comes first."""
        heard, self.fresh = self.fresh, []
        names = {connection: worker for worker, connection in self.connections.items()}
        for connection in wait(list(names), 0 if heard else seconds):
            assert isinstance(connection, Connection)
            worker = names[connection]
            try:
                heard.append(Reply(worker, answer=connection.recv_bytes()))
                self.answered.add(worker)
            except (EOFError, OSError):
                heard.append(Reply(worker, lost=self._ended(worker)))
        return heard

    def _ended(self, worker: str) -> str:
        """How a worker ended, and where its log is; another is started unless they end before they answer at all."""
        self.connections.pop(worker).close()
        process = self.processes.pop(worker)
        code = _end(process)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self.misses = 0 if worker in self.answered else self.misses + 1
        if self.misses < MISSES:
            self._start()
        return f"it {how}; see its log with `cat {self._log(worker)}`"

    def send(self, worker: str, message: bytes) -> None:
        """Hand a message to a worker."""
        with suppress(OSError):  # it is lost, which `receive` tells
            if worker in self.connections:
                self.connections[worker].send_bytes(message)

    def dismiss(self, worker: str) -> None:
        """End a worker."""
        if worker in self.connections:
            self.connections.pop(worker).close()
            self.processes[worker].kill()
            self.processes.pop(worker).wait()

    def close(self) -> None:
        """End every worker; logs stay where one was lost before."""
        lost = self.started > len(self.processes)
        for worker in list(self.connections):
            self.connections.pop(worker).close()
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        self.processes.clear()
        if not lost:
            rmtree(self.logs, ignore_errors=True)


def _end(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
