"""Which data of a board are at hand, and whether they are those that its records are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stsbench.contracts.records import Record, RecordFile
from stsbench.contracts.ref import Ref
from stsbench.errors import StsbenchError
from stsbench.evidence.joint import Data, references
from stsbench.host.locate import is_hash
from stsbench.runner.system import PlannedBenchmark


@dataclass(frozen=True)
class AtHand:
    """The benchmarks that are here, by the reference in the records; why others are not, and what is here in their place, by name."""

    loaded: Mapping[str, PlannedBenchmark]
    absent: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all data are here, and are those of the records, under the names that these have."""
        return not self.absent and not self.others and all(one.ref == ref for ref, one in self.loaded.items())


def data_at_hand(files: Sequence[RecordFile], data: Data, sources: Sequence[str], *, mirror: bool) -> AtHand:
    """The data of these records: of the wheel, of files that `sources` name, and, if there is a `mirror`, of anywhere.

    A file that is gone is not at hand; one with other pairs is told apart by its digests. Raises DataError or PluginError where data
    that must be here cannot be loaded.
    """
    files = sorted(files, key=lambda file: file.benchmark.name)
    known = {file.benchmark.ref: file.benchmark.name for file in files}
    named, gone = _named_files(known, data, sources)
    loaded: dict[str, PlannedBenchmark] = {}
    absent: dict[str, str] = {}
    others: dict[str, str] = {}
    for ref, name in known.items():
        if is_hash(Ref.parse(ref).target):
            if here := named.get(ref) or next((one for one in named.values() if not _differing(files, ref, one)), None):
                loaded[ref] = here
            elif changed := [one for key, one in named.items() if key not in known]:
                others[name] = _told(files, ref, changed[0])
            else:
                absent[name] = gone or "board.toml names no such file"
        elif mirror or {record.source for file in files if file.benchmark.ref == ref for record in file.records} <= {"wheel", None}:
            loaded[ref] = data.benchmark(ref)
        else:
            absent[name] = "neither the wheel nor a mirror (STSBENCH_MIRROR) holds them"
    others |= {known[ref]: _told(files, ref, one) for ref, one in loaded.items() if _differing(files, ref, one)}
    return AtHand({ref: one for ref, one in loaded.items() if known[ref] not in others}, absent, others)


def _named_files(known: Mapping[str, str], data: Data, sources: Sequence[str]) -> tuple[dict[str, PlannedBenchmark], str]:
    """The files that the sources name, by reference, and why the last of those is not here that are not."""
    named: dict[str, PlannedBenchmark] = {}
    gone = ""
    for source in sources if any(is_hash(Ref.parse(ref).target) for ref in known) else ():
        try:
            for ref, text in references(source, data).items():
                if is_hash(Ref.parse(ref).target):
                    named[ref] = data.benchmark(text)
        except StsbenchError as error:
            gone = str(error)
    return named, gone


def _differing(files: Sequence[RecordFile], ref: str, here: PlannedBenchmark) -> list[tuple[str, str, str]]:
    """Parts of which the records have another digest than the data: its name and both digests."""
    parts = {part.place: part.pairs.digest for part in here.parts}
    return [
        (record.cell.part, record.digest or "", parts.get(record.place, ""))
        for record in _parts(files, ref)
        if parts.get(record.place) != record.digest
    ]


def _parts(files: Sequence[RecordFile], ref: str) -> Iterator[Record]:
    return (record for file in files if file.benchmark.ref == ref for record in file.records if not record.is_whole)


def _told(files: Sequence[RecordFile], ref: str, here: PlannedBenchmark) -> str:
    part, old, new = _differing(files, ref, here)[0]
    there = f"has the digest {new[:8]}" if new else "is not there"
    return f"the data that are here are others: {part} {there}, and the records are of {old[:8]}"
