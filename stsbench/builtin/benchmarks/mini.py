"""`mini`, the benchmark that ships with stsbench."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import Final

from stsbench.builtin.benchmarks.readers.delimited import Dialect
from stsbench.builtin.benchmarks.readers.reading import read_table
from stsbench.builtin.benchmarks.rows import By, by_group
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Part, Source
from stsbench.contracts.kinds import Aggregation

from .tables.columns import Names, to_pairs
from .tables.grades import Grading

USUAL: Final = MappingProxyType({  # cosine of encoders as they come, by the board leaderboards/mini
    "hashing": "33.23",
    "wordllama": "44.18",
    "all-MiniLM-L6-v2": "58.09",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mini:
    """English pairs written for this project, graded 0 to 5 and grouped by phenomenon.

    A smoke test and a diagnostic, not a benchmark to publish with. `by=group` scores each phenomenon by itself.
    """

    aggregation: Aggregation | None = None
    by: By = "subset"

    splits = ("test",)
    expected_pairs = 280

    @property
    def card(self) -> BenchmarkCard:
        """What mini is, and what it is not."""
        return BenchmarkCard(
            name="mini" if self.by == "subset" else "mini (by group)",
            aggregation=self.aggregation or "mean",
            languages=("eng-Latn",),
            licence="MIT",
            score_range=(0.0, 5.0),
            notes=("A smoke test and diagnostic, not a benchmark to publish with.",),
        )

    def load(self) -> tuple[Part, ...]:
        """All pairs with their phenomenon as the group; by=group gives one part a phenomenon."""
        with as_file(files("stsbench.builtin") / "mini" / "pairs.tsv") as path:
            table = read_table(path, "tsv", "mini", Dialect("\t", "utf-8", "none"))
        pairs, _ = to_pairs(table, Names(group="group"), "mini", Grading(hidden=True), group_needed=True)
        parts = (Part("test", "default", pairs, Source("wheel")),)
        return by_group(parts) if self.by == "group" else parts
