"""What is asked of a run, and how it is to go about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stsbench.contracts.events import Event
from stsbench.runner.system import Choice


@dataclass(frozen=True)
class Request:
    """What to run: every choice on every benchmark, on all pairs or on `limit` pairs of each part."""

    choices: tuple[Choice, ...]
    benchmarks: tuple[str, ...]
    limit: int | None = None


def _unheard(_event: Event) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Setup:
    """How to run it, none of which changes a figure.

    `execution` are execution options by name, `allow_network` the components that may send texts off the machine, `cache` is the
    folder of kept vectors (None: none are kept), `memory` the bytes that token vectors may take at a time (None: a share of what
    is free), and `listen` is told what happens.
    """

    execution: Mapping[str, object] = field(default_factory=dict)
    allow_network: frozenset[str] = frozenset()
    cache: Path | None = None
    memory: int | None = None
    listen: Callable[[Event], None] = _unheard
