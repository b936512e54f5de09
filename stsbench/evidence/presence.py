"""Which benchmarks systems are compared on, and which data of a board are at hand, and the ones of its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from stsbench.contracts.records import RecordFile
from stsbench.contracts.ref import Ref, escape, unescape, within
from stsbench.errors import RefError, UsageError
from stsbench.evidence.systems import KeptSystem
from stsbench.host.locate import is_hash
from stsbench.leaderboard.columns import Key
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


def is_of_file(ref: str) -> bool:
    """Whether a record's reference is of a file, or made of one, of which it holds a hash."""
    return any(is_hash(one.target) for one in within(ref))


def loadable(files: Sequence[RecordFile], *, mirror: bool) -> list[str]:
    """References of the data of these records: of the wheel or, if there is a `mirror`, of anywhere but files."""
    named = sorted((file for file in files if not is_of_file(file.benchmark.ref)), key=lambda file: file.benchmark.name)
    sources: dict[str, set[str | None]] = {}
    for file in named:
        sources.setdefault(file.benchmark.ref, set()).update(record.source for record in file.records)
    return [ref for ref, own in sources.items() if mirror or own <= {"wheel", None}]


def data_at_hand(files: Sequence[RecordFile], here: Mapping[str, PlannedBenchmark], gone: str) -> AtHand:
    """Which of the data of these records are `here`, of all that was loaded; `gone` is why a file could not be.

    A file that is gone is not at hand; one with other pairs is told apart by its digests.
    """
    known = {file.benchmark.ref: file.benchmark.name for file in sorted(files, key=lambda file: file.benchmark.name)}
    by_ref = {ref: [file for file in files if file.benchmark.ref == ref] for ref in known}
    named = {ref: one for ref, one in here.items() if is_of_file(ref)}
    loaded: dict[str, PlannedBenchmark] = {}
    absent: dict[str, str] = {}
    others: dict[str, str] = {}
    for ref, name in known.items():
        if ref in here:
            loaded[ref] = here[ref]
        elif not is_of_file(ref):
            absent[name] = "neither the wheel nor a mirror (STSBENCH_MIRROR) holds them"
        elif same := next((one for one in named.values() if not other_data(by_ref[ref], one)), None):
            loaded[ref] = same
        elif changed := [one for key, one in named.items() if key not in known]:
            others[name] = str(other_data(by_ref[ref], changed[0]))
        else:
            absent[name] = gone or "board.toml names no such file"
    others |= {known[ref]: what for ref, one in loaded.items() if (what := other_data(by_ref[ref], one))}
    return AtHand({ref: one for ref, one in loaded.items() if known[ref] not in others}, absent, others)


def other_data(files: Iterable[RecordFile], here: PlannedBenchmark) -> str | None:
    """That records are of other data than those here, with the first part and both digests; None where they are not."""
    parts = {part.place: part.pairs.digest for part in here.parts}
    for record in (record for file in files for record in file.records if not record.is_whole):
        if (digest := parts.get(record.place)) != record.digest:
            there = f"has the digest {digest[:8]}" if digest else "is not there"
            return f"the data that are here are others: {record.cell.part} {there}, and the records are of {str(record.digest)[:8]}"
    return None


References = Callable[[str], Mapping[str, str]]  # canonical ones that a benchmark or suite means, with texts


def wanted(systems: Sequence[KeptSystem], benchmarks: Sequence[str], sources: Sequence[str], references: References) -> Mapping[Key, str]:
    """Every benchmark that the systems were run on, or the named ones, with the reference that loads each, in the order of their names.

    `sources` are references that may say where files are, which records do not. Raises UsageError where there are no results on a
    benchmark, or where nothing says where a file is.
    """
    chosen = _named(systems, benchmarks, references)
    for key, (file, *_) in ((key, kept) for system in systems for key, kept in system.files.items() if key in chosen):
        if file.benchmark.ref != chosen[key] and is_of_file(chosen[key]):
            raise UsageError(f"the results on {key[0]} are of several files of that name; run all systems again on one, with --fresh")
    files = {one: ref for one, ref in chosen.items() if is_of_file(ref)}
    places = {ref: text for source in sources for ref, text in references(source).items()} if files else {}
    for (name, _), ref in files.items():
        if ref not in places:
            raise UsageError(f"the results are on a file, {name}, of which records hold no path; name it with -b {_example(ref)}")
    return {one: places[ref] if one in files else ref for one, ref in chosen.items()}


def _named(systems: Sequence[KeptSystem], benchmarks: Sequence[str], references: References) -> dict[Key, str]:
    known = {one: file.benchmark.ref for system in systems for one, (file, *_) in system.files.items()}
    if not benchmarks:
        return dict(sorted(known.items()))
    chosen: dict[Key, str] = {}
    for text in benchmarks:
        named = [one for one in known if text.casefold() in (one[0].casefold(), "@".join(one).casefold())]
        refs = {ref: text for ref, text in references(text).items() if ref in known.values()} if not named else {}
        if not named and not refs:
            now = " as it is now" if any(map(is_of_file, references(text))) else ""
            raise UsageError(f"no results are on {text!r}{now}; they are on {', '.join(sorted(name for name, _ in known))}")
        chosen.update({one: known[one] for one in named})
        chosen.update({one: refs[ref] for one, ref in known.items() if ref in refs})
    return chosen


def _example(ref: str) -> str:
    """The reference with what is to be given in the place of the hashes of paths and columns."""
    given = Ref.parse(ref)
    options = {key: "+".join(map(_filled, raw.split("+"))) for key, raw in given.options}
    return str((replace(given, target="PATH") if is_hash(given.target) else given).with_options(**options))


def _filled(raw: str) -> str:
    """A value of an option: a column, a reference to a file or made of one, or what says nothing of files."""
    text = unescape(raw)
    if is_hash(text):
        return "COLUMN"
    with suppress(RefError):
        return escape(_example(text)) if is_of_file(text) else raw
    return raw
