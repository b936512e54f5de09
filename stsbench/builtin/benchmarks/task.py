"""Benchmarks that `tasks.json`, `pairs.json` and `visual.json` define, with gold from labels, and texts of the SimCSE protocol.

Source of that: Gao, Yao and Chen (2021), SimCSE, whose evaluation uses the data of SentEval (Conneau and Kiela 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from typing import Any, ClassVar, Literal

from stsbench.builtin.benchmarks.definitions import SimCSE, Task
from stsbench.builtin.benchmarks.door import FetchedRows, open_rows, stratified_rows
from stsbench.builtin.benchmarks.mirror import SubsetError, mirror_of
from stsbench.builtin.benchmarks.rows import By, by_group, chosen
from stsbench.builtin.benchmarks.tables.cells import names_at
from stsbench.builtin.benchmarks.tables.columns import to_pairs
from stsbench.builtin.benchmarks.tables.grades import Grading
from stsbench.builtin.benchmarks.tables.table import Table, as_id
from stsbench.contracts.components.options import Execution
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.contracts.kinds import Aggregation
from stsbench.errors import DataError, OptionError

Protocol = Literal["mteb", "simcse"]

_USUAL: dict[Protocol, Aggregation] = {"mteb": "mean", "simcse": "all"}


@dataclass(frozen=True)
class TaskBenchmark:
    """Splits and subsets of a public task under a protocol; each task is a class of its own."""

    split: str = ""
    _: KW_ONLY
    subset: Sequence[str] | None = None
    protocol: Protocol = "mteb"
    aggregation: Aggregation | None = None
    by: By = "subset"
    mirror: Execution[str | None] = None

    task: ClassVar[Task]

    def __post_init__(self) -> None:
        _ = self.splits, self.subsets
        if self.by == "group" and not self.task.columns.group:
            raise OptionError(f"{self.task.name} has no groups; leave out by=group")
        if self.protocol == "simcse":
            if self.task.simcse is None:
                raise OptionError(f"{self.task.name} is not part of the SimCSE protocol; leave out protocol=simcse")
            if self.task.simcse.tokenise:
                require_tokeniser()

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """The split that is asked for, or those that the task is scored on; raises OptionError."""
        return chosen("split", [self.split], self.task.splits, self.task.name) if self.split else self.task.eval_splits

    @cached_property
    def subsets(self) -> tuple[str, ...]:
        """The subsets that are asked for, or all; raises OptionError."""
        for name in set(self.subset or ()) & set(self.task.unread):
            raise OptionError(f"{self.task.name}/{name} holds {self.task.unread[name]}; leave out subset={name}")
        return chosen("subset", self.task.subsets if self.subset is None else self.subset, tuple(self.task.subsets), self.task.name)

    @property
    def name(self) -> str:
        """The task's name and what was chosen of it, so that results of a part never stand under the name of the whole."""
        subsets = "" if len(self.subsets) == len(self.task.subsets) else f"/{'+'.join(self.subsets)}"
        splits = "" if self.splits == self.task.eval_splits else f":{'+'.join(self.splits)}"
        aggregation = [] if self.aggregation in (None, _USUAL[self.protocol]) else [str(self.aggregation)]
        how = [*aggregation, *["by group"] * (self.by == "group")]
        return f"{self.task.name}{subsets}{splits}" + (f" ({', '.join(how)})" if how else "")

    @property
    def expected_pairs(self) -> int | None:
        """How many pairs all subsets of the splits hold; None where that is not known."""
        if set(self.subsets) != set(self.task.subsets) or not all(split in self.task.expected for split in self.splits):
            return None
        skipped = self.task.simcse.first_row if self.protocol == "simcse" and self.task.simcse else 0
        return sum(self.task.expected[split].pairs for split in self.splits) - skipped

    @property
    def card(self) -> BenchmarkCard:
        """What the task is, with the languages of the chosen subsets."""
        simcse = self.task.simcse if self.protocol == "simcse" else None
        return BenchmarkCard(
            name=self.name,
            protocol=self.task.protocol if self.protocol == "mteb" else self.protocol,
            aggregation=self.aggregation or _USUAL[self.protocol],
            languages=tuple(dict.fromkeys(language for subset in self.subsets for language in self.task.subsets[subset])),
            licence=self.task.licence,
            score_range=self.task.score_range,
            superseded_by=self.task.superseded_by,
            notes=(*(self.task.notes if simcse is None else simcse.notes), *self._unchecked),
            task=self.task.task,
        )

    @property
    def _unchecked(self) -> tuple[str, ...]:
        """The known counts are of all subsets together, so a part of them cannot be checked; that is said."""
        whole = len(self.subsets) == len(self.task.subsets)
        return () if whole else ("Counts are known of all subsets together only: these data were not checked.",)

    def load(self) -> tuple[Part, ...]:
        """All chosen splits and subsets; parts of a split that is not as defined say so in `source.differs`."""
        parts = tuple(part for split in self.splits for part in self._split(split))
        return by_group(parts) if self.by == "group" else parts

    def _split(self, split: str) -> list[Part]:
        opened = _opened(self.task, self.subsets, split, self.mirror)
        read = [self._pairs(rows, split, subset) for subset, rows in zip(self.subsets, opened, strict=True)]
        loaded = [pairs for pairs, _ in read]
        expected = self.task.expected.get(split)
        said: tuple[str, ...] = ()
        if expected is not None and len(self.subsets) == len(self.task.subsets):  # the counts are of all subsets together
            said += expected.departures(loaded)
        if self.protocol == "simcse" and self.task.simcse is not None:
            change = self.task.simcse
            loaded = [change.rows(pairs, f"{self.task.name} ({split})") for pairs in loaded]
            said += change.departures(loaded[0])
            loaded = [simcse_texts(pairs, change) for pairs in loaded]
        differs = f"{self.task.name} ({split}) from the {opened[0].kind} differs from its definition: {'; '.join(said)}" if said else None
        return [
            Part(split, subset, pairs, Source(rows.kind, rows.revision, differs, notes))
            for subset, rows, pairs, (_, notes) in zip(self.subsets, opened, loaded, read, strict=True)
        ]

    def _pairs(self, opened: FetchedRows, split: str, subset: str) -> tuple[Pairs, tuple[str, ...]]:
        what = f"{self.task.name} ({split if subset == 'default' else f'{split}, {subset}'}) from the {opened.kind}"
        table = unnested(opened.table) if self.task.nested else opened.table
        sample = self.task.subsample
        if sample is not None:
            if sample.column not in table.columns:
                raise DataError(f"{what} has no column {sample.column!r}, which its sample is drawn by; use a mirror that holds it")
            table = table.take(stratified_rows(table.columns[sample.column], sample.size, sample.seed))
        table = graded_rows(table, self.task, what)
        grading = Grading(hidden=self.task.hides, task=self.task.task, ids=True)
        step = "use a mirror with the columns of the hub"
        return to_pairs(table, self.task.columns, what, grading, group_needed=self.by == "group", step=step)


