"""Every system's scores of pairs for which there is no gold: what is needed to look at them, or to choose which to have rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.builtin.benchmarks.given import GivenPairs
from stsbench.contracts.data import Float64, Pairs, Part, Source
from stsbench.contracts.events import Warned
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.errors import PluginError, UsageError
from stsbench.host import capabilities
from stsbench.host.given import Given
from stsbench.runner.refused import discreet
from stsbench.runner.request import Request
from stsbench.runner.system import Job, System

_GIVEN = "pairs-without-gold"


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
    resolved = session.registry.resolve("benchmark", pairs, execution=session.setup.execution)
    built = resolved.build()
    card, read = capabilities.benchmark_card(built), capabilities.texts(built)
    if card is None or read is None:
        raise UsageError(f"pairs to score are those of a file, as in csv:pairs.csv, and {resolved.component.name} is none")
    with discreet(card.private):
        left, right = read()
    unrated = np.zeros(len(left))  # what the runner asks of pairs; no figure is read
    part = Part("given", "default", Pairs(left, right, unrated), Source("file"))
    given = Given("benchmark", _GIVEN, GivenPairs(BenchmarkCard(_GIVEN, private=card.private), part))
    session = session.offering(given)
    plan = session.plan(Request.of(encoders, similarities, str(given), transforms))
    if plan.failed:
        raise plan.failed[0].error or PluginError(plan.failed[0].reason)
    for reason in dict.fromkeys(one.reason for one in plan.left_out):
        session.listen(Warned(f"left out: {reason}"))
    scored = list(session.scores(plan))
    named = dict(zip(_names([(job, system) for job, system, _ in scored]), (scores for _, _, scores in scored), strict=True))
    return PairScores(tuple(named), np.column_stack(list(named.values())))


def _names(systems: Sequence[tuple[Job, System]]) -> list[str]:
    """A name for each: the short one where that is no other's, else the full one, which systems share that differ in no score."""
    short = [job.name_of(system) for job, system in systems]
    return [name if short.count(name) == 1 else job.reference_of(system) for name, (job, system) in zip(short, systems, strict=True)]
