"""Every text with every other, under one system. The texts are the caller's: nothing of them is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.builtin.benchmarks.given import GivenPairs
from stsbench.contracts.data import Float64, Pairs, Part, Source
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.contracts.texts import not_unicode
from stsbench.errors import UsageError
from stsbench.host.given import Given
from stsbench.runner.request import Request

MOST = 1000  # texts: a million scores, more than anybody reads
_GIVEN = "given-texts"


@dataclass(frozen=True, eq=False)
class Matrix:
    """`scores` float64[n, n]: row i, column j is the similarity of text i (left) and text j (right) under `system`."""

    system: str
    texts: tuple[str, ...]
    scores: Float64

    def document(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {"system": self.system, "texts": list(self.texts), "scores": self.scores.tolist()}


def similarity_matrix(
    texts: Sequence[str], encoder: str, session: Session, *, similarity: str = SIMILARITY, transform: str = "none"
) -> Matrix:
    """The similarity of every text with every text. What is fitted with `fit=self` is fitted on these texts.

    A pair scorer may take the encoder's place. Raises UsageError for a request that cannot be met, PluginError where a component
    fails.
    """
    if not 1 <= len(texts) <= MOST:
        raise UsageError(f"a matrix takes 1 to {MOST:,} texts, not {len(texts):,}")
    if bad := not_unicode(texts):
        raise UsageError(f"text {bad[0] + 1} holds bytes or half characters that are no text; write it as UTF-8")
    given = _every_pair(texts)
    session = session.offering(given)
    plan = session.plan(Request.of(encoder, similarity, str(given), transform))
    (job,) = plan.jobs
    if len(job.systems) > 1:
        raise UsageError(f"a matrix is of one view, and {encoder} has {', '.join(one.view for one in job.systems)}; choose one with view=")
    ((job, system, scores),) = session.having(cache=None).scores(plan)
    return Matrix(job.name_of(system), tuple(texts), np.array(scores).reshape(len(texts), len(texts)))


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
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": matrix.system,
        "background": "white",
        "width": {"step": 34},
        "height": {"step": 34},
        "data": {"values": values},
        "encoding": encoding,
        "layer": layers,
    }


def _every_pair(texts: Sequence[str]) -> Given:
    """A benchmark of every text with every text, private, in memory only."""
    left, right = zip(*product(texts, texts), strict=True)
    part = Part("given", "default", Pairs(left, right, np.zeros(len(left))), Source("memory"))
    return Given("benchmark", _GIVEN, GivenPairs(BenchmarkCard(_GIVEN, private=True), part))
