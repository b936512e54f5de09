"""The rule by which work is cut and shared out: which encoder a worker goes on with, and how much of it at a time.

A worker keeps its encoder while there is work of it. One that is free takes the encoder that nobody works on and that has most to do;
when all are taken, it helps with the one that takes its workers longest, if that is worth loading it once more. What it is handed is a
few seconds of work, less towards the end, so that workers of different speed finish together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
