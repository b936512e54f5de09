"""Every text with every other, under one system. The texts are the caller's: nothing of them is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.data import Flags, Float64, Pairs
from stsbench.contracts.decision import DecisionRecord
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.items import not_unicode
from stsbench.errors import UsageError
from stsbench.runner.keys import system_key

MOST = 1000  # texts: a million scores, more than anybody reads


@dataclass(frozen=True, eq=False)
class Matrix:
    """`scores` float64[n, n]: row i, column j is the similarity of text i (left) and text j (right) under `system`.

    `decision` is what says which are duplicates, and what a score is on the scale of gold, where one was given.
    """

    system: str
    texts: tuple[str, ...]
    scores: Float64
    decision: DecisionRecord | None = None

    @property
    def calibrated(self) -> Float64 | None:
        """The same on the scale of gold, where there is a decision."""
        return None if self.decision is None else self.decision.calibrated(self.scores)

    @property
    def duplicates(self) -> Flags | None:
        """Which texts are duplicates of which others, bool[n, n], where there is a decision with a threshold; no text is one of itself."""
        if self.decision is None or self.decision.threshold is None:
            return None
        return self.decision.is_duplicate(self.scores) & ~np.eye(len(self.texts), dtype=bool)

    def document(self) -> dict[str, Any]:
        """Everything as plain data; texts that are duplicates by their places, from 0."""
        known = {"system": self.system, "texts": list(self.texts), "scores": self.scores.tolist()}
        calibrated, duplicates = self.calibrated, self.duplicates
        decided = {} if calibrated is None else {"calibrated": calibrated.tolist()}
        return known | decided | ({} if duplicates is None else {"duplicates": np.argwhere(duplicates).tolist()})


def similarity_matrix(
    texts: Sequence[str],
    encoder: str,
    session: Session,
    *,
    similarity: str = SIMILARITY,
    transform: str = "none",
    decision: DecisionRecord | None = None,
) -> Matrix:
    """The similarity of every text with every text. What is fitted with `fit=self` is fitted on these texts.

    A pair scorer may take the encoder's place. Raises UsageError for a request that cannot be met, or a `decision` that is of another
    system, PluginError where a component fails.
    """
    if not 1 <= len(texts) <= MOST:
        raise UsageError(f"a matrix takes 1 to {MOST:,} texts, not {len(texts):,}")
    if bad := not_unicode(texts):
        raise UsageError(f"text {bad[0] + 1} holds bytes or half characters that are no text; write it as UTF-8")
    left, right = zip(*product(texts, texts), strict=True)
    session = session.having(cache=None)
    plan, job, system = session.plan_of_one(Pairs(left, right, np.zeros(len(left))), (encoder, similarity, transform), "matrix")
    if decision is not None:
        decision.require(system_key(job.encoder, system), job.name_of(system))
    ((_, _, scores),) = session.scores(plan)
    return Matrix(job.name_of(system), tuple(texts), np.array(scores).reshape(len(texts), len(texts)), decision)


def heat_map(matrix: Matrix) -> dict[str, Any]:
    """The matrix as a Vega-Lite specification: a coloured square for every two texts."""
    names = [f"{row + 1} {text if len(text) <= 40 else text[:39] + '…'}" for row, text in enumerate(matrix.texts)]
    scored = zip(product(names, names), matrix.scores.ravel().tolist(), strict=True)
    values = [{"left": left, "right": right, "score": score} for (left, right), score in scored]
    axis = {"type": "nominal", "sort": None, "title": None}
    colour = {"field": "score", "type": "quantitative", "scale": {"scheme": "blues"}, "title": "similarity"}
    encoding = {"x": {"field": "right", **axis, "axis": {"labelAngle": -45}}, "y": {"field": "left", **axis}}
    layers: list[dict[str, Any]] = [{"mark": "rect", "encoding": {"color": colour}}]
    if len(names) <= 20:
        middle = float(matrix.scores.min() + matrix.scores.max()) / 2
        ink = {"condition": {"test": f"datum.score > {middle!r}", "value": "white"}, "value": "black"}
        layers.append({"mark": {"type": "text", "fontSize": 10},
                       "encoding": {"text": {"field": "score", "format": ".2f"}, "color": ink}})  # fmt: skip
    return {
        "title": matrix.system,
        "width": {"step": 34},
        "height": {"step": 34},
        "data": {"values": values},
        "encoding": encoding,
        "layer": layers,
    }
