"""Rounds: which pairs a page shows in which order, and how much of what was asked has been said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from stsbench.choosing.job import AskedPair, ChoosingJob, RaterLabels, Round
from stsbench.contracts.data import Float64, Index
from stsbench.stats.agreement import mean_rating
from stsbench.stats.choosing.drawing import Drawn
from stsbench.stats.choosing.labels import Labelled


class Twice(NamedTuple):
    """What one person said of a pair that they were asked about again."""

    rater: str
    first: float
    again: float


@dataclass(frozen=True, eq=False)
class Ratings:
    """What people said: `values` float64[n, raters] of all pairs that were drawn, in that order, NaN where one said nothing.

    A person's value is the mean of what they said of a pair.
    """

    raters: tuple[str, ...]
    rows: Index
    rounds: Index
    chances: Float64
    values: Float64
    twice: tuple[Twice, ...]

    @cached_property
    def labels(self) -> Labelled:
        """The pairs with the mean of all who rated them as gold, NaN where nobody did."""
        return Labelled(self.rows, self.rounds, self.chances, mean_rating(self.values))

    @property
    def rated(self) -> int:
        """How many pairs somebody rated."""
        return int(self.labels.labelled.sum())


def ratings_of(rounds: Sequence[Round], labels: Sequence[RaterLabels]) -> Ratings:
    """What was said of all rounds together."""
    raters = tuple(sorted({said.rater for said in labels}))
    given: dict[tuple[int, str], list[float]] = {}
    for asked in rounds:
        for name, item in asked.names().items():
            for said in labels:
                if (value := said.values.get(name)) is not None:
                    given.setdefault((item.row, said.rater), []).append(value)
    rows = [row for asked in rounds for row in asked.drawn]
    table = [[float(np.mean(given.get((row, rater), [np.nan]))) for rater in raters] for row in rows]
    return Ratings(
        raters,
        np.array(rows, dtype=np.intp),
        np.array([asked.number for asked in rounds for _ in asked.drawn], dtype=np.intp),
        np.array([chance for asked in rounds for chance in asked.chances], dtype=np.float64),
        np.array(table, dtype=np.float64).reshape(len(rows), len(raters)),
        tuple(Twice(rater, values[0], values[1]) for (_, rater), values in given.items() if len(values) > 1),
    )


def is_open(asked: Round, labels: Sequence[RaterLabels]) -> bool:
    """Whether nobody has said anything of a round yet."""
    return not any(said.round == asked.number and said.without_gaps() for said in labels)


def next_round(job: ChoosingJob, number: int, drawn: Drawn, repeats: int) -> Round:
    """A round that asks about these pairs, mixed, with their texts on either side, and about some of the first ones again near the end.

    A pair that is asked about again has its texts on the other sides. The same for the same job and number.
    """
    generator = np.random.default_rng([job.seed, number, 1])
    rows = drawn.rows[generator.permutation(len(drawn.rows))].tolist()
    items = [AskedPair(row=row, swapped=bool(swapped)) for row, swapped in zip(rows, generator.integers(0, 2, len(rows)), strict=True)]
    first = generator.permutation(-(-len(items) // 3))[:repeats].tolist()
    for place in first:
        at = int(generator.integers(-(-2 * len(items) // 3), len(items) + 1))
        items.insert(at, AskedPair(row=rows[place], swapped=not items[place].swapped, again=True))
    return Round(job=job.id, number=number, items=tuple(items), drawn=tuple(drawn.rows.tolist()), chances=tuple(drawn.chances.tolist()))
