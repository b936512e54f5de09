"""Every text of a part against every other: what ranks and nearest neighbours are read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.audit.beyond import Graded, Neighbours
from stsbench.contracts.data import Float64, Index, Part
from stsbench.contracts.items import Item, called
from stsbench.host import capabilities
from stsbench.host.resolved import blame
from stsbench.runner.run import fitted_scorer
from stsbench.runner.score import CHUNK
from stsbench.runner.space import Side, Space
from stsbench.runner.system import System
from stsbench.stats.retrieval import Ranking, neighbour_accuracy, ranking, target_ranks


@dataclass(frozen=True, eq=False)
class Search:
    """The texts of one part under one system; `most` comparisons are made at most where the similarity has no `matrix`."""

    system: System
    space: Space
    scorer: Any
    most: int

    @classmethod
    def of(cls, system: System, space: Space, most: int) -> Search:
        """The search in a system's space, its similarity fitted."""
        return cls(system, space, fitted_scorer(system, space), most)

    @property
    def part(self) -> Part:
        """What is searched."""
        return self.space.part

    def refuse(self, queries: int, candidates: int) -> str | None:
        """Why so many comparisons are not made, if they are not."""
        if capabilities.is_whole(self.scorer):
            return "its scores depend on which pairs are scored together"
        if self._matrix is None and queries * candidates > self.most:
            return f"it would take {queries * candidates:,} comparisons one by one; raise --most to have them"
        return None

    @property
    def _matrix(self) -> Callable[[Any, Any], Float64] | None:
        return capabilities.matrix(self.scorer) if self.system.needs == "vectors" else None

    @property
    def _relative(self) -> bool:
        return capabilities.is_relative(self.scorer)

    def scores(self, left: Index, right: Index) -> Float64:
        """Scores float64[q, c] of texts by row."""
        if (matrix := self._matrix) is not None:
            return self._call("matrix", matrix, (len(left), len(right)), self.space.take(left), self.space.take(right))
        return self.each(np.repeat(left, len(right)), np.tile(right, len(left))).reshape(len(left), len(right))

    def each(self, left: Index, right: Index) -> Float64:
        """Scores float64[n] of pairs of texts by row."""
        return np.concatenate([self._pairs(left[some], right[some]) for some in self.space.chunks(Side(left, right), CHUNK)])

    def _pairs(self, left: Index, right: Index) -> Float64:
        if self.system.needs == "texts":
            given: list[Any] = [tuple(self.space.texts[row][1] for row in side) for side in (left, right)]
        else:
            given = [self.space.take(left), self.space.take(right)]
        return self._call("score", self.scorer.score, (len(left),), *given)

    def _call(self, what: str, method: Callable[..., Any], shape: tuple[int, ...], *given: Any) -> Float64:
        scores = method(*given)
        if not isinstance(scores, np.ndarray) or scores.dtype.kind != "f" or scores.shape != shape:
            is_array = isinstance(scores, np.ndarray)
            wrong = f"{scores.dtype} of shape {scores.shape}, not scores of shape {shape}" if is_array else type(scores).__name__
        elif not np.isfinite(scores).all():  # NaN would read as "no candidate"
            wrong = "NaN or infinity"
        else:
            return scores.astype(np.float64)
        raise blame(self.system.scorer.resolved, "scoring", f"its {what} returned {wrong}")

    def rank(self, graded: Graded) -> Ranking | str:
        """Where the right text of each positive pair stands for its left one among all texts (EvalRank); or why that is not said.

        Neither the query itself nor its other partners of positive pairs are candidates.
        """
        side = self.space.sides[id(self.part)]
        number = self._numbers()
        left, right = number[side.left], number[side.right]
        wanted = sorted({(int(left[row]), int(right[row])) for row in np.flatnonzero(graded.positive) if left[row] != right[row]})
        if not wanted:
            return f"no positive pair has two different {self._items}"
        rows = self._candidates()
        if why := self.refuse(len(wanted), len(rows)):
            return why
        place = {int(number[row]): position for position, row in enumerate(rows)}
        partners: dict[int, set[int]] = {}
        for text, partner in wanted:
            partners.setdefault(text, set()).add(partner)
            partners.setdefault(partner, set()).add(text)
        first = dict(zip(left.tolist(), side.left.tolist(), strict=True))
        queries = np.array([first[one] for one, _ in wanted], dtype=np.intp)
        targets = np.array([place[other] for _, other in wanted], dtype=np.intp)

        def block(asked: Index) -> Float64:
            scores = self.scores(queries[asked], rows)
            for row, query in zip(scores, asked, strict=True):
                source, target = wanted[query]
                row[[place[text] for text in {source, *partners[source]} - {target} if text in place]] = np.nan
            return scores

        ranks = target_ranks(block, np.arange(len(wanted)), targets, relative=self._relative)
        return ranking(ranks, len(rows) - 1)

    def near(self) -> Neighbours | str:
        """Whether the nearest neighbour of a text, among those that no pair joins it with, has its label; or why that is not said.

        A text's label is the group of its pairs, where they are all of one.
        """
        pairs, side = self.part.pairs, self.space.sides[id(self.part)]
        if not pairs.group:
            return f"the pairs have no groups, which label their {self._items}"
        if not self._one_prompt:
            return "left and right texts have different prompts"
        labels: dict[int, set[str]] = {}
        joined: dict[int, set[int]] = {}
        for first, second, group in zip(side.left.tolist(), side.right.tolist(), pairs.group, strict=True):
            for text, partner in ((first, second), (second, first)):
                labels.setdefault(text, set()).add(group)
                joined.setdefault(text, {text}).add(partner)
        rows = np.array([text for text, own in sorted(labels.items()) if len(own) == 1], dtype=np.intp)
        names = sorted({next(iter(labels[row])) for row in rows.tolist()})
        if len(names) < 2:
            return f"the {self._items} have fewer than two labels"
        if why := self.refuse(len(rows), len(rows)):
            return why
        place: Mapping[int, int] = {row: position for position, row in enumerate(rows.tolist())}
        marks = np.array([names.index(next(iter(labels[row]))) for row in rows.tolist()], dtype=np.intp)

        def block(asked: Index) -> Float64:
            scores = self.scores(rows[asked], rows)
            for row, query in zip(scores, asked, strict=True):
                row[[place[text] for text in joined[int(rows[query])] if text in place]] = np.nan
            return scores

        n, accuracy = neighbour_accuracy(block, marks, relative=self._relative)
        return Neighbours(n, len(names), accuracy, float(np.bincount(marks).max() / len(marks)), self._items)

    @property
    def _items(self) -> str:
        """What the part's pairs are of."""
        return called((*self.part.pairs.left, *self.part.pairs.right))

    def _numbers(self) -> Index:
        """A number a text by row, the same for a text under both prompts."""
        known: dict[Item, int] = {}
        return np.array([known.setdefault(text, len(known)) for _, text in self.space.texts], dtype=np.intp)

    def _candidates(self) -> Index:
        """Rows of the part's texts as right texts: all of them where both sides have one prompt."""
        side = self.space.sides[id(self.part)]
        return np.unique(np.concatenate([side.left, side.right]) if self._one_prompt else side.right)

    @property
    def _one_prompt(self) -> bool:
        side = self.space.sides[id(self.part)]
        return len({self.space.texts[row][0] for row in (*side.left.tolist(), *side.right.tolist())}) == 1
