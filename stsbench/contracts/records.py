"""Records: what is known of one system on one benchmark, and the file that holds those of one encoder. Schema version 2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from stsbench.contracts.identity import WHOLE, CellId, Decimal, Frozen, SystemId, Variant
from stsbench.contracts.kinds import MAIN, Aggregation, Task
from stsbench.contracts.ref import CHAIN

SCHEMA_VERSION: Final = 2

Status = Literal["ok", "undefined", "failed"]


Number = Annotated[int, Field(ge=0, lt=2**53)]


class Counts(Frozen):
    """What a number rests on. `truncated` is null where the encoder cannot tell; all others count texts or pairs of the part."""

    unique_texts: Number = 0
    empty_texts: Number = 0
    truncated_texts: Number | None = None
    zero_vectors: Number = 0
    constant_vectors: Number = 0
    tied_scores: Number = 0


class Fit(Frozen):
    """What a similarity or transform was fitted on: `self` (transductive) or a benchmark reference, with the digest of those data."""

    on: str
    digest: str
    transductive: bool
    supervised: bool


class Record(Frozen):
    """One system on one split and subset of a benchmark, or on all (`split = subset = "*"`).

    `figures` are by metric, none where there is a reason, and `main` is the metric that the benchmark goes by. `positives` are counted on
    binary benchmarks alone. `fit` is that of the similarity; `transform_fits` has one entry a transform, null for one that learns nothing.
    """

    split: str
    subset: str
    view: str
    transforms: tuple[str, ...] = ()
    similarity: str | None = None
    n: int
    status: Status
    reason: str | None = None
    figures: dict[str, Decimal] = Field(default_factory=dict)
    main: Annotated[str, Field(exclude_if=MAIN["graded"].__eq__)] = MAIN["graded"]
    positives: Annotated[int | None, Field(exclude_if=lambda value: value is None)] = None
    exponent: int | None = None
    aggregation: str | None = None
    prompts: tuple[str, str] = ("", "")
    fit: Fit | None = None
    transform_fits: tuple[Fit | None, ...] = ()
    counts: Counts = Counts()
    flags: tuple[str, ...] = ()
    digest: str | None = None
    source: str | None = None
    revision: str | None = None
    key: str
    signature: str

    @property
    def figure(self) -> float | None:
        """The main figure."""
        return self.figures.get(self.main)

    @property
    def variant(self) -> Variant:
        """The system that it is of, among those of its encoder."""
        return Variant(self.view, self.transforms, self.similarity or "")

    @property
    def cell(self) -> CellId:
        """What tells the records of one file apart, and their order in it."""
        return CellId(self.split, self.subset, *self.variant)

    @property
    def place(self) -> tuple[str, str]:
        """Split and subset."""
        return self.split, self.subset

    @property
    def is_whole(self) -> bool:
        """Whether it is of all splits and subsets of the benchmark."""
        return self.split == self.subset == WHOLE

    def __hash__(self) -> int:
        return hash((self.cell, self.key))

    @model_validator(mode="after")
    def _status_holds(self) -> Record:
        if (self.status == "ok") != (self.main in self.figures) or (self.status != "ok" and self.figures):
            raise ValueError(f"a record is ok exactly when it has figures, {self.main} among them")
        if (self.status == "ok") != (self.reason is None):
            raise ValueError("a record that is not ok needs a reason, one that is ok has none")
        return self


PUBLISHED: Final = "published"  # how what it says of published figures begins
COST: Final = "measured."  # how what encoding cost begins in the provenance
RATE: Final = f"{COST}texts_per_second"
PRICE: Final = f"{COST}price"  # in dollars a million tokens
SIZES: Final = ("dimension.", "bytes.")
OBSERVED: Final = (COST, *SIZES)  # how facts that a run observes begin in the provenance


def together(accounts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Provenances of one encoder as one: what several state is taken from the first, but what encoding cost from one run alone.

    A rate is of the device that it was measured on, and never of another run's: that of the run that tells most is taken.
    """
    said = {name: fact for one in reversed(accounts) for name, fact in one.items() if not name.startswith(COST)}
    costs = [{name: fact for name, fact in one.items() if name.startswith(COST)} for one in accounts]
    return said | max(costs, key=lambda one: (RATE in one, len(one)))


def observed(fact: str, view: str, transforms: Iterable[str]) -> str:
    """What the provenance calls a fact of vectors: of a view, as a chain of transforms leaves it."""
    return f"{fact}.{CHAIN.join([view, *transforms])}"


def in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Records as a file has them."""
    return tuple(sorted(records, key=lambda record: record.cell))


def all_positives(parts: Sequence[Record]) -> int | None:
    """The positive pairs of all parts; None where they are not counted."""
    counts = [part.positives for part in parts if part.positives is not None]
    return sum(counts) if len(counts) == len(parts) else None


class EncoderEntry(Frozen):
    """The encoder (or pair scorer) of a file: canonical reference without view options, fingerprint, and the facts behind it."""

    ref: str
    label: str
    fingerprint: str
    facts: dict[str, str]


Shown = tuple[str, Task, bool]  # name, task and private flag


class BenchmarkEntry(Frozen):
    """The benchmark of a file, as its card stood, and what its pairs are of: texts, images, or texts and images."""

    ref: str
    name: str
    protocol: str
    aggregation: Aggregation
    languages: tuple[str, ...] = ()
    licence: str = "unknown"
    private: bool = False
    notes: tuple[str, ...] = ()
    task: Annotated[Task, Field(exclude_if="graded".__eq__)] = "graded"
    items: Annotated[str, Field(exclude_if="texts".__eq__)] = "texts"

    @property
    def main(self) -> str:
        """The metric that it goes by."""
        return MAIN[self.task]

    @property
    def shown(self) -> Shown:
        """What records say of their benchmark beyond the keys, which are of data and protocol."""
        return self.name, self.task, self.private


class RecordFile(Frozen):
    """All records of one encoder on one benchmark under one protocol. Clock, host and versions are only in `provenance`."""

    schema_version: Literal[2] = SCHEMA_VERSION
    encoder: EncoderEntry
    benchmark: BenchmarkEntry
    records: tuple[Record, ...]
    provenance: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_one_metric(self) -> RecordFile:
        if others := {record.main for record in self.records} - {self.benchmark.main}:
            raise ValueError(f"records go by {', '.join(sorted(others))}, and their benchmark by {self.benchmark.main}")
        return self

    def system(self, record: Record) -> SystemId:
        """The system that one of the records is of."""
        return SystemId(self.encoder.ref, self.encoder.fingerprint, *record.variant)

    @property
    def cells(self) -> dict[CellId, Record]:
        """The records by cell."""
        return {record.cell: record for record in self.records}

    @property
    def systems(self) -> dict[SystemId, dict[CellId, Record]]:
        """The records of each system, by cell."""
        by_system: dict[SystemId, dict[CellId, Record]] = {}
        for record in self.records:
            by_system.setdefault(self.system(record), {})[record.cell] = record
        return by_system

    @property
    def parts(self) -> dict[SystemId, dict[CellId, Record]]:
        """Those of parts of the benchmark."""
        return {
            system: {cell: record for cell, record in records.items() if not record.is_whole} for system, records in self.systems.items()
        }

    @property
    def wholes(self) -> dict[SystemId, Record]:
        """Those of the whole benchmark."""
        return {self.system(record): record for record in self.records if record.is_whole}
