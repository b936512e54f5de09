"""What the rule of cutting makes of work of known cost: how long it takes, in how many shards, and how often a model is loaded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from stsbench.runner.workers.cutting import AHEAD, Backlog, choose, share


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
class _Worker:
    pieces: deque[tuple[int, int]] = field(default_factory=deque)  # encoder and characters; the first is in work
    held: int | None = None
    loaded: int | None = None
    busy: float = 0.0


def foresee(works: Sequence[Effort], workers: int, noise: Callable[[], float] = lambda: 1.0) -> Foreseen:
    """The work of a run, shared out among so many workers that are alike, step by step as a run does; `noise` times what a shard takes."""
    backlogs = [Backlog(work.characters, rate=work.rate if work.known else None) for work in works]
    loads, shards, now = [0] * len(works), 0, 0.0
    hands = [_Worker() for _ in range(workers)]
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
        backlog, rate = backlogs[encoder], characters / took
        backlog.rate = rate if backlog.rate is None else (backlog.rate + rate) / 2
        backlog.load = works[encoder].load
        if hands[place].pieces:
            begin(place)
    idle = 1 - sum(hand.busy for hand in hands) / (workers * now) if now else 0.0
    return Foreseen(now, idle, shards, tuple(loads))


def _next(hand: _Worker, works: Sequence[Effort], backlogs: Sequence[Backlog]) -> tuple[int, int] | None:
    place = choose(backlogs, hand.held)
    if place is None or (place != hand.held and hand.pieces):
        return None
    if place != hand.held:
        if hand.held is not None:
            backlogs[hand.held].workers -= 1
        hand.held = place
        backlogs[place].workers += 1
    calls = max(1, int(share(backlogs[place]) // works[place].call))
    characters = min(backlogs[place].left, calls * works[place].call)
    backlogs[place].left -= characters
    return place, characters
