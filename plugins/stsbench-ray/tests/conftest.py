"""A cluster of several raylets in a network and a process namespace of its own: nothing of it is reached from elsewhere or outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

ALONE = ("unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
RAYLETS = Path(__file__).with_name("raylets.py")


@dataclass(eq=False)
class Machines:
    """The namespace, and the raylets in it by name; `environment` is what everything there is started with."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default_factory=partial(token_hex, 32))
    commands: list[subprocess.Popen[str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of raylets with a worker that are there, the earliest first

    address = "127.0.0.1:6379"

    def __enter__(self) -> Machines:
        line = [*ALONE, "sh", "-c", f"ip link set lo up && exec {sys.executable} {RAYLETS} {self.folder}"]
        with (self.folder / "raylets.log").open("w") as log:
            self.outer = subprocess.Popen(line, stdin=-1, stdout=-1, stderr=log, text=True, env=self._surroundings())
        return self

    def __exit__(self, *_: object) -> None:
        everything = below(self.outer.pid)
        self.outer.kill()
        for process in (self.outer, *self.commands):
            process.communicate()
        while any(Path(f"/proc/{pid}").exists() for pid in everything):
            time.sleep(0.02)

    def _surroundings(self, **more: str) -> dict[str, str]:
        """The environment of what runs here, with the token that the cluster asks for."""
        ray = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}
        return {**os.environ, **ray, **self.environment, **more}

    def start(self, *line: str, **more: str) -> subprocess.Popen[str]:
        """A process in the namespace, with more in its environment."""
        into = ["nsenter", f"--target={children(self.outer.pid)[0]}", "--user", "--net", "--pid", "--mount", "--preserve-credentials"]
        self.commands.append(subprocess.Popen([*into, *line], stdout=-1, stderr=-1, text=True, env=self._surroundings(**more)))
        return self.commands[-1]

    def add(self, name: str, **wanted: Any) -> None:
        """Start a raylet, whose name is that of its machine, and wait for it."""
        assert self.outer.stdin
        assert self.outer.stdout
        self.outer.stdin.write(f"{json.dumps({'node_name': name, 'num_cpus': 1, **wanted})}\n")
        self.outer.stdin.flush()
        assert self.outer.stdout.readline() == "there\n", (self.folder / "raylets.log").read_text()[-3000:]
        if not wanted:
            self.names.append(name)

    def processes(self) -> dict[int, Sequence[str]]:
        """The command line of every process here."""
        lines: dict[int, Sequence[str]] = {}
        for pid in below(self.outer.pid):
            with suppress(OSError):
                if line := Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0"):
                    lines[pid] = line.split("\0")
        return lines

    def workers(self) -> list[int]:
        """The processes of workers."""
        return [pid for pid, line in self.processes().items() if line[0].startswith("ray::Host")]

    def signal(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a raylet and all its workers at once."""
        (raylet,) = [pid for pid, line in self.processes().items() if line[0].endswith("/raylet") and f"--node-name={name}" in line]
        self.names = [one for one in self.names if one != name]
        for pid in (raylet, *below(raylet)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def interrupt(self, command: subprocess.Popen[str]) -> None:
        """Ctrl-C, for what was started here."""
        os.kill(children(command.pid)[0], signal.SIGINT)

    def end_head(self) -> None:
        """Kill the process that knows all others."""
        for pid, line in self.processes().items():
            if line[0].endswith("/gcs_server"):
                os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    started: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            started += map(int, path.read_text().split())
    return started


def below(pid: int) -> list[int]:
    """Those and theirs."""
    return [one for child in children(pid) for one in (child, *below(child))]


@contextmanager
def machines(**environment: str) -> Iterator[Machines]:
    """A namespace, and in it no machine yet; `environment` is what all of them have in theirs."""
    kept = tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True)  # names of sockets are short
    with kept as folder, Machines(Path(folder), environment) as alone:
        yield alone


@pytest.fixture(scope="session")
def alone() -> Callable[..., AbstractContextManager[Machines]]:
    """`machines`; skipped where none can be made."""
    with suppress(OSError):
        if not subprocess.run([*ALONE, "ip", "link"], capture_output=True, check=False).returncode:
            return machines
    pytest.skip("this machine lets nobody make a network namespace")
