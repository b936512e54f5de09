"""Benchmarks from any data set of the hub, with its columns named in the reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from stsbench.builtin.benchmarks.door import open_rows
from stsbench.builtin.benchmarks.mirror import mirror_of
from stsbench.builtin.benchmarks.rows import RowBenchmark, by_group
from stsbench.contracts.components.options import Execution
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Part, Source
from stsbench.errors import OptionError

_REPOSITORY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?\Z", re.ASCII)
_WORD = re.compile(r"\w[\w.-]*\Z", re.ASCII)


@dataclass(frozen=True)
class HubBenchmark(RowBenchmark):
    """Pairs of a public data set on the hub, such as `hub:org/name,left=a,right=b,score=s,split=test`.

    `left`, `right`, `score` and `group` name columns, a nested field or an item of a list with dots (`data.pair.0`); `config` is the
    hub's name for a subset. `map=dissimilar:0+similar:1` says what labels are worth, `blank=skip` leaves out rows whose cells are all
    empty, `decimal` is the mark (point or comma) of scores that are text. `task=binary` is for gold of 0 and 1. Pin `revision` to a
    commit, so that the data stay the same.
    """

    repository: str
    _: KW_ONLY
    config: str | None = None
    split: Sequence[str] = ("test",)
    revision: str | None = None
    mirror: Execution[str | None] = None

    def __post_init__(self) -> None:
        if not _REPOSITORY.match(self.repository):
            raise OptionError("hub takes a data set as owner/name after the colon, as in hub:mteb/sts12-sts")
        for option, values in (("config", [] if self.config is None else [self.config]), ("split", self.split)):
            if any(not _WORD.match(value) for value in values):
                raise OptionError(f"option {option!r} takes a plain name (letters, digits, '.', '_', '-'), without slices or folders")
        super().__post_init__()

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that are named, each once."""
        return tuple(dict.fromkeys(self.split)) or ("test",)

    @property
    def card(self) -> BenchmarkCard:
        """What the options say of it; without a name it has the data set's."""
        return self.shown_as(self.repository.replace("/", "--"))

    def load(self) -> tuple[Part, ...]:
        """One part a split, or one for each group of each split; raises DataError in one sentence."""
        parts = tuple(map(self._part, self.splits))
        return by_group(parts) if self.by == "group" else parts

    def _part(self, split: str) -> Part:
        mirror = mirror_of(self.mirror)
        opened = open_rows(self.repository, config=self.config, split=split, revision=self.revision, mirror=mirror)
        pairs, notes = self.pairs_of(opened.table, f"{self.repository} ({split}) from the {opened.kind}")
        return Part(split, self.config or "default", pairs, Source(opened.kind, opened.revision, notes=notes))
