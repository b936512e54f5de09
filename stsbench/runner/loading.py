"""The benchmarks that a run has loaded, each once."""

from __future__ import annotations

from typing import Any

from stsbench.contracts.arrays import type_name
from stsbench.contracts.data import Part
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.wording import counted
from stsbench.host import capabilities
from stsbench.host.resolved import Resolved, blame
from stsbench.runner.failure import discreet
from stsbench.runner.journal import LOG
from stsbench.runner.refused import refuse_unbuilt
from stsbench.runner.system import PlannedBenchmark


class LoadedBenchmarks:
    """Benchmarks by what they are read from: reference, file with its content, and every option, such as the mirror.

    What could not be loaded is tried again.
    """

    def __init__(self) -> None:
        self._benchmarks: dict[tuple[str, ...], PlannedBenchmark] = {}

    def of(self, resolved: Resolved[Any]) -> PlannedBenchmark:
        """The benchmark, loaded if it is not yet; raises DataError or PluginError."""
        place = str(resolved.ref), repr(resolved.target), repr(sorted(resolved.values.items()))
        if place not in self._benchmarks:
            self._benchmarks[place] = load(resolved)
        return self._benchmarks[place]


def load(resolved: Resolved[Any]) -> PlannedBenchmark:
    """The benchmark that a component gives, checked."""
    benchmark = resolved.build()
    if (card := capabilities.benchmark_card(benchmark)) is None:
        raise blame(resolved, "built", "a benchmark needs a BenchmarkCard as its card")
    with discreet(card.private):
        parts = benchmark.load()
    if wrong := next((type_name(part) for part in parts if not isinstance(part, Part)), None):
        raise blame(resolved, "loading", f"it returned {wrong}, where a tuple of Part is expected")
    if not parts or not all(len(part.pairs) for part in parts):
        raise blame(resolved, "loading", "it returned no pairs")
    refuse_unbuilt(card.name, parts)
    places = [part.place for part in parts]
    if len(set(places)) < len(places) or any(WHOLE in place for place in places):
        raise blame(resolved, "loading", "each part needs a split and subset of its own, not named *")
    LOG.info("%s: %s, read from %s", card.name, counted(sum(len(part.pairs) for part in parts), "pair"), parts[0].source.kind)
    return PlannedBenchmark(resolved, card, tuple(parts))
