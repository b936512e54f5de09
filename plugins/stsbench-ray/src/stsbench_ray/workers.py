"""Workers as actors of Ray, one for each place that a machine of the cluster has room for. Bytes go in, and bytes come out."""

from __future__ import annotations

import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from shutil import rmtree
from typing import Any, Final

# Read when ray is imported: it reports to nobody, and a cluster of one's own listens on this machine alone.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from stsbench.plugin import Answer, OptionError, Reply
from stsbench_ray.wanted import Wanted

LOOK: Final = 5.0  # seconds after which it is looked again which machines there are
MISSES: Final = 3  # actors of one machine that end before they answer, after which no other is started there
THREADS: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Host:
    """What runs in a worker: it takes the threads of a local run, before any library is imported that asks for them."""

    def __init__(self, threads: int, make: Callable[[], Answer]) -> None:
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        self.answer = make()

    def pid(self) -> int:
        """Its process, for whoever looks for its log."""
        return os.getpid()

    def handle(self, message: bytes) -> bytes:
        """The answer to a message."""
        return self.answer(message)


class Actors:
    """The workers by name, each with what it was asked, the earliest first."""

    def __init__(self, cluster: Wanted, answer: Callable[[], Answer]) -> None:
        self.cluster, self.answer = cluster, answer
        self.actors: dict[str, Any] = {}
        self.nodes: dict[str, str] = {}  # by worker
        self.asked: dict[str, deque[Any]] = {}
        self.pids: dict[str, Any] = {}
        self.missed: dict[str, int] = {}  # by node
        self.fresh: list[Reply] = []
        self.started, self.looked = 0, -LOOK
        self.folder = "" if cluster.host else tempfile.mkdtemp(prefix="stsbench-ray-")
        try:
            self._join()
        except BaseException:
            self._remove()
            raise
        self._look()

    def _join(self) -> None:
        common: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
        if not self.cluster.host:
            ray.init(address="local", _temp_dir=self.folder, **common)
            return
        del common["include_dashboard"]
        try:
            ray.init(address=self.cluster.host, **common)
        except (RayError, ConnectionError, OSError, RuntimeError, ValueError) as error:
            what = " ".join(str(error).split())[:200]
            raise OptionError(
                f"no Ray cluster can be joined at {self.cluster.host} ({type(error).__name__}: {what}); start one with `ray start --head`, "
                f"of Ray {ray.__version__}, or write ray alone for one of this machine"
            ) from error

    def _look(self) -> None:
        """Start workers where there is room, also on machines that came since."""
        if time.monotonic() - self.looked < LOOK:
            return
        self.looked = time.monotonic()
        for node in ray.nodes():  # type: ignore[no-untyped-call]
            if not node["Alive"] or self.missed.get(node["NodeID"], 0) >= MISSES:
                continue
            held = sum(place == node["NodeID"] for place in self.nodes.values())
            for _ in range(self._room(node["Resources"]) - held):
                if not self.cluster.most or len(self.actors) < self.cluster.most:
                    self._start(node)

    def _room(self, resources: dict[str, float]) -> int:
        """How many workers a machine takes."""
        cluster = self.cluster
        wanted = {"CPU": float(cluster.cpus), "GPU": cluster.gpus, "memory": cluster.memory * 1e6, cluster.resource: 1.0}
        return min(int(resources.get(name, 0.0) // much) for name, much in wanted.items() if name and much)

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
        self.pids[name] = actor.pid.remote()  # type: ignore[attr-defined]
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
        node = self.nodes[name]
        self.missed[node] = self.missed.get(node, 0) + 1
        pid: object = ""
        with suppress(RayError):
            pid = ray.get(self.pids[name], timeout=0)
        self._drop(name)
        self.looked = -LOOK  # another may take its place at once
        detail = " ".join(str(error).split("Worker exit detail:")[-1].split())[:160]
        where = f"{self.folder or '/tmp/ray'}/session_latest/logs"  # noqa: S108 - Ray's own place
        return f"{type(error).__name__}: {detail}; see its log on {name.partition('/')[0]} with `tail -n 50 {where}/worker-*-{pid}.err`"

    def send(self, worker: str, message: bytes) -> None:
        """Ask a worker."""
        if worker in self.actors:
            self.asked[worker].append(self.actors[worker].handle.remote(message))

    def dismiss(self, worker: str) -> None:
        """Let a worker go, and hear no more of it; its machine is not tried again."""
        if worker in self.nodes:
            self.missed[self.nodes[worker]] = MISSES
            self._drop(worker)

    def _drop(self, worker: str) -> None:
        if (actor := self.actors.pop(worker, None)) is not None:
            self.asked.pop(worker)
            self.pids.pop(worker)
            self.nodes.pop(worker)
            with suppress(RayError):
                ray.kill(actor)

    def close(self) -> None:
        """Let all workers go, and the cluster if it is one's own."""
        for worker in list(self.actors):
            self._drop(worker)
        ray.shutdown()
        self._remove()

    def _remove(self) -> None:
        if self.folder:
            rmtree(self.folder, ignore_errors=True)
