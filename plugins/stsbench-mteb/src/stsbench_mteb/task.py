"""The benchmark `mteb-task`: pairs of a task of mteb, loaded and transformed by mteb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from stsbench.plugin import BenchmarkCard, Execution, Part, Source
from stsbench_mteb.naming import chosen, task_class

if TYPE_CHECKING:
    from mteb import AbsTask

_BITEXT = (
    "mteb scores it by the F1 of nearest neighbours, which is no figure of pairs. Here each text stands beside its translation (1) and "
    "beside that of the next text (0), and the figure is average precision; `stsbench audit metrics` has ranks among all texts."
)
_BINARY = "mteb's main score is the best average precision (or accuracy) of several similarities; here each has its own."


@dataclass(frozen=True)
class TaskOfMteb:
    """A task of mteb on pairs of texts (types STS, PairClassification, BitextMining): `mteb-task:STS12`.

    mteb loads and transforms the data, at the revision that the task pins; from a mirror only the files come from there. `split` and
    `subset` choose some of those that mteb scores. The figure of an STS task is mteb's main score, `cosine_spearman`, for the similarity
    `cosine`; binary pairs go by average precision (`cosine_ap`). The benchmarks of stsbench's own (`STS12`) are the same data, and need
    no mteb.
    """

    name: str
    _: KW_ONLY
    split: Sequence[str] | None = None
    subset: Sequence[str] | None = None
    mirror: Execution[str | None] = None

    def __post_init__(self) -> None:
        _ = self.splits, self.subsets

    @cached_property
    def kind(self) -> type[AbsTask]:
        """The task in mteb; raises OptionError."""
        return task_class(self.name)

    @property
    def label(self) -> str:
        """The name in mteb's spelling."""
        name: str = self.kind.metadata.name
        return name

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Those of mteb's splits that are asked for, or all; raises OptionError."""
        return chosen("split", self.split, self.kind.metadata.eval_splits, self.label)

    @cached_property
    def subsets(self) -> tuple[str, ...]:
        """Those of mteb's subsets that are asked for, or all; raises OptionError."""
        return chosen("subset", self.subset, self.kind.metadata.hf_subsets, self.label)

    @property
    def card(self) -> BenchmarkCard:
        """What mteb says of the task, under a name that tells it from the benchmark of the core."""
        metadata = self.kind.metadata
        subsets = "" if self.subset is None else f"/{'+'.join(self.subsets)}"
        splits = "" if self.split is None else f":{'+'.join(self.splits)}"
        languages = metadata.hf_subsets_to_langscripts
        return BenchmarkCard(
            f"mteb-{self.label}{subsets}{splits}",
            protocol="translations" if metadata.type == "BitextMining" else "mteb",
            languages=tuple(dict.fromkeys(language for subset in self.subsets for language in languages[subset])),
            licence=metadata.license or "unknown",
            notes={"STS": (), "PairClassification": (_BINARY,), "BitextMining": (_BITEXT,)}[metadata.type],
            task="graded" if metadata.type == "STS" else "binary",
            prompted_as=(self.label, metadata.type),
        )

    def load(self) -> tuple[Part, ...]:
        """A part for each split and subset, as mteb has them; raises DataError in one sentence."""
        from stsbench_mteb.loading import loaded
        from stsbench_mteb.pairing import pairs_of

        data = loaded(self.kind, self.subsets, self.splits, self.mirror)
        return tuple(
            Part(split, subset, pairs_of(data.task, data.rows(split, subset), subset, f"{self.label} ({split}, {subset})"), source)
            for source in [Source(data.kind, data.revision)]
            for split in self.splits
            for subset in self.subsets
        )
