"""Workers as actors of Ray, one for each place that a machine of the cluster has room for. Bytes go in, and bytes come out."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

import ray
from ray.exceptions import ObjectStoreFullError, OutOfDiskError, OutOfMemoryError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from stsbench.plugin import Answer, PluginError, Reply
from stsbench_ray.joining import KEPT, alive, join, leave, require_room, room, unanswered
from stsbench_ray.wanted import Wanted

LOOK: Final = 5.0  # seconds after which it is looked again which machines there are
MISSES: Final = 3  # actors of one machine that end before they answer, after which no other is started there
PIECE: Final = 64 * 1024  # bytes: Ray sends so few with the call, and puts more into the object store, which may spill them to a disk
PIECES: Final = 64  # of one call, below what Ray sends with one
THREADS: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Host:
    """What runs in a worker: it takes the threads of a local run, before any library is imported that asks for them."""

    def __init__(self, threads: int, make: Callable[[], Answer]) -> None:
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        self.answer = make()
        self.pieces: list[bytes] = []

    def log(self) -> str:
        """The file that what it writes to its standard error goes to."""
        with suppress(OSError):
            return str(Path("/proc/self/fd/2").readlink())
        return f"/tmp/ray/session_latest/logs/worker-*-{os.getpid()}.err"  # noqa: S108 - Ray's own place

    def take(self, *pieces: bytes) -> None:
        """The beginning of a message."""
        self.pieces += pieces

    def handle(self, *pieces: bytes) -> bytes:
        """The answer to a message, of which these are the last pieces."""
        message, self.pieces = b"".join((*self.pieces, *pieces)), []
        return self.answer(message)


class Actors:
    """The workers by name, each with what it was asked, the earliest first."""

    def __init__(self, cluster: Wanted, answer: Callable[[], Answer]) -> None:
        self.cluster, self.answer = cluster, answer
        self.actors: dict[str, Any] = {}
        self.nodes: dict[str, str] = {}  # by worker
        self.asked: dict[str, deque[Any]] = {}
        self.logs: dict[str, Any] = {}
        self.missed: dict[str, int] = {}  # by node
        self.fresh: list[Reply] = []
        self.started, self.looked, self.gone, self.told = 0, -LOOK, False, False
        self.folder = "" if cluster.host else tempfile.mkdtemp(prefix="stsbench-ray-")
        try:
            join(cluster, self.folder)
            require_room(cluster)
            self._look()
        except BaseException:
            self.close()
            raise

    def _look(self) -> None:
        """Start workers where there is room, also on machines that came since. Raises PluginError where the head is gone."""
        if time.monotonic() - self.looked < LOOK:
            return
        if self.cluster.host and (reason := unanswered(self.cluster.host)):  # whom Ray would wait for, and then end this process
            self.gone = True
            raise PluginError(f"the head of the cluster at {self.cluster.host} answers no more ({reason}); start it again: {KEPT}")
        for node in alive():
            if self.missed.get(node["NodeID"], 0) >= MISSES:
                continue
            held = sum(place == node["NodeID"] for place in self.nodes.values())
            for _ in range(room(self.cluster, node["Resources"]) - held):
                if not self.cluster.most or len(self.actors) < self.cluster.most:
                    self._start(node)
        self.looked = time.monotonic()

    def _start(self, node: dict[str, Any]) -> None:
        cluster, name = self.cluster, f"{node['NodeName']}/{self.started}"
        self.started += 1
        options: dict[str, Any] = {"memory": cluster.memory * 1_000_000} if cluster.memory else {}
        actor = (
            ray.remote(Host)
            .options(
                num_cpus=cluster.cpus,
                num_gpus=cluster.gpus,
                resources={cluster.resource: 1} if cluster.resource else None,
                max_restarts=0,  # which worker is lost, and what with it, is known to the run alone
                max_task_retries=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
                **options,
            )
            .remote(cluster.cpus, self.answer)
        )
        self.actors[name], self.nodes[name], self.asked[name] = actor, node["NodeID"], deque()
        self.logs[name] = actor.log.remote()  # type: ignore[attr-defined]
        self.fresh.append(Reply(name))

    def receive(self, seconds: float) -> Sequence[Reply]:
        """Answers, in the order of messages, and who is lost."""
        self._look()
        heard, self.fresh = self.fresh, []
        first = {messages[0]: name for name, messages in self.asked.items() if messages}
        if not first:
            time.sleep(0 if heard else min(seconds, LOOK))
            return heard
        ready, _ = ray.wait(list(first), num_returns=len(first), timeout=0)
        if not ready and not heard:
            ready, _ = ray.wait(list(first), num_returns=1, timeout=seconds)
        for reference in ready:
            name = first[reference]
            try:
                answer = ray.get(reference)
            except RayError as error:
                heard.append(Reply(name, lost=self._lost(name, error)))
                continue
            self.asked[name].popleft()
            self.missed[self.nodes[name]] = 0
            heard.append(Reply(name, answer=answer if isinstance(answer, bytes) else b""))
        return heard

    def _lost(self, name: str, error: RayError) -> str:
        """Why a worker is lost, and where its log is."""
        machine, node, text = name.partition("/")[0], self.nodes[name], str(error)
        log: object = ""
        with suppress(RayError):
            log = ray.get(self.logs[name], timeout=0)
        self._drop(name)
        self.looked = -LOOK  # another may take its place at once
        if lacks := re.search(r"No module named '([\w.]+)'", text):
            self.missed[node] = MISSES
            return f"there is no {lacks[1]} on {machine}; install there what is installed here"
        self.missed[node] = self.missed.get(node, 0) + 1
        if isinstance(error, OutOfMemoryError):
            return f"{machine} ran out of memory, and Ray ended the worker; ask for more of it a worker, with memory= of the executor"
        if isinstance(error, ObjectStoreFullError | OutOfDiskError):
            return f"Ray's object store on {machine} is full, and so is the disk that it spills to; free some, or start Ray there with more"
        self.told = self.told or bool(log)
        detail = " ".join(re.split("Worker exit detail:|class_name:", text)[-1 if "exit detail" in text else 0].split())[:160].rstrip(". ")
        return f"{type(error).__name__}: {detail}" + (f"; see its log on {machine} with `tail -n 50 {log}`" if log else "")

    def send(self, worker: str, message: bytes) -> None:
        """Ask a worker, in pieces that are no objects of the store; one that cannot be sent to is lost."""
        if worker not in self.actors:
            return
        pieces = [message[start : start + PIECE] for start in range(0, len(message), PIECE)]
        try:
            actor = self.actors[worker]
            while len(pieces) > PIECES:
                actor.take.remote(*pieces[:PIECES])
                pieces = pieces[PIECES:]
            self.asked[worker].append(actor.handle.remote(*pieces))
        except RayError as error:
            self.fresh.append(Reply(worker, lost=self._lost(worker, error)))

    def dismiss(self, worker: str) -> None:
        """Let a worker go, and hear no more of it; its machine is not tried again."""
        if worker in self.nodes:
            self.missed[self.nodes[worker]] = MISSES
            self._drop(worker)

    def _drop(self, worker: str) -> None:
        if (actor := self.actors.pop(worker, None)) is not None:
            for held in (self.asked, self.logs, self.nodes):
                held.pop(worker)
            with suppress(RayError):
                ray.kill(actor)

    def close(self) -> None:
        """Let all workers go, and the cluster if it is one's own, of which the logs stay where who reads a message is told of one."""
        for worker in [] if self.gone else list(self.actors):
            self._drop(worker)
        leave()
        if self.folder:
            folder = Path(self.folder)
            for path in folder.glob("session_*/*") if self.told else [folder]:
                if path.name != "logs":
                    rmtree(path, ignore_errors=True)
