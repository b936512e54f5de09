"""A board: what is compared (`board.toml`), and the ordered rows that come of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from stsbench.contracts.diagrams import Diagram
from stsbench.contracts.records import Record


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SystemSpec(_Frozen):
    """One `[[system]]` table: encoders (or pair scorers) and the similarities that each of their views is scored with.

    `transforms` are chains, each an alternative (`"none"` is the vectors as they are, which is also the default). `label` is shown in
    place of the encoder's own. `evidence` names the similarities whose scores are committed; by default the board's primary one.
    """

    encoder: str
    views: tuple[str, ...] = ()
    transforms: tuple[str, ...] = ()
    similarities: tuple[str, ...] = ()
    label: str = ""
    evidence: tuple[str, ...] | None = None


class BoardSpec(_Frozen):
    """`board.toml`: the systems, the benchmarks, and how they are compared."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    description: str = ""
    benchmarks: Annotated[tuple[str, ...], Field(min_length=1)]
    protocol: str
    primary: str = "cosine"
    tolerance: Annotated[float, Field(gt=0, lt=1)] = 2e-5
    seed: int = 0
    writers: tuple[str, ...] = ("markdown", "csv", "json")
    system: Annotated[tuple[SystemSpec, ...], Field(min_length=1)]


class Column(_Frozen):
    """One benchmark of a board; `ceiling` is the highest Spearman that gold's ties leave to scores without ties."""

    name: str
    ref: str
    n: int
    languages: tuple[str, ...]
    licence: str
    source: str
    digest: str
    notes: tuple[str, ...] = ()
    ceiling: float | None = None


class Cell(_Frozen):
    """One figure of a board: the record that it comes from, without what the row already says, and the interval of its Spearman."""

    status: Literal["ok", "undefined", "failed", "missing"]
    spearman: float | None = None
    pearson: float | None = None
    kendall: float | None = None
    n: int | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    signature: str | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, record: Record) -> Cell:
        """The cell of a record; the limits of its interval come of the board's statistics."""
        return cls(**{name: getattr(record, name) for name in cls.model_fields if name not in ("low", "high")})


class Facts(_Frozen):
    """What decides a choice besides figures; null is unknown. Measured: `texts_per_second` on `device`, `peak_memory` in MiB.

    `dimension` and `bytes_per_vector` are those of the vectors that the similarity was given; the others are what the model declares.
    """

    dimension: int | None = None
    bytes_per_vector: int | None = None
    parameters: int | None = None
    texts_per_second: float | None = None
    device: str | None = None
    peak_memory: float | None = None
    licence: str | None = None
    languages: tuple[str, ...] | None = None
    training: tuple[str, ...] | None = None


class Row(_Frozen):
    """One system. `rank` and `average` are null unless every cell is ok; equal averages (to 6 decimals) share a rank.

    `low` and `high` are the interval of the average. `best_rank` to `worst_rank` is the set of ranks among the systems compared
    that holds the true one, for all of them at once; systems that share a letter cannot be told apart.
    """

    rank: int | None
    label: str
    encoder: str
    fingerprint: str
    view: str
    transforms: tuple[str, ...]
    similarity: str
    primary: bool
    average: float | None
    cells: tuple[Cell, ...]
    flags: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    letters: str | None = None
    chance_of_best: float | None = None
    facts: Facts = Facts()


class PublishedRow(_Frozen):
    """A system whose figures others published: no rank, and intervals by Bonett and Wright, since only value and n are known."""

    label: str
    source: str
    average: float | None
    cells: tuple[Cell, ...]
    flags: tuple[str, ...] = ()


class Leaderboard(_Frozen):
    """Ordered rows: ranked systems first, then those without an average. Made of evidence alone. `published` stands beside them.

    `diagrams` are what pictures of the systems on top need; they are no part of the board as a document.
    """

    spec: BoardSpec
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    published: tuple[PublishedRow, ...] = ()
    diagrams: Annotated[tuple[Diagram, ...], Field(exclude=True)] = ()
