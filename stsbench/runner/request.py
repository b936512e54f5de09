"""What is asked of a run, and how it is to go about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import Any

from stsbench.contracts.events import Event
from stsbench.contracts.models.services import Purse
from stsbench.contracts.ref import as_texts
from stsbench.contracts.work import Executor
from stsbench.errors import UsageError
from stsbench.runner.system import Choice, PlannedEncoder
from stsbench.stores.embeddings import EmbeddingStore


@dataclass(frozen=True)
class Request:
    """What to run: every choice on every benchmark, on all pairs or on `limit` pairs of each part."""

    choices: tuple[Choice, ...]
    benchmarks: tuple[str, ...]
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and (not isinstance(self.limit, Integral) or isinstance(self.limit, bool) or self.limit < 1):
            raise UsageError(f"the limit is a number of pairs of at least 1, not {self.limit!r}")

    @classmethod
    def of(
        cls,
        encoders: Sequence[Any] | str,
        similarities: Sequence[str] | str,
        benchmarks: Sequence[str] | str,
        transforms: Sequence[str] | str = (),
        limit: int | None = None,
    ) -> Request:
        """Every encoder with every transform and similarity on every benchmark.

        Raises UsageError for a request of nothing, RefError for what is no reference.
        """
        named = encoders if isinstance(encoders, list | tuple) else [encoders]  # an object may be iterable
        if not named:
            raise UsageError("no encoder was named; `stsbench list encoders` shows those installed")
        choices = (Choice(one, as_texts(similarities), transforms=as_texts(transforms)) for one in named)
        return cls(tuple(choices), as_texts(benchmarks), limit)


OpenStore = Callable[[PlannedEncoder], EmbeddingStore | None]  # the place where an encoder's vectors are kept, if there is one
Listener = Callable[[Event], None]


def unheard(_event: Event) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Consent:
    """What a user agrees to, as they say it: the hosts that texts may be sent to, those that private ones may be sent to besides, and how
    many dollars services may cost (None: whatever it takes)."""

    allow_network: Sequence[str] = ()
    send_private: Sequence[str] = ()
    max_cost: float | None = None


@dataclass(frozen=True)
class Setup:
    """How to run it, none of which changes a figure.

    `execution` are execution options by name, `allow_network` the hosts that texts may be sent to, `send_private` those that private
    ones may be sent to as well, `cache` is the folder of kept vectors (None: none are kept), `memory` the bytes that token vectors may
    take at a time (None: a share of what is free), `strict` whether a plugin that failed is an error, `purse` is what it may spend on
    services, `listen` is told what happens, and `chunk` is how many texts an encoder is handed at a time, at most: enough for it to fill
    batches.
    `executor` gives workers that compute vectors; None: this process does.
    """

    execution: Mapping[str, object] = field(default_factory=dict)
    allow_network: frozenset[str] = frozenset()
    send_private: frozenset[str] = frozenset()
    cache: Path | None = None
    memory: int | None = None
    strict: bool = False
    purse: Purse = field(default_factory=Purse)
    listen: Listener = unheard
    chunk: int = 2048
    executor: Executor | None = None
