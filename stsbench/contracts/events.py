"""What a run tells those who watch it. Every event is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Encoding:
    """Progress of an encoder: `done` of the `total` texts that have to be encoded; `stored` more were found in the store."""

    encoder: str
    done: int
    total: int
    stored: int = 0


@dataclass(frozen=True, slots=True)
class CellFinished:
    """One system has been scored on one benchmark (its aggregate over parts)."""

    encoder: str
    view: str
    similarity: str
    benchmark: str
    status: Literal["ok", "undefined", "failed"]
    spearman: float | None
    reason: str | None
    error: Exception | None = None
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a user should know, in one sentence."""

    message: str


Event = Encoding | CellFinished | Warned
