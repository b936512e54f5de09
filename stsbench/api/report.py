"""What a run found: one row a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record
from stsbench.contracts.ref import CHAIN, short
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError
from stsbench.evidence.held import HeldResults
from stsbench.runner.system import NotRun
from stsbench.stats.metrics import GRADED, METRICS
from stsbench.stores.agreement import Disagreement

if TYPE_CHECKING:
    import pandas as pd

    from stsbench.api.compare.methods import Setting
    from stsbench.api.compare.result import Compared

COLUMNS = (
    "encoder", "view", "transform", "similarity", "benchmark", "protocol", "split", "subset", "n", *(one.name for one in GRADED), "task", *(name for name, one in METRICS.items() if one.binary),
    "empty_texts", "truncated_texts", "zero_vectors", "constant_vectors", "flags", "status", "reason", "signature",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A record with the encoder and benchmark that it is of."""

    encoder: EncoderEntry
    benchmark: BenchmarkEntry
    record: Record


@dataclass(frozen=True, repr=False)
class Report:
    """The cells of a run, in the order of the plan, and what did not go as asked."""

    entries: tuple[Entry, ...]
    failed: tuple[NotRun, ...] = ()
    left_out: tuple[NotRun, ...] = ()
    warnings: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    compared: int = 0  # cells that were kept before and computed anew
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by benchmark reference, how its data were read
    held: HeldResults | None = None  # what a comparison of its systems rests on

    def __repr__(self) -> str:
        counts = {status: sum(cell["status"] == status for cell in self.cells()) for status in ("ok", "undefined", "failed")}
        return (
            f"<Report of {len(self.cells())} cells: "
            + ", ".join(f"{number} {name}" for name, number in counts.items() if number)
            + (f"; {counted(len(self.warnings), 'warning')}>" if self.warnings else ">")
        )

    def __getstate__(self) -> dict[str, Any]:
        """What another process is sent: values only, without what is held for comparisons."""
        return {**self.__dict__, "held": None}

    def joined(self, other: Report) -> Report:
        """Both reports in one."""
        return Report(
            self.entries + other.entries, self.failed + other.failed, tuple(dict.fromkeys(self.left_out + other.left_out)),
            tuple(dict.fromkeys(self.warnings + other.warnings)), self.disagreements + other.disagreements, self.compared + other.compared,
            {**self.notes, **other.notes}, self.held,
        )  # fmt: skip

    def cells(self) -> list[dict[str, Any]]:
        """One dict a cell with the keys of `COLUMNS`; a benchmark of several parts has a row for each and one (`*`) for all.

        Unknown figures are None, never NaN or 0.
        """
        encoders = shortened(entry.encoder.ref for entry in self.entries)
        similarities = shortened(entry.record.similarity or "" for entry in self.entries)
        blank = dict.fromkeys(COLUMNS)  # which every row begins with, so that all have their order
        rows = []
        for entry in self.shown():
            record = entry.record
            rows.append({
                **blank,
                "encoder": encoders[entry.encoder.ref],
                "view": record.view,
                "transform": CHAIN.join(map(short, record.transforms)),
                "similarity": similarities[record.similarity or ""],
                "benchmark": entry.benchmark.name,
                "protocol": entry.benchmark.protocol,
                **{name: getattr(record, name) for name in ("split", "subset", "n")},
                "task": entry.benchmark.task,
                **{name: record.figures.get(name) for name in METRICS},
                **{name: getattr(record.counts, name) for name in ("empty_texts", "truncated_texts", "zero_vectors", "constant_vectors")},
                "flags": list(record.flags),
                **{name: getattr(record, name) for name in ("status", "reason", "signature")},
            })  # fmt: skip
        return rows + [
            {
                **blank,
                "encoder": one.encoder,
                "similarity": one.similarity,
                "benchmark": one.benchmark,
                "status": "failed",
                "reason": one.reason,
            }
            for one in self.failed
        ]

    def shown(self) -> list[Entry]:
        """Entries without the aggregate of a benchmark that has one part only, where it would repeat that part."""
        parts: dict[tuple[str, str, str, object], int] = {}
        for entry in self.entries:
            if not entry.record.is_whole:
                key = (entry.encoder.ref, entry.benchmark.ref, entry.encoder.fingerprint, entry.record.variant)
                parts[key] = parts.get(key, 0) + 1
        return [
            entry
            for entry in self.entries
            if not entry.record.is_whole
            or parts.get((entry.encoder.ref, entry.benchmark.ref, entry.encoder.fingerprint, entry.record.variant)) != 1
        ]

    def headlines(self) -> list[Entry]:
        """One entry a system and benchmark: its aggregate."""
        return [entry for entry in self.entries if entry.record.is_whole]

    def failures(self) -> list[tuple[str, str]]:
        """Place and reason of everything that failed."""
        cells = [
            (
                f"{entry.encoder.label} / {' / '.join([entry.record.view, *map(short, entry.record.transforms), short(entry.record.similarity or '')])} on {entry.benchmark.name}",
                entry.record.reason or "",
            )
            for entry in self.headlines()
            if entry.record.status == "failed"
        ]
        return cells + [(f"{one.encoder} on {one.benchmark}", one.reason) for one in self.failed]

    def compare(self, systems: Sequence[str] = (), setting: Setting | None = None, *, primary: str = SIMILARITY) -> Compared:
        """Which of these systems agrees better with people, and how sure that is: what `stsbench compare` says of kept results.

        Scores are those of the run, kept or not. `systems` are labels or words of them; without any, all of the `primary` similarity are
        compared. Raises UsageError where there is nothing that can be compared honestly.
        """
        from stsbench.api.compare import compare

        if self.held is None or not self.entries:
            raise UsageError("this report holds no scores (one that was pickled has none), so there is nothing to compare; evaluate again")
        return compare(systems, self.held, self.held, setting, primary=primary, sources=self.held.sources)

    @property
    def exit_code(self) -> int:
        """0 when all is done (undefined cells included), 1 when a cell failed or disagrees with its evidence."""
        return 1 if self.failures() or self.disagreements else 0

    def to_frame(self) -> pd.DataFrame:
        """The cells as a data frame; unknown figures are missing values."""
        import pandas as pd

        frame = pd.DataFrame(self.cells(), columns=list(COLUMNS))
        return frame.astype({"n": "Int64", **dict.fromkeys(METRICS, "Float64")})


def shortened(refs: Iterable[str]) -> dict[str, str]:
    """Short names of references, where they stay distinct; else the references themselves."""
    distinct: Sequence[str] = list(dict.fromkeys(refs))
    names = list(map(short, distinct))
    return {ref: name if names.count(name) == 1 else ref for ref, name in zip(distinct, names, strict=True)}
