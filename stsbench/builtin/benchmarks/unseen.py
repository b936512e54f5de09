"""A benchmark without the pairs that other data hold: what is left to measure a system on that was trained on those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stsbench.contracts.components.protocols import BenchmarkCard, NamedBenchmark
from stsbench.contracts.data import Part
from stsbench.contracts.kinds import Task
from stsbench.contracts.wording import counted
from stsbench.errors import DataError
from stsbench.stats.metrics.triplets import together

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """The pairs of a benchmark that other data do not hold: `unseen,of=STS12,by=STSBenchmark:train`.

    `of` is measured, without the pairs that are in any of `by`, such as what a system was trained on (`by=STS12:train+SICK-R:train`).
    Pairs are the same whatever their order, case, punctuation and spacing, and images are by their bytes; of triplets, those with such a
    pair are left out.
    """

    of: NamedBenchmark
    by: Sequence[NamedBenchmark]

    @property
    def card(self) -> BenchmarkCard:
        """That of the benchmark, under a name of its own; private where any is, since what is left out tells of both."""
        whole = self.of.card
        private = whole.private or any(one.card.private for one in self.by)
        return replace(whole, name=f"{whole.name} (without {self._seen})", private=private)

    @property
    def _seen(self) -> str:
        return ", ".join(one.card.name for one in self.by)

    def load(self) -> tuple[Part, ...]:
        """The same parts with the pairs that are left; raises DataError where a part has none."""
        seen = frozenset(key for one in self.by for part in one.parts for key in part.pairs.keys)
        return tuple(self._unseen(part, seen) for part in self.of.parts)

    def _unseen(self, part: Part, seen: frozenset[Key]) -> Part:
        pairs, task = part.pairs, self.of.card.task
        kept = _kept(pairs.keys, seen, task)
        if not kept:
            raise DataError(f"{self._seen} holds every pair of {self.of.card.name}; name other data with by=")
        left_out = f"left out: {len(pairs) - len(kept):,} of {counted(len(pairs), 'pair')}, which {self._seen} holds"
        return replace(part, pairs=pairs.take(kept), source=replace(part.source, notes=(*part.source.notes, left_out)))


def _kept(keys: tuple[Key, ...], seen: frozenset[Key], task: Task) -> list[int]:
    """The rows that are kept, in their order: those that belong together are left out together."""
    rows = together(task, len(keys))
    whole = [not any(keys[row] in seen for row in line) for line in rows.tolist()]
    kept: list[int] = rows[whole].T.ravel().tolist()
    return kept
