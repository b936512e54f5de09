"""What a run found: one row a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stsbench.contracts.boards.board import Facts
from stsbench.contracts.identity import WHOLE, SystemId
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record
from stsbench.contracts.ref import CHAIN, short
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError
from stsbench.evidence.held import HeldResults, files_of
from stsbench.leaderboard.build import systems_of
from stsbench.leaderboard.facts import ITEMS, facts_of
from stsbench.runner.system import NotRun
from stsbench.stats.metrics import GRADED, KEPT
from stsbench.stores.agreement import Disagreement

if TYPE_CHECKING:
    import pandas as pd

    from stsbench.api.compare.methods import Setting
    from stsbench.api.compare.result import Compared

FIGURES = tuple(metric.name for metric in KEPT)
COLUMNS = (
    "encoder", "view", "transform", "similarity", "benchmark", "protocol", "split", "subset", "n",
    *(metric.name for metric in GRADED), "task", *(metric.name for metric in KEPT if metric not in GRADED),
    "empty_texts", "truncated_texts", "zero_vectors", "constant_vectors", "flags", "status", "reason", "signature",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A record with the encoder and benchmark that it is of."""

    encoder: EncoderEntry
    benchmark: BenchmarkEntry
    record: Record
    provenance: Mapping[str, str] = field(default_factory=dict)  # of the file that the record is in

    @property
    def system(self) -> SystemId:
        """What tells its system apart from others of a run."""
        return SystemId(self.encoder.ref, self.encoder.fingerprint, *self.record.variant)

    @property
    def facts(self) -> Facts:
        """What was observed of its system besides figures."""
        return facts_of(self.system, {**self.provenance, ITEMS: self.benchmark.items})


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
        counts = Counter(cell["status"] for cell in self.cells())
        shown = ", ".join(f"{counts[status]} {status}" for status in ("ok", "undefined", "failed") if counts[status])
        warned = f"; {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"<Report of {counts.total()} cells: {shown}{warned}>"

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
        rows: list[dict[str, Any]] = []
        for entry in self.shown():
            record = entry.record
            known = {
                **vars(record), **vars(record.counts), **record.figures, "encoder": encoders[entry.encoder.ref],
                "transform": CHAIN.join(map(short, record.transforms)), "similarity": similarities[record.similarity or ""],
                "benchmark": entry.benchmark.name, "protocol": entry.benchmark.protocol, "task": entry.benchmark.task,
                "flags": list(record.flags),
            }  # fmt: skip
            rows.append({name: known.get(name) for name in COLUMNS})
        failed = ({**vars(cell), "status": "failed"} for cell in self.failed)
        return rows + [{name: known.get(name) for name in COLUMNS} for known in failed]

    def shown(self) -> list[Entry]:
        """Entries without the aggregate of a benchmark that has one part only, where it would repeat that part."""
        parts = Counter((entry.system, entry.benchmark.ref) for entry in self.entries if not entry.record.is_whole)
        return [one for one in self.entries if not one.record.is_whole or parts[one.system, one.benchmark.ref] != 1]

    def headlines(self) -> list[Entry]:
        """One entry a system and benchmark: its aggregate."""
        return [entry for entry in self.entries if entry.record.is_whole]

    @property
    def labels(self) -> tuple[str, ...]:
        """What a comparison calls the systems, in the order of the plan."""
        files = files_of((one.encoder, one.benchmark, one.record, one.provenance) for one in self.entries)
        known = {system: label for label, system in systems_of(files).items()}
        return tuple(dict.fromkeys(known[entry.system] for entry in self.entries))

    def failures(self) -> list[tuple[str, str]]:
        """Place and reason of everything that failed."""
        failed = [entry for entry in self.headlines() if entry.record.status == "failed"]
        cells = [
            (f"{entry.encoder.label} / {_path(entry.record)} on {entry.benchmark.name}", entry.record.reason or "") for entry in failed
        ]
        return cells + self.not_run

    @property
    def not_run(self) -> list[tuple[str, str]]:
        """Place and reason of what failed before anything of it was run, each once: an encoder, a benchmark, or one on another."""
        places = [" on ".join(name for name in (cell.encoder, cell.benchmark) if name != WHOLE) for cell in self.failed]
        return list(dict.fromkeys(zip(places, (cell.reason for cell in self.failed), strict=True)))

    def compare(
        self, systems: Sequence[str] | str = (), setting: Setting | None = None, *, primary: str | Collection[str] = ()
    ) -> Compared:
        """Which of these systems agrees better with people, and how sure that is: what `stsbench compare` says of kept results.

        Scores are those of the run, kept or not. `systems` are labels or words of them; without any, all of the `primary` similarity are
        compared. Raises UsageError where there is nothing that can be compared honestly.
        """
        from stsbench.api.compare import compare

        if self.held is None or not self.entries:
            raise UsageError("this report holds no scores (one that was pickled has none), so there is nothing to compare; evaluate again")
        return compare(systems, self.held, self.held, setting, primary=primary)

    @property
    def exit_code(self) -> int:
        """0 when all is done (undefined cells included), 1 when a cell failed or disagrees with its evidence and was not accepted."""
        return 1 if self.failures() or not all(one.replaced for one in self.disagreements) else 0

    def to_frame(self) -> pd.DataFrame:
        """The cells as a data frame; unknown figures are missing values."""
        import pandas as pd

        frame = pd.DataFrame(self.cells(), columns=list(COLUMNS))
        return frame.astype({"n": "Int64", **dict.fromkeys(FIGURES, "Float64")})


def _path(record: Record) -> str:
    return " / ".join([record.view, *map(short, record.transforms), short(record.similarity or "") or "pair scorer"])


def shortened(refs: Iterable[str]) -> dict[str, str]:
    """Short names of references, where they stay distinct; else the references themselves."""
    distinct: Sequence[str] = list(dict.fromkeys(refs))
    names = list(map(short, distinct))
    return {ref: name if names.count(name) == 1 else ref for ref, name in zip(distinct, names, strict=True)}
