"""The public tasks as `tasks.json`, `pairs.json` (binary) and `visual.json` (of images) have them: where data lie, what they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from stsbench.contracts.data import Pairs
from stsbench.contracts.kinds import Task as Kind
from stsbench.errors import DataError

from .tables.columns import Names

_CLOSE = 1e-4  # gold scores on the hub are partly float32


@dataclass(frozen=True, slots=True)
class Expected:
    """What a split holds over all its subsets, None where that is not known; `contents` is the identity of the pairs in any order."""

    pairs: int
    unique_pairs: int | None = None
    characters: int | None = None
    unique_left: int | None = None
    unique_right: int | None = None
    gold_min: float | None = None
    gold_max: float | None = None
    positives: int | None = None
    contents: str | None = None

    def departures(self, parts: Sequence[Pairs]) -> tuple[str, ...]:
        """What of all parts of a split together is not as expected, in words."""
        left, right = [item for pairs in parts for item in pairs.left], [item for pairs in parts for item in pairs.right]
        counts = (
            ("pairs", len(left), self.pairs),
            ("characters", sum(len(item) for item in (*left, *right) if isinstance(item, str)), self.characters),
            ("unique left texts", len(set(left)), self.unique_left),
            ("unique right texts", len(set(right)), self.unique_right),
            ("unique pairs", len(set(zip(left, right, strict=True))), self.unique_pairs),
            ("positive pairs", sum(int((pairs.gold == 1).sum()) for pairs in parts), self.positives),
        )
        said = [f"{value:,} {name}, expected {wanted:,}" for name, value, wanted in counts if wanted is not None and value != wanted]
        for name, value, wanted in (
            ("lowest", min(float(pairs.gold.min()) for pairs in parts), self.gold_min),
            ("highest", max(float(pairs.gold.max()) for pairs in parts), self.gold_max),
        ):
            if wanted is not None and abs(value - wanted) > _CLOSE:
                said.append(f"{name} gold score {value:zg}, expected {wanted:zg}")
        return (*said, *(_other_contents(parts[0], self.contents, "contents") if len(parts) == 1 else ()))


def _other_contents(pairs: Pairs, wanted: str | None, what: str) -> tuple[str, ...]:
    return (f"{what} {pairs.contents[:8]}, expected {wanted[:8]}",) if wanted and pairs.contents != wanted else ()


@dataclass(frozen=True, slots=True)
class Subsample:
    """A sample of `size` rows in proportion to the values of `column`."""

    column: str
    size: int
    seed: int


@dataclass(frozen=True, slots=True)
class SimCSE:
    """How the texts and rows of a task under the SimCSE protocol depart from those on the hub."""

    tokenise: bool = False
    lower: bool = False
    first_row: int = 0
    contents: str | None = None
    notes: tuple[str, ...] = ()

    def rows(self, pairs: Pairs, what: str) -> Pairs:
        """The rows that the protocol takes; raises DataError where none are left."""
        if len(pairs) <= self.first_row:
            raise DataError(f"{what} has {len(pairs):,} pairs where the protocol takes those from {self.first_row + 1:,}; use other data")
        return pairs.take(slice(self.first_row, None)) if self.first_row else pairs

    def departures(self, pairs: Pairs) -> tuple[str, ...]:
        """Whether the rows that the protocol takes, before their texts are changed, are not the right ones, in words."""
        return _other_contents(pairs, self.contents, f"rows from {self.first_row + 1:,}")


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark as data. `subsets` maps each subset to its languages; a subset is a hub config, or a value of `subset_column`.

    The gold of a `binary` task is 1 and 0. A `nested` one may hold all its rows as lists in one row. `worth` is what labels are worth, by
    id or name; a row of any other is worth `others`, or left out where that is None. With `two_texts`, rows without two texts are left out.
    `unread` subsets are refused for what they hold; `protocol` is that of the figures unless another is asked for.
    """

    name: str
    path: str
    revision: str
    eval_splits: tuple[str, ...]
    subsets: Mapping[str, tuple[str, ...]]
    columns: Names
    score_range: tuple[float, float]
    licence: str
    expected: Mapping[str, Expected]
    config: str | None = None
    other_splits: tuple[str, ...] = ()
    subset_column: str | None = None
    subsample: Subsample | None = None
    simcse: SimCSE | None = None
    superseded_by: str | None = None
    notes: tuple[str, ...] = ()
    task: Kind = "graded"
    nested: bool = False
    worth: Mapping[str, float] = field(default_factory=dict)
    others: float | None = None
    two_texts: bool = False
    unread: Mapping[str, str] = field(default_factory=dict)
    protocol: Literal["mteb", "plain"] = "mteb"

    @property
    def splits(self) -> tuple[str, ...]:
        """All splits that can be asked for, those that are scored by default first."""
        return self.eval_splits + self.other_splits

    @property
    def hides(self) -> bool:
        """Whether a gold score of -1 can only mean that the score is hidden."""
        return self.score_range[0] > -1


@cache
def tasks() -> tuple[Task, ...]:
    """All public tasks of graded pairs, in the order of their names."""
    return _read("tasks.json")


@cache
def binary_tasks() -> tuple[Task, ...]:
    """All public tasks of binary pairs and triplets (paraphrases, duplicate questions, entailment) in the order of their names."""
    return _read("pairs.json")


@cache
def visual_tasks() -> tuple[Task, ...]:
    """All public tasks of graded pairs of images, in the order of their file."""
    return _read("visual.json")


def _read(name: str) -> tuple[Task, ...]:
    return tuple(map(_task, read_definitions(name)))


def read_definitions(name: str) -> Any:
    """What a file of definitions beside this module holds."""
    return json.loads((files(__package__) / name).read_text("utf-8"))


def _task(entry: dict[str, Any]) -> Task:
    sample, simcse = entry.pop("subsample", None), entry.pop("simcse", None)
    low, high = entry.pop("score_range")
    made: dict[str, Any] = {
        "columns": Names(**entry.pop("columns")),
        "subsets": {name: tuple(languages) for name, languages in entry.pop("subsets").items()},
        "expected": {split: Expected(**counts) for split, counts in entry.pop("expected").items()},
        "score_range": (float(low), float(high)),
        "subsample": None if sample is None else Subsample(**sample),
        "simcse": None if simcse is None else SimCSE(**{**simcse, "notes": tuple(simcse.get("notes", ()))}),
    }
    made |= {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Task(**made)
