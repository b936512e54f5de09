"""The work of one job as shards: its calls in the order of a local run, handed out, taken back and kept as they are finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stsbench.contracts.arrays import is_plain
from stsbench.contracts.components.options import Location
from stsbench.contracts.data import Index, UniqueTexts, Vectors
from stsbench.contracts.items import sizes
from stsbench.contracts.work import Executor, Shard
from stsbench.errors import ModelError, StoreError, StsbenchError
from stsbench.host import capabilities
from stsbench.runner.encoding.again import vectors_in
from stsbench.runner.encoding.encode import check_embeddings
from stsbench.runner.encoding.pace import PEAK, rate_of
from stsbench.runner.encoding.recall import Cut, recall, schedule
from stsbench.runner.request import Setup
from stsbench.runner.system import Job
from stsbench.runner.workers.cutting import Backlog, share
from stsbench.runner.workers.parcel import Returned
from stsbench.runner.workers.sending import ModelFolder
from stsbench.stores.embeddings import EmbeddingStore, Rate

Call = tuple[str, Index, tuple[str, ...]]  # a prompt, rows of the job's texts, and the views that they lack


@dataclass(eq=False)
class Piece:
    """A shard that is with a worker, or waits for one after others were lost with it."""

    calls: tuple[Call, ...]
    characters: int
    deaths: int = 0

    @property
    def count(self) -> int:
        """How many texts it has."""
        return sum(len(rows) for _, rows, _ in self.calls)


@dataclass(eq=False)
class Queued:
    """A job whose missing vectors others compute. `error` is what ended it, `facts` what its workers told of themselves."""

    job: Job
    reference: str
    texts: UniqueTexts
    sizes: Index  # characters of each text
    calls: deque[Call]
    store: EmbeddingStore
    backlog: Backlog
    stored: int
    folder: ModelFolder | None = None  # that workers may be sent
    unsent: str = ""  # why they may not, of an encoder that has one
    moved: dict[str, str] = field(default_factory=dict)  # by worker: the reference where its folder lies elsewhere than here
    returned: deque[Piece] = field(default_factory=deque)  # which were with a worker that is lost
    away: set[Piece] = field(default_factory=set)
    refused: dict[str, StsbenchError] = field(default_factory=dict)  # why a worker cannot have the encoder
    error: StsbenchError | None = None
    done: int = 0
    again: int = 0  # texts that were with a worker when it was lost
    characters: int = 0  # of what came back
    seconds: float = 0.0  # of workers, loading included
    rates: list[tuple[int, float]] = field(default_factory=list)  # texts and seconds of calls
    width: int = 0  # bytes of a text's vectors
    facts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job, texts: UniqueTexts, setup: Setup, store: EmbeddingStore, executor: Executor) -> Queued:
        """What the store lacks of the job's texts, in the chunks of a local run."""
        known = recall(store, texts.texts, vector_views(job), capabilities.sparse_views(job.encoder.encoder))
        calls = deque(schedule(texts.texts, known, (), Cut(setup.chunk)))
        total = sum(len(rows) for _, rows, _ in calls)
        rate = store.rate
        lengths = np.array(sizes(item for _, item in texts.texts), dtype=np.intp)
        left = sum(int(lengths[rows].sum()) for _, rows, _ in calls)
        backlog = Backlog(left, rate=rate.characters / rate.seconds if rate and rate.seconds else None)
        assert job.encoder.resolved is not None
        here = executor.address is None
        queued = cls(job, job.encoder.resolved.written_for(here=here), texts, lengths, calls, store, backlog, len(texts) - total)
        if not here and (most := capabilities.ships(executor)) is not None:
            try:
                queued.folder = ModelFolder.of(job.encoder.resolved, most)
            except ModelError as error:
                queued.unsent = str(error)
        return queued

    @property
    def total(self) -> int:
        """The texts that there are to encode."""
        return len(self.texts) - self.stored

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left to be done."""
        return self.error is not None or not (self.calls or self.returned or self.away)

    def take(self, worker: str, most: int) -> Piece | None:
        """The next shard for a worker, its vectors at most so many bytes; None where there is none that it can have."""
        if self.error is not None or worker in self.refused:
            return None
        if self.returned:
            return self._handed(self.returned.popleft())
        if not self.calls:
            return None
        calls: list[Call] = []
        wanted, characters, texts = share(self.backlog), 0, 0
        while self.calls and self.calls[0][2] == (calls[0] if calls else self.calls[0])[2]:
            size, count = int(self.sizes[self.calls[0][1]].sum()), len(self.calls[0][1])
            if calls and (characters + size > wanted or (texts + count) * self.width > most):
                break
            calls.append(self.calls.popleft())
            characters, texts = characters + size, texts + count
        return self._handed(Piece(tuple(calls), characters))

    def _handed(self, piece: Piece) -> Piece:
        self.away.add(piece)
        self.backlog.left -= piece.characters
        return piece

    def give_back(self, piece: Piece) -> None:
        """A shard that no worker has finished is there to be taken again."""
        self.away.discard(piece)
        self.backlog.left += piece.characters
        self.returned.append(piece)

    def move(self, worker: str, at: str) -> None:
        """A worker has the model's folder at that path."""
        assert self.job.encoder.resolved is not None
        self.moved[worker] = self.job.encoder.resolved.written_for(here=False, at=at)

    def refuse(self, worker: str, error: StsbenchError | OSError) -> str:
        """A worker cannot have the encoder; why, without the path of its folder here."""
        at = self.job.encoder.resolved and self.job.encoder.resolved.target
        path, label = (str(at.path), at.label) if isinstance(at, Location) and at.path else ("", "")
        reason = "; ".join(filter(None, (str(error).replace(path, label) if path else str(error), self.unsent)))
        self.refused[worker] = ModelError(reason)
        return reason

    def shard(self, piece: Piece, worker: str) -> Shard:
        """The shard as a worker is sent it."""
        calls = tuple((prompt, len(rows)) for prompt, rows, _ in piece.calls)
        items = (self.texts.texts[row][1] for _, rows, _ in piece.calls for row in rows)
        texts = tuple(item if isinstance(item, str) else item.read() for item in items)
        return Shard(self.moved.get(worker, self.reference), self.job.encoder.fingerprint.hex, piece.calls[0][2], calls, texts)

    def fail(self, error: StsbenchError) -> None:
        """No more of it is computed; what came back is kept."""
        self.error = error
        for rest in (self.calls, self.returned, self.away):
            rest.clear()
        self.backlog.left = 0

    def keep(self, piece: Piece, encoded: Returned) -> None:
        """Check what came back and put it into the store; raises PluginError or StoreError."""
        views = piece.calls[0][2]
        checked = check_embeddings(self.job.encoder, encoded.embeddings, piece.count, views)
        start = 0
        for prompt, rows, _ in piece.calls:
            here = slice(start, start + len(rows))
            vectors = {view: (np.arange(len(rows)), vectors_in(checked, view)[here]) for view in views}
            marks = None if checked.truncated is None else checked.truncated[here]
            self.store.write(prompt, [self.texts.texts[row][1] for row in rows], vectors, marks)
            start = here.stop
        if not self.store.writable:
            raise StoreError("vectors that workers sent cannot be kept in the cache folder; free space there, or name another --cache-dir")
        self.away.discard(piece)
        self.done, self.characters = self.done + piece.count, self.characters + piece.characters
        self.width = sum(_bytes(vectors_in(checked, view)) for view in views) // max(1, piece.count)
        self._learn(piece, encoded.facts)

    def _learn(self, piece: Piece, facts: Mapping[str, Any]) -> None:
        """How fast a worker was. What a worker's first shard took to load is no part of the rate."""
        load, seconds = float(facts.get("load", 0.0)), sum(map(float, facts.get("seconds", ())))
        self.seconds += load + seconds
        self.backlog.load = max(self.backlog.load, load)
        if seconds > 0:
            self.rates.append((piece.count, seconds))
            self.backlog.learn(piece.characters / seconds)
        if (peak := facts.get(PEAK)) is not None:
            self.facts[PEAK] = str(max(int(peak), int(self.facts.get(PEAK, "0"))))
        if device := facts.get("measured.device"):
            self.facts["measured.device"] = str(device)

    def close(self) -> None:
        """Let the store go, and remember how fast workers were; a rate is of one worker."""
        with closing(self.store):
            if self.done and self.done == self.total:
                self.store.remember(Rate(max(1, self.characters), self.seconds))
        texts, seconds = (sum(column) for column in zip(*self.rates, strict=True)) if self.rates else (0, 0.0)
        self.facts |= rate_of(texts, seconds)
        self.facts |= {"measured.encoded_twice": str(self.again)} if self.again else {}


def _bytes(vectors: Vectors) -> int:
    """What the values of vectors take, and the places of sparse ones."""
    held: Any = vectors
    return int(held.nbytes if is_plain(held) else held.data.nbytes + held.indices.nbytes)


def vector_views(job: Job) -> list[str]:
    """The views of a job that others can compute: vectors, dense or sparse, which are kept."""
    encoder = job.encoder.encoder
    return [view for view in job.views if view in (*encoder.views, *capabilities.sparse_views(encoder))]


def is_shared(job: Job) -> bool:
    """Whether workers compute a job's vectors: not what is as fast as reading a file, a service, given in batches, or no vectors at all."""
    resolved = job.encoder.resolved
    if resolved is None or job.encoder.scorer or resolved.component.network:
        return False
    encoder = job.encoder.encoder
    return bool(vector_views(job)) and capabilities.is_stored(encoder) and capabilities.in_batches(encoder) is None
