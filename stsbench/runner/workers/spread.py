"""Running the encoders of a plan on workers: this process alone hands out shards, checks what comes back, and writes it to the stores."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import MappingProxyType

from stsbench.contracts.data import UniqueTexts
from stsbench.contracts.events import Spread, Warned
from stsbench.contracts.items import called
from stsbench.contracts.models.services import as_hosts
from stsbench.contracts.ref import PYTHON
from stsbench.contracts.wording import counted
from stsbench.contracts.work import DEATHS, Executor, Reply, Workers
from stsbench.errors import PlanError, PluginError, StoreError, StsbenchError
from stsbench.host.registry import Registry
from stsbench.runner.encoding.spool import default_memory
from stsbench.runner.request import OpenStore, Setup
from stsbench.runner.system import Job, Plan
from stsbench.runner.workers.cutting import AHEAD, Backlog, Hand
from stsbench.runner.workers.parcel import pack, pack_shard, read_encoded, read_error, unpack
from stsbench.runner.workers.queued import Piece, Queued, is_shared
from stsbench.runner.workers.worker import Worker, differences, install_line, software

WAIT = 1.0  # seconds that nothing need be heard for, after which who watches is told all the same
LARGEST = 32 * 2**20  # bytes of vectors that a worker sends at a time
PATIENCE = 60.0  # seconds without any worker after which a run that had some gives up
STARTING = 300.0  # seconds in which a first worker has to be there
SOON = 10.0  # seconds after which one has to be there in the place of those that were lost before any of them did anything


@dataclass(frozen=True)
class Spared:
    """A job whose vectors are in the store by now, or what went wrong: `error`; `facts` are of the workers, for the provenance."""

    job: Job
    error: StsbenchError | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Known(Hand[tuple[Queued, Piece]]):
    """A worker as this process sees it.

    `lacks`: the job whose model's folder it has not got, and is to be sent; `sending`: what is left of that, once it has begun.
    """

    known: bool = False  # its software is that of this process
    lacks: Queued | None = None
    sending: Iterator[bytes] | None = None


def spread(plan: Plan, setup: Setup, open_store: OpenStore, executor: Executor) -> Iterator[Spared]:
    """Every job of the plan that has cells to compute, as soon as its vectors are in the store.

    A job that workers cannot help with comes too: its vectors are computed by whoever takes it. No worker is started where nothing is
    missing. Raises PlanError for an encoder that no other process has, and what starting the workers raises.
    """
    jobs = [job for job in plan.jobs if any(job.missing)]
    for job in jobs:
        if job.encoder.resolved is None or job.encoder.resolved.provider.distribution == PYTHON:
            raise PlanError(
                f"{job.encoder.label} was given in Python, and no other process has it; name encoders by reference, or run without executor"
            )
    if plan.private and executor.address is not None and not as_hosts([executor.address]) <= setup.send_private:
        raise PlanError(
            f"private texts would be sent to the machines of {executor.address}; if that is meant, add --send-private {executor.address} "
            f"(in Python send_private=[{executor.address!r}])"
        )
    with ExitStack() as stores:
        queue = []
        shared: dict[tuple[object, ...], UniqueTexts] = {}  # of jobs that have the same texts, which may be millions
        for job in filter(is_shared, jobs):
            if (store := open_store(job.encoder)) is None:
                raise StoreError("what workers send is kept in a cache folder, and none can be written; name another with --cache-dir")
            key = job.encoder.prompts, repr(job.encoder.task_prompts), *map(id, plan.texts(job))
            if key not in shared:
                shared[key] = plan.unique_texts(job)
            queued = Queued.of(job, shared[key], setup, store, executor)
            if queued.total:
                queue.append(queued)
                stores.callback(store.close)
            else:
                store.close()
        waiting = [job for job in jobs if job not in {queued.job for queued in queue}]
        if not queue:
            yield from map(Spared, waiting)
            return
        workers = executor.open(Worker)
        stores.callback(workers.close)
        yield from _Run(queue, workers, setup).shared(waiting)


class _Run:
    """The workers of a run, and what each is at."""

    def __init__(self, queue: list[Queued], workers: Workers, setup: Setup) -> None:
        self.queue, self.workers, self.setup = queue, workers, setup
        self.hands: dict[str, Known] = {}
        self.rates: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])  # by node: texts, and seconds since its first shard
        self.ids = sorted({queued.job.encoder.resolved.id for queued in queue if queued.job.encoder.resolved})
        self.software = software(Registry.installed(), self.ids)
        self.apart: dict[str, list[str]] = {}  # by node: how its software differs
        self.answers = 0
        self.lost = ""  # why the last one was that was
        memory = default_memory() if setup.memory is None else setup.memory
        self.memory = max(1, memory // 2)
        self.since = time.monotonic()
        self.items = called(item for queued in queue for _, item in queued.texts.texts)

    def shared(self, waiting: list[Job]) -> Iterator[Spared]:
        """Jobs as they are done; those that are `waiting` for nobody come while workers are at the others."""
        left = list(self.queue)
        self._tell()
        while left:
            replies = self.workers.receive(WAIT)
            for heard in replies:
                self._hear(heard)
            self._require_workers()
            for queued in [] if replies or not self.hands else left:  # else one that takes the place of another might have it
                if queued.refused.keys() >= self.hands.keys():
                    queued.fail(list(queued.refused.values())[-1])
            self._send_folders()
            self._hand_out()
            done = [queued for queued in left if queued.finished]
            for queued in done:
                left.remove(queued)
                queued.close()
                yield Spared(queued.job, queued.error, MappingProxyType(queued.facts))
            if waiting and self.answers:
                yield Spared(waiting.pop(0))
        yield from map(Spared, waiting)

    def _hear(self, heard: Reply) -> None:
        if heard.lost is not None:
            self._lose(heard.worker, heard.lost)
        elif heard.answer is None:
            self.hands[heard.worker] = Known()
            self.workers.send(heard.worker, pack({"software": self.ids}))
        elif (hand := self.hands.get(heard.worker)) is not None and not hand.known:
            self._compare(heard.worker, hand, heard.answer)
        elif hand is not None and hand.pieces:
            self._take_back(heard.worker, hand, heard.answer)
        elif hand is not None and hand.sending is not None:
            self._send_on(heard.worker, hand, heard.answer)

    def _compare(self, worker: str, hand: Known, answer: bytes) -> None:
        """Use a worker whose software is the same as here, and no other."""
        facts, _ = unpack(answer)
        apart = [f"it tells nothing of its software ({read_error(facts['error'])})"] if "error" in facts else []
        if apart := apart or differences(self.software, facts.get("software", {})):
            node = worker.partition("/")[0]
            if node not in self.apart:
                self.setup.listen(Warned(f"{node} is not used, since its software differs: {', '.join(apart)}"))
            self.apart[node] = apart
            del self.hands[worker]
            self.workers.dismiss(worker)
            return
        hand.known = True

    def _take_back(self, worker: str, hand: Known, answer: bytes) -> None:
        queued, piece = hand.pieces.popleft()
        if queued.error is not None:
            return
        try:
            facts, table = unpack(answer)
            if facts.get("error", {}).get("unfit"):
                self._lack(worker, queued, piece, read_error(facts["error"]))
                return
            encoded = read_encoded(facts, table)
            queued.keep(piece, encoded)
        except StsbenchError as error:
            queued.fail(error)
            return
        self.answers += 1
        rate = self.rates[worker.partition("/")[0]]
        rate[0] += piece.count
        rate[1] = rate[1] or time.monotonic() - sum(encoded.facts.get("seconds", ()))
        self._tell()

    def _lack(self, worker: str, queued: Queued, piece: Piece, error: StsbenchError) -> None:
        """A worker has not got the model, whose folder it may be sent; else another may have it."""
        queued.give_back(piece)
        if queued.folder is None or worker in queued.moved:
            self._refuse(worker, queued, error)
        else:
            self.hands[worker].lacks = queued

    def _refuse(self, worker: str, queued: Queued, error: StsbenchError | OSError) -> None:
        """A worker cannot have the encoder."""
        if worker not in queued.refused:
            self.setup.listen(Warned(f"{worker} does not encode with {queued.job.encoder.label}: {queued.refuse(worker, error)}"))
        if (hand := self.hands[worker]).held is not None and self.queue[hand.held] is queued:
            hand.release([queued.backlog for queued in self.queue])

    def _send_folders(self) -> None:
        """Begin to send models' folders to who has not got them: on each machine to one worker, from whom others there have it then."""
        under_way = {(name.partition("/")[0], hand.lacks) for name, hand in self.hands.items() if hand.sending is not None}
        for worker, hand in self.hands.items():
            place = worker.partition("/")[0], hand.lacks
            if hand.lacks is None or hand.lacks.folder is None or hand.pieces or hand.sending is not None or place in under_way:
                continue
            under_way.add(place)
            hand.sending = hand.lacks.folder.messages()
            self.workers.send(worker, next(hand.sending))

    def _send_on(self, worker: str, hand: Known, answer: bytes) -> None:
        """Go on with a folder that is on its way, until the worker says where it lies."""
        queued, sending = hand.lacks, hand.sending
        assert queued is not None
        assert sending is not None
        try:
            facts, _ = unpack(answer)
            if (error := facts.get("error")) is not None:
                raise read_error(error)
            if at := str(facts.get("at", "")):
                queued.move(worker, at)
            elif message := next(sending, b""):
                self.workers.send(worker, message)
                return
            else:
                raise PluginError("a worker was sent a whole folder, and does not say where it lies")
        except (StsbenchError, OSError) as error:
            self._refuse(worker, queued, error)
        hand.lacks = hand.sending = None

    def _lose(self, worker: str, reason: str) -> None:
        """What a lost worker was at is handed to others; a shard that ended too many fails its job."""
        hand = self.hands.pop(worker, None)
        if hand is None:
            return
        hand.release([queued.backlog for queued in self.queue])
        self.lost = reason
        self.setup.listen(Warned(f"worker {worker} was lost: {reason}"))
        for place, (queued, piece) in enumerate(hand.pieces):
            if queued.error is not None:
                continue
            queued.give_back(piece)
            if place:  # it had not begun that
                continue
            piece.deaths, queued.again = piece.deaths + 1, queued.again + piece.count
            if piece.deaths >= DEATHS:
                label = queued.job.encoder.label
                queued.fail(PluginError(f"a shard of {label} ended {DEATHS} workers, of the last of which is known: {reason}"))

    def _require_workers(self) -> None:
        """Raises PluginError where no worker is left to wait for."""
        now = time.monotonic()
        if self.hands:
            self.since = now
            return
        if self.apart and now - self.since > 2 * WAIT:
            named = "; ".join(f"{node}: {', '.join(apart)}" for node, apart in self.apart.items())
            raise PlanError(f"no worker has the software of this machine ({named}); on each, run {install_line(self.software)}")
        if now - self.since > (PATIENCE if self.answers else SOON if self.lost else STARTING):
            why = f" (of the last is known: {self.lost})" if self.lost else ""
            raise PluginError(f"no worker is left, and none came in their place{why}; what was finished is kept, run again to go on")

    def _hand_out(self) -> None:
        """Let every worker have what to do, and what to do next."""
        ready = {name: hand for name, hand in self.hands.items() if hand.known and hand.lacks is None}
        most = min(LARGEST, self.memory // max(1, AHEAD * len(ready)))
        for ahead in range(1, AHEAD + 1):  # what there is to do goes to who has nothing first
            for worker, hand in ready.items():
                while len(hand.pieces) < ahead and (piece := self._next(worker, hand, most)) is not None:
                    queued = self.queue[hand.held or 0]
                    hand.pieces.append((queued, piece))
                    self.workers.send(worker, pack_shard(queued.shard(piece, worker)))

    def _next(self, worker: str, hand: Known, most: int) -> Piece | None:
        """The next shard of the encoder that a worker has loaded, or of the one that it goes on with, once it has nothing else to do."""
        backlogs = [Backlog(0) if worker in queued.refused else queued.backlog for queued in self.queue]
        place = hand.go_on(backlogs)
        return None if place is None else self.queue[place].take(worker, most)

    def _tell(self) -> None:
        now = time.monotonic()
        rates = {node: texts / (now - started) for node, (texts, started) in self.rates.items() if now > started > 0}
        done, total = (sum(getattr(queued, name) for queued in self.queue) for name in ("done", "total"))
        stored = sum(queued.stored for queued in self.queue)
        self.setup.listen(Spread(counted(len(self.queue), "encoder"), done, total, stored, MappingProxyType(rates), self.items))
