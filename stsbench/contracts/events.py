"""What a run tells those who watch it. Every event is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from stsbench.contracts.deprecation import deprecated


@dataclass(frozen=True, slots=True)
class Encoding:
    """Progress of an encoder: `done` of the `total` texts that have to be encoded; `stored` more were found in the store.

    `items` is what they are: texts, images, or texts and images.
    """

    encoder: str
    done: int
    total: int
    stored: int = 0
    items: str = "texts"


@dataclass(frozen=True, slots=True)
class Spread:
    """Progress of all encoders that workers run: `done` of the `total` texts to encode, and by machine the texts a second."""

    what: str
    done: int
    total: int
    stored: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    items: str = "texts"


@dataclass(frozen=True, slots=True)
class CellFinished:
    """One system has been scored on one benchmark (its aggregate over parts).

    `metric` is the name of what the benchmark goes by, and `figures` are by metric: none of them unless the status is `ok`.
    """

    encoder: str
    view: str
    similarity: str
    benchmark: str
    status: Literal["ok", "undefined", "failed"]
    metric: str
    reason: str | None
    figures: Mapping[str, float] = field(default_factory=dict)
    error: Exception | None = None
    transforms: tuple[str, ...] = ()

    @property
    def system(self) -> str:
        """The system in words."""
        return " / ".join(filter(None, [self.encoder, self.view, *self.transforms, self.similarity]))

    @property
    def figure(self) -> float | None:
        """The main figure."""
        return self.figures.get(self.metric)

    @property
    def spearman(self) -> float | None:
        """Spearman's correlation, whatever the benchmark goes by."""
        deprecated("CellFinished.spearman", instead="figure, which is by `metric`, or figures['spearman']", until="0.3")
        return self.figures.get("spearman")


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a user should know, in one sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class NotAtHand:
    """The data of a benchmark are not here, and so its figures, and the statistics of the board, are taken as they are."""

    benchmark: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recomputing:
    """The statistics of a board are about to be computed anew, which takes a while for many systems and benchmarks."""

    board: str
    systems: int
    benchmarks: int


@dataclass(frozen=True, slots=True)
class Resampling:
    """Progress of a bootstrap: `done` of its `total` resamples, of all systems on all benchmarks."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run is about to compute `cells` cells; names are those that records have, never a path."""

    encoders: tuple[str, ...]
    benchmarks: tuple[str, ...]
    cells: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run is over, or was interrupted: the cells that it computed, by status."""

    ok: int
    undefined: int
    failed: int


Event = Encoding | Spread | CellFinished | Warned | NotAtHand | Recomputing | Resampling
