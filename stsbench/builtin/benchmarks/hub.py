"""Benchmarks from any data set of the hub, with its columns named in the reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stsbench.builtin.benchmarks.columns import Blank, Names, to_pairs
from stsbench.builtin.benchmarks.door import open_rows
from stsbench.builtin.benchmarks.files import checked_name
from stsbench.builtin.benchmarks.grades import Grading
from stsbench.builtin.benchmarks.mirror import mirror_of
from stsbench.builtin.benchmarks.parts import by_group
from stsbench.builtin.benchmarks.task import By
from stsbench.contracts.component import Execution
from stsbench.contracts.data import Part, Source
from stsbench.contracts.kinds import Aggregation, Task
from stsbench.contracts.protocols import Benchmark, BenchmarkCard
from stsbench.errors import OptionError

_REPOSITORY = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?\Z", re.ASCII)
_WORD = re.compile(r"\w[\w.-]*\Z", re.ASCII)


@dataclass(frozen=True)
class HubBenchmark:
    """Splits of one hub data set, or of a mirror that holds it."""

    repository: str
    names: Names
    grading: Grading
    blank: Blank
    config: str | None
    splits: tuple[str, ...]
    revision: str | None
    card: BenchmarkCard
    by: By
    mirror: str | None

    def load(self) -> tuple[Part, ...]:
        """One part a split, or one for each group of each split; raises DataError in one sentence."""
        parts = tuple(map(self._part, self.splits))
        return by_group(parts) if self.by == "group" else parts

    def _part(self, split: str) -> Part:
        mirror = mirror_of(self.mirror)
        opened = open_rows(self.repository, config=self.config, split=split, revision=self.revision, mirror=mirror)
        what = f"{self.repository} ({split}) from the {opened.kind}"
        pairs, notes = to_pairs(opened.table, self.names, what, self.grading, group_needed=True, blank=self.blank)
        return Part(split, self.config or "default", pairs, Source(opened.kind, opened.revision, notes=notes))


def hub(
    repository: str,
    /,
    *,
    left: str = "",
    right: str = "",
    score: str = "",
    group: str = "",
    decimal: str = "",
    map: Sequence[str] = (),  # noqa: A002 - the name of the option
    blank: Blank = "refuse",
    config: str | None = None,
    split: Sequence[str] = ("test",),
    revision: str | None = None,
    name: str = "",
    languages: Sequence[str] = (),
    aggregation: Aggregation | None = None,
    by: By = "subset",
    task: Task = "graded",
    mirror: Execution[str | None] = None,
) -> Benchmark:
    """Pairs of a public data set on the hub, such as `hub:org/name,left=a,right=b,score=s,split=test`.

    `left`, `right`, `score` and `group` name columns, a nested field or an item of a list with dots (`data.pair.0`); `config` is the
    hub's name for a subset. `map=dissimilar:0+similar:1` says what labels are worth, `blank=skip` leaves out rows whose cells are all
    empty, `decimal` is the mark (point or comma) of scores that are text. `task=binary` is for gold of 0 and 1. Pin `revision` to a commit, so that the data stay the same.
    """
    if not _REPOSITORY.match(repository):
        raise OptionError("hub takes a data set as owner/name after the colon, as in hub:mteb/sts12-sts")
    for option, values in (("config", [config] if config is not None else []), ("split", split)):
        if any(not _WORD.match(value) for value in values):
            raise OptionError(f"option {option!r} takes a plain name (letters, digits, '.', '_', '-'), without slices or folders")
    if by == "group" and not group:
        raise OptionError("by=group needs the column that holds the groups; name it with group=")
    shown = checked_name(name) or repository.replace("/", "--")
    card = BenchmarkCard(shown, aggregation=aggregation or "mean", languages=tuple(languages), task=task)
    splits = tuple(dict.fromkeys(split)) or ("test",)
    names, grading = Names(left, right, score, group), Grading.of(decimal, map, task)
    return HubBenchmark(repository, names, grading, blank, config, splits, revision, card, by, mirror)
