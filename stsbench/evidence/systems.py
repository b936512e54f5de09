"""The systems of a results folder, and those of them that names mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from stsbench.contracts.data import Part, Ranked
from stsbench.contracts.identity import CellId, SystemId
from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import UsageError
from stsbench.leaderboard.build import systems_of
from stsbench.leaderboard.columns import Key, key
from stsbench.leaderboard.known import record_stamp

NAMED = 6  # systems that an error names


class Results(Protocol):
    """Records and their scores: a folder that keeps them (`root`), or a run that holds them."""

    @property
    def root(self) -> Path | None: ...  # noqa: D102

    @property
    def files(self) -> tuple[RecordFile, ...]: ...  # noqa: D102

    def scores(self, file: RecordFile, /) -> Mapping[CellId, Ranked]: ...  # noqa: D102


class Kept(NamedTuple):
    """What is kept of a system on a benchmark: the file that it is in, the record of the whole benchmark, and those of parts by cell."""

    file: RecordFile
    whole: Record
    parts: Mapping[CellId, Record]


@dataclass(frozen=True)
class KeptSystem:
    """One system in a results folder: what is kept of it by benchmark.

    It is measured by the `main` metric, or by what each benchmark goes by.
    """

    key: SystemId
    label: str
    primary: bool
    files: Mapping[Key, Kept]
    main: str | None = None

    @property
    def stamp(self) -> str:
        """What ties statistics and pictures to the figures of the system."""
        return record_stamp([self.whole(one) for one in sorted(self.files)], self.main)

    @property
    def records(self) -> tuple[Record, ...]:
        """All that is kept of it."""
        return tuple(record for kept in self.files.values() for record in (kept.whole, *kept.parts.values()))

    def figure(self, benchmark: Key) -> float | None:
        """What the system is measured by, on the whole benchmark."""
        record = self.whole(benchmark)
        return record.figures.get(self.main or record.main)

    def whole(self, benchmark: Key) -> Record:
        """The record of the whole benchmark."""
        return self.files[benchmark].whole

    def cell(self, part: Part) -> CellId:
        """What its record of a part is known by."""
        return CellId(part.split, part.subset, *self.key.variant)


def kept_systems(folder: Results, primary: str | Collection[str], main: str | None = None) -> list[KeptSystem]:
    """Every system in `folder`, by the label that a board shows; raises UsageError where there is none."""
    files = folder.files
    if not files:
        raise UsageError(f"there are no results in {folder.root}; run systems with --results {folder.root} first")
    kept: dict[SystemId, dict[Key, Kept]] = {}
    for file in files:
        benchmark, parts = key(file), file.parts
        for system, whole in file.wholes.items():
            kept.setdefault(system, {})[benchmark] = Kept(file, whole, parts[system])
    return [
        KeptSystem(system, label, system.is_primary(primary), kept[system], main) for label, system in sorted(systems_of(files).items())
    ]


def complete(systems: Sequence[KeptSystem]) -> list[KeptSystem]:
    """The systems that have a figure on every benchmark of the primary ones."""
    every = {key for one in systems if one.primary for key in one.files}
    return [one for one in systems if every <= set(one.files) and all(one.whole(key).status == "ok" for key in every)]


def choose(systems: Sequence[KeptSystem], named: Sequence[str], *, asked: bool = False) -> list[KeptSystem]:
    """The systems that the names mean: those whose label holds every word of a name. Without a name, those of the primary similarity, or
    all where fewer than two have it and it was not `asked` for.

    A name that stands alone means all of them. Of several names each means one: if its words fit several systems, the primary
    similarity's, and of these the one without transforms.

    Raises UsageError where a name means none, where one of several means several, or where fewer than two systems are left.
    """
    alone = _meant(systems, named[0]) if len(named) == 1 else []
    primary = [one for one in systems if one.primary]
    chosen = alone or [the_system(systems, name) for name in named] or (primary if asked or len(primary) > 1 else list(systems))
    distinct = list({one.label: one for one in chosen}.values())
    if len(distinct) == 1 < len(named):
        raise UsageError(f"all of {', '.join(map(repr, named))} are {distinct[0].label}; a comparison takes at least two systems")
    if len(distinct) < 2:
        raise UsageError(
            f"a comparison takes at least two systems; the results hold {_some(systems)}; name another system, or another similarity"
        )
    return distinct


def _meant(systems: Sequence[KeptSystem], name: str, whole: bool = False) -> list[KeptSystem]:
    """The system of that label; else all whose label has every word of the name, or holds it at least.

    With `whole` each word stands between the marks of a reference, as the name of a model behind its owner's, and is no piece of a name.
    """
    words = _words(name)
    meant = [one for one in systems if _words(one.label) == words]
    meant = meant or [one for one in systems if set(words) <= {*_words(one.label), one.key.view.casefold()}]
    bound = r"(?<![\w.-]){}(?![\w.-])" if whole else "{}"
    sought = [re.compile(bound.format(re.escape(word))) for word in words]
    return meant or [one for one in systems if all(word.search(" ".join(_words(one.label))) for word in sought)]


def the_system(systems: Sequence[KeptSystem], name: str, *, whole: bool = False) -> KeptSystem:
    """The one system that a name (see `_meant`) means beside others; raises UsageError where it means none, or may mean several."""
    words, meant = _words(name), _meant(systems, name, whole)
    for plainer in (lambda one: one.primary, lambda one: not one.key.transforms):  # the board's similarity, and no transforms
        if len(meant) > 1:
            meant = list(filter(plainer, meant)) or meant
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise UsageError(f"{name!r} may be any of {_some(meant)}; add a word that only one of them has, or give a whole label")
    shared = {one.label: sum(word in " ".join(_words(one.label)) for word in words) for one in systems}
    nearest = sorted(systems, key=lambda one: (-shared[one.label], len(_words(one.label))))
    raise UsageError(f"no system of the results is called {name!r}; they hold {_some(nearest)}")


def _some(systems: Sequence[KeptSystem]) -> str:
    """The first labels, and how many more there are."""
    labels = [one.label for one in systems]
    more = len(labels) - NAMED
    return "; ".join(labels[:NAMED] + ([f"{more} more"] if more > 0 else []))


def _words(label: str) -> list[str]:
    return label.replace("·", " ").casefold().split()
