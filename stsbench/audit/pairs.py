"""What the pairs of a benchmark are worth: texts, gold scores, pairs that occur again, and what other data share with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Pairs
from stsbench.contracts.items import called

HIDDEN = -1.0  # what stands for a gold score that is kept back


@dataclass(frozen=True, slots=True)
class Texts:
    """`total` is two a pair; `unique` counts them as they are written. `identical`: pairs whose two texts are the same, normalised.

    `items` is what they are: texts, images, or texts and images.
    """

    total: int
    unique: int
    empty: int
    identical: int
    items: str

    @property
    def repetition(self) -> float:
        """How often a text occurs on average: what encoding each once saves."""
        return self.total / self.unique


@dataclass(frozen=True, slots=True)
class Labels:
    """Gold scores. `outside` counts those beyond the declared `range` and is None without one; `hidden`, a -1 among scores from 0."""

    lowest: float
    highest: float
    distinct: int
    range: tuple[float, float] | None
    outside: int | None
    hidden: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A pair that has several gold scores: its rows, by place in the list, and their scores."""

    rows: tuple[int, ...]
    gold: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """Pairs that occur more than once, normalised and whatever the order of their sides.

    `pairs` are distinct pairs and `rows` all their occurrences; `swapped` of them occur in both orders. `conflicts` are those whose gold
    scores differ, the widest apart first.
    """

    pairs: int
    rows: int
    swapped: int
    conflicts: tuple[Conflict, ...]

    @property
    def conflicting_rows(self) -> int:
        """Rows that have another gold score elsewhere."""
        return sum(len(one.rows) for one in self.conflicts)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Pairs that two lists share: `distinct` pairs, the `here` rows of the first list and the `there` rows of the other that hold them.

    `groups` counts the rows there by group. Rows and distinct pairs differ where a pair occurs more than once in a list.
    """

    distinct: int
    here: int
    there: int
    of_here: int
    of_there: int
    groups: dict[str, int]


def texts_of(pairs: Pairs) -> Texts:
    """Counts of the texts of both sides."""
    written = [*pairs.left, *pairs.right]
    empty = sum(isinstance(item, str) and not item.strip() for item in written)
    return Texts(len(written), len(set(written)), empty, sum(left == right for left, right in pairs.keys), called(written))


def labels_of(pairs: Pairs, declared: tuple[float, float] | None) -> Labels:
    """Range and number of the gold scores, and those that cannot be right."""
    gold = pairs.gold
    outside = None if declared is None else int(((gold < declared[0]) | (gold > declared[1])).sum())
    others = gold[gold != HIDDEN]
    hidden = len(gold) - len(others) if len(others) and others.min() >= 0 else 0
    return Labels(float(gold.min()), float(gold.max()), len(np.unique(gold)), declared, outside, hidden)


def repeats_of(pairs: Pairs) -> Repeats:
    """Pairs that occur more than once."""
    places: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(pairs.keys):
        places.setdefault(key, []).append(row)
    repeated = [rows for rows in places.values() if len(rows) > 1]
    gold = [(tuple(rows), tuple(pairs.gold[rows].tolist())) for rows in repeated]
    conflicts = [Conflict(*one) for one in gold if len(set(one[1])) > 1]
    conflicts.sort(key=lambda one: (min(one.gold) - max(one.gold), one.rows))
    swapped = sum(len({pairs.sides[row] for row in rows}) > 1 for rows in repeated)  # a pair of a text with itself has one order only
    return Repeats(len(repeated), sum(map(len, repeated)), swapped, tuple(conflicts))


def overlap_of(pairs: Pairs, other: Pairs) -> Overlap:
    """What `pairs` and `other` share, by normalised texts, whatever the order of their sides."""
    shared = set(pairs.keys) & set(other.keys)
    rows = [row for row, key in enumerate(other.keys) if key in shared]
    groups = Counter(other.group[row] for row in rows) if other.group else Counter[str]()
    here = sum(key in shared for key in pairs.keys)
    return Overlap(len(shared), here, len(rows), len(pairs), len(other), dict(groups.most_common()))
