"""Every system's scores of pairs for which there is no gold: what is needed to look at them, or to choose which to have rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.data import Float64
from stsbench.runner.loading import read_unrated


@dataclass(frozen=True, eq=False)
class PairScores:
    """`scores` float64[n, s]: row i is pair i of the file, column j the system `systems[j]`; higher means more similar."""

    systems: tuple[str, ...]
    scores: Float64

    def document(self) -> dict[str, Any]:
        """Everything as plain data; no text."""
        return {"systems": list(self.systems), "scores": self.scores.tolist()}


def score_pairs(
    pairs: str, encoders: Sequence[str], similarities: Sequence[str], session: Session, transforms: Sequence[str] = ()
) -> PairScores:
    """The scores of every system on the pairs of a file, such as `csv:pairs.csv`, of which no score is asked or read.

    What is fitted with `fit=self` is fitted on these texts. Raises UsageError for a request that cannot be met, DataError for a file that
    cannot be read, PluginError where a component fails: scores of some systems only would be taken for those of all.
    """
    read, private = read_unrated(session.registry.resolve("benchmark", pairs, execution=session.setup.execution))
    plan = session.plan_of_pairs(read, encoders, similarities, transforms, private=private)
    scored = dict(zip(plan.labels, (scores for _, _, scores in session.scores(plan)), strict=True))
    return PairScores(tuple(scored), np.column_stack(list(scored.values())))
