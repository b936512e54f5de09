"""Supervised similarities must not have seen the pairs that they are measured on."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.contracts.data import Part
from stsbench.errors import PlanError
from stsbench.runner.system import Planned, PlannedBenchmark, System


def shared_pairs(fit: Iterable[Part], measured: Iterable[Part]) -> int:
    """How many of the measured pairs are among those of the fit, whatever their order, case, punctuation and spacing."""
    seen = {key for part in fit for key in part.pairs.keys}
    if not seen:  # the keys of millions of pairs are not made for nothing
        return 0
    return sum(key in seen for part in measured for key in part.pairs.keys)


def leaks(component: Planned, parts: Iterable[Part]) -> int:
    """How many of these pairs a supervised component was trained on; 0 for one that is not supervised."""
    return shared_pairs(component.fit_parts, parts) if component.supervised else 0


def refuse_leak(system: System, benchmark: PlannedBenchmark) -> None:
    """Raises PlanError where the system's similarity was trained on pairs of the benchmark, unless its option `leak` allows it."""
    similarity = system.scorer
    if similarity.resolved.reserved.get("leak") == "true":
        return
    if shared := leaks(similarity, benchmark.parts):
        raise PlanError(
            f"{similarity.resolved.label} is trained on {shared} of the pairs of {benchmark.name}; choose other training data with fit=, "
            "leave the benchmark out, or add leak=true to score it all the same, flagged as leaked"
        )
