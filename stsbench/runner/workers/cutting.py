"""The rule by which work is cut and shared out: which encoder a worker goes on with, and how much of it at a time.

A worker keeps its encoder while there is work of it. One that is free takes the encoder that nobody works on and that has most to do;
when all are taken, it helps with the one that takes its workers longest, if that is worth loading it once more. What it is handed is a
few seconds of work, less towards the end, so that workers of different speed finish together. `foresee` says what that makes of work of
known cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SECONDS: Final = 10.0  # of work that a shard is, at most: what a worker that is lost costs
AHEAD: Final = 2  # shards that a worker has been handed, so that it need not wait for the next
WORTH: Final = 2.0  # times what loading an encoder takes that has to be left of its work for one more worker to load it


@dataclass(slots=True)
class Backlog:
    """The work of one encoder: characters that nobody has been handed yet, workers on it, and what is known of how fast it is."""

    left: int
    workers: int = 0
    rate: float | None = None  # characters a second of one worker
    load: float = 0.0  # seconds

    def learn(self, rate: float) -> None:
        """A worker was that fast just now."""
        self.rate = rate if self.rate is None else (self.rate + rate) / 2


@dataclass(eq=False)
class Hand(Generic[T]):
    """A worker: what it was handed, the earliest first and in work, and the place of the encoder that it goes on with."""

    pieces: deque[T] = field(default_factory=deque)
    held: int | None = None

    def go_on(self, backlogs: Sequence[Backlog]) -> int | None:
        """The place of the encoder that it is handed more of, another one only once it has nothing else to do; None: there is none."""
        place = choose(backlogs, self.held)
        if place is None or (place != self.held and self.pieces):
            return None
        if place != self.held:
            self.release(backlogs)
            self.held = place
            backlogs[place].workers += 1
        return place

    def release(self, backlogs: Sequence[Backlog]) -> None:
        """It goes on with no encoder."""
        if self.held is not None:
            backlogs[self.held].workers -= 1
            self.held = None


def choose(backlogs: Sequence[Backlog], held: int | None = None) -> int | None:
    """The place of the encoder that a worker goes on with, which has the encoder `held` loaded; None: there is none worth loading."""
    if held is not None and backlogs[held].left:
        return held
    slowest = min((one.rate for one in backlogs if one.rate), default=1.0)  # what is not known yet is taken to be slow: it begins early
    seconds = {place: one.left / (one.rate or slowest) for place, one in enumerate(backlogs) if one.left}
    if untouched := [place for place in seconds if not backlogs[place].workers]:
        return max(untouched, key=lambda place: seconds[place])
    worth = {
        place: took / backlogs[place].workers
        for place, took in seconds.items()
        if backlogs[place].rate and took / (backlogs[place].workers + 1) > WORTH * backlogs[place].load
    }
    return max(worth, key=lambda place: worth[place], default=None)


def share(backlog: Backlog) -> float:
    """The characters that a worker is handed at a time; 0 where nothing is known yet: as little as there is to hand."""
    if backlog.rate is None:
        return 0.0
    return min(SECONDS * backlog.rate, backlog.left / (2 * max(1, backlog.workers)))


@dataclass(frozen=True)
class Effort:
    """One encoder's: characters in calls of so many, the characters a second of a worker, and the seconds that loading it takes.

    `known`: the rate is remembered from an earlier run, so that the rule has it from the start.
    """

    characters: int
    rate: float
    load: float = 0.0
    call: int = 24576
    known: bool = False


@dataclass(frozen=True)
class Foreseen:
    """Seconds until all is done, and of these what a worker has nothing to do, as a share; shards; loads of each encoder."""

    seconds: float
    idle: float
    shards: int
    loads: tuple[int, ...]


@dataclass(eq=False)
class _Alike(Hand[tuple[int, int]]):  # handed encoder and characters
    loaded: int | None = None
    busy: float = 0.0


def foresee(works: Sequence[Effort], workers: int, noise: Callable[[], float] = lambda: 1.0) -> Foreseen:
    """The work of a run, shared out among so many workers that are alike, step by step as a run does; `noise` times what a shard takes."""
    backlogs = [Backlog(work.characters, rate=work.rate if work.known else None) for work in works]
    loads, shards, now = [0] * len(works), 0, 0.0
    hands = [_Alike() for _ in range(workers)]
    ends: list[tuple[float, int, float]] = []  # when which worker is done with a shard, and what that took without loading

    def begin(place: int) -> None:
        hand = hands[place]
        encoder, characters = hand.pieces[0]
        took, load = characters / works[encoder].rate * noise(), 0.0
        if hand.loaded != encoder:
            hand.loaded, load = encoder, works[encoder].load
            loads[encoder] += 1
        hand.busy += load + took
        heappush(ends, (now + load + took, place, took))

    while True:
        for ahead in range(1, AHEAD + 1):
            for place, hand in enumerate(hands):
                while len(hand.pieces) < ahead and (piece := _next(hand, works, backlogs)) is not None:
                    hand.pieces.append(piece)
                    shards += 1
                    if len(hand.pieces) == 1:
                        begin(place)
        if not ends:
            break
        now, place, took = heappop(ends)
        encoder, characters = hands[place].pieces.popleft()
        backlogs[encoder].learn(characters / took)
        backlogs[encoder].load = works[encoder].load
        if hands[place].pieces:
            begin(place)
    idle = 1 - sum(hand.busy for hand in hands) / (workers * now) if now else 0.0
    return Foreseen(now, idle, shards, tuple(loads))


def _next(hand: _Alike, works: Sequence[Effort], backlogs: Sequence[Backlog]) -> tuple[int, int] | None:
    if (place := hand.go_on(backlogs)) is None:
        return None
    calls = max(1, int(share(backlogs[place]) // works[place].call))
    characters = min(backlogs[place].left, calls * works[place].call)
    backlogs[place].left -= characters
    return place, characters
