"""Work as values: what another process, or another machine, needs to compute it; and what offers such workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, Protocol

from stsbench.errors import UsageError

Plain = str | int | float | bool | None
Answer = Callable[[bytes], bytes]  # what a worker does with a message; it raises nothing
DEATHS: Final = 3  # workers that a shard may end before it is given up


@dataclass(frozen=True, slots=True)
class Shard:
    """Calls of one encoder that follow each other in a local run: each a prompt, and how many of the `texts` it is given (bytes: an image).

    It holds references and plain values only, so that it can be sent as plain bytes: never a component, a registry or a model.
    `fingerprint` is what the worker's encoder has to have, so that none encodes with other weights than were asked for.
    """

    encoder: str
    fingerprint: str
    views: tuple[str, ...]
    calls: tuple[tuple[str, int], ...]
    texts: tuple[str | bytes, ...]

    def __post_init__(self) -> None:
        for field in fields(self):
            if (live := _live(getattr(self, field.name))) is not None:
                raise UsageError(
                    f"{field.name} of a shard is a live {live}, which no other process has; name it by a reference, as in `wordllama`, "
                    "or install it as a plugin"
                )
        if sum(count for _, count in self.calls) != len(self.texts):
            raise UsageError(f"the calls of a shard take {sum(count for _, count in self.calls)} texts, and it has {len(self.texts)}")


def _live(value: object) -> str | None:
    """The type of what is no plain value in a field; None where all is plain."""
    if type(value) is tuple:
        return next((live for one in value if (live := _live(one)) is not None), None)
    return None if value is None or type(value) in (str, bytes, int, float, bool) else type(value).__name__


@dataclass(frozen=True, slots=True)
class Reply:
    """What is heard of a worker: an answer to the earliest message that it owes one, that it is `lost` and why, or that it is there."""

    worker: str
    answer: bytes | None = None
    lost: str | None = None


class Workers(Protocol):
    """Workers that were started: each does one thing at a time, in the order of its messages.

    A worker's name is `<node>/<what tells it from others there>`. New ones may come at any time, and be lost at any time.
    """

    def receive(self, seconds: float) -> Sequence[Reply]:
        """What was heard within that time; returns as soon as there is anything."""
        ...

    def send(self, worker: str, message: bytes) -> None:
        """Hand a message to a worker; nothing happens where it is lost, which `receive` tells."""
        ...

    def dismiss(self, worker: str) -> None:
        """Let a worker go; nothing is heard of it any more."""
        ...

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        ...


class Executor(Protocol):
    """Where the shards of a run are computed. Building one starts nothing."""

    @property
    def address(self) -> str | None:
        """The machines that texts are sent to, as the user calls them; None where they do not leave this one."""
        ...

    @property
    def needs(self) -> Mapping[str, Plain]:
        """What it starts, for `stsbench plan`: how many `workers`, and what each takes. Empty: the run computes everything itself."""
        ...

    def state(self) -> Mapping[str, Plain]:
        """What there is to start workers on, for `stsbench doctor`; raises OptionError where that cannot be reached."""
        ...

    def open(self, answer: Callable[[], Answer]) -> Workers:
        """Workers that call `answer` once, and what it gives with each message.

        `answer` is a function or class at the top of a module, which a worker imports by its name.
        """
        ...