def unnested(table: Table) -> Table:
    """The rows that a single row holds as lists, or `table` where its values are no lists."""
    single = table.size == 1 and all(isinstance(values[0], list) for values in table.columns.values())
    return Table.of({name: values[0] for name, values in table.columns.items()}) if table.columns and single else table


def _opened(task: Task, subsets: Sequence[str], split: str, option: str | None) -> list[FetchedRows]:
    """The rows of each subset: of the config of that name, else those of the default config that name it in the subset column."""
    mirror = mirror_of(option)
    if len(task.subsets) == 1:
        return [open_rows(task.path, config=task.config, split=split, revision=task.revision, mirror=mirror)]
    try:
        return [open_rows(task.path, config=subset, split=split, revision=task.revision, mirror=mirror) for subset in subsets]
    except SubsetError as error:
        missing = error
        if task.subset_column is None:
            raise
    try:
        whole = open_rows(task.path, config=None, split=split, revision=task.revision, mirror=mirror)
    except DataError:
        raise missing from None
    if task.subset_column not in whole.table.columns:
        raise DataError(f"{task.path} ({split}) has no column {task.subset_column!r} that tells its subsets apart; use another mirror")
    marks = whole.table.columns[task.subset_column]
    rows = {subset: [row for row, mark in enumerate(marks) if mark == subset] for subset in subsets}
    return [FetchedRows(whole.table.take(rows[subset]), whole.kind, whole.revision) for subset in subsets]


def require_tokeniser() -> None:
    """Raises OptionError, with the line that installs it, where sacremoses is missing."""
    if find_spec("sacremoses") is None:
        raise OptionError("protocol=simcse tokenises with sacremoses, which is not installed; run: pip install 'stsbench[simcse]'")


def simcse_texts(pairs: Pairs, change: SimCSE) -> Pairs:
    """The same pairs with their texts tokenised (and lower-cased) as the protocol says; each text once."""
    if not change.tokenise:
        return pairs
    from sacremoses import MosesTokenizer

    tokenise = MosesTokenizer(lang="en").tokenize
    left, right = pairs.texts
    texts = {text: tokenise(text, return_str=True, escape=False) for text in dict.fromkeys(left + right)}
    if change.lower:
        texts = {text: tokens.lower() for text, tokens in texts.items()}
    return replace(pairs, left=tuple(texts[text] for text in left), right=tuple(texts[text] for text in right))


def graded_rows(table: Table, task: Task, what: str) -> Table:
    """The rows that the task takes, with gold in the place of its labels where it says what these are worth.

    A label that is missing stays so, for its row to be refused, unless the task leaves out what it does not name. Raises DataError where
    no row is left.
    """
    places = task.columns.by_role
    if not (task.worth or task.two_texts) or not table.size or not set(places.values()) <= set(table.columns):
        return table  # `to_pairs` says which column is missing
    rows = list(range(table.size))
    if task.two_texts:
        left, right = (table.columns[places[side]] for side in ("left", "right"))
        rows = [row for row in rows if all(str(texts[row] or "").strip() for texts in (left, right))]
    labels, names = table.columns[places["score"]], names_at(table, places["score"]) or ()
    gold = {row: labels[row] if labels[row] is None else _worth(labels[row], names, task) for row in rows}
    if task.others is None:
        gold = {row: worth for row, worth in gold.items() if worth is not None}
    if not gold:
        raise DataError(f"{what} has no row with one of the labels {', '.join(task.worth)}; use a mirror with the labels of the hub")
    taken = table.take(list(gold))
    labels_left = {name: inner for name, inner in taken.labels.items() if name != places["score"]}
    return replace(taken, columns={**taken.columns, places["score"]: list(gold.values())}, labels=labels_left)


def _worth(label: Any, names: tuple[str, ...], task: Task) -> float | None:
    """What a label is worth by its id or text, or else by its name; what all others are where it has no worth of its own."""
    label = as_id(label)
    known = isinstance(label, int) and 0 <= label < len(names)
    return next((task.worth[key] for key in (str(label), names[label] if known else "") if key in task.worth), task.others)
