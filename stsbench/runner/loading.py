"""The benchmarks that a run has loaded, each once, and those that components are fitted or were trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from stsbench.contracts.arrays import type_name
from stsbench.contracts.data import Pairs, Part
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.kinds import Task
from stsbench.contracts.ref import Ref, escape, unescape
from stsbench.contracts.wording import counted
from stsbench.errors import DataError, OptionError, UsageError
from stsbench.host import capabilities
from stsbench.host.bind import TRAINED_ON
from stsbench.host.discovery import LOG
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved, blame
from stsbench.runner.refused import discreet
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.metrics.triplets import together

# Benchmarks by what they are read from: reference, file with its content, and every option, such as the mirror.
Loaded = dict[tuple[str, ...], PlannedBenchmark]


def loaded_once(resolved: Resolved[Any], loaded: Loaded) -> PlannedBenchmark:
    """The benchmark, loaded if it is not yet; what cannot be is tried again. Raises DataError or PluginError."""
    place = str(resolved.ref), repr(resolved.target), repr(sorted(resolved.values.items()))
    if place not in loaded:
        loaded[place] = load(resolved)
    return loaded[place]


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
    if not all(isinstance(part.pairs, Pairs) for part in parts):
        raise blame(resolved, "loading", "a part holds something other than Pairs, which `Pairs.of_triplets` makes of triplets")
    if card.task == "triplets" and not all(_of_triplets(part.pairs) for part in parts):
        raise blame(resolved, "loading", "its pairs are not of triplets, as its card says; make them with `Pairs.of_triplets`")
    places = [part.place for part in parts]
    if len(set(places)) < len(places) or any(WHOLE in place for place in places):
        raise blame(resolved, "loading", "two of its parts have the same split and subset, or one is called *; give each its own")
    LOG.info("%s: %s, read from %s", card.name, counted(sum(len(part.pairs) for part in parts), "pair"), parts[0].source.kind)
    return PlannedBenchmark(resolved, card, tuple(parts))


def limited(part: Part, limit: int | None, task: Task) -> Part:
    """At most `limit` pairs, or triplets, evenly spaced, since rows are often sorted by group."""
    rows = together(task, len(part.pairs))
    if limit is None or limit >= len(rows):
        return part
    taken = np.unique(np.linspace(0, len(rows) - 1, limit).round().astype(int))
    return replace(part, pairs=part.pairs.take(rows[taken].T.ravel().tolist()))


def _of_triplets(pairs: Pairs) -> bool:
    """Whether pairs of gold 1 stand before as many of gold 0, with the same left sides."""
    half = len(pairs) // 2
    return np.array_equal(pairs.gold, np.repeat([1.0, 0.0], half)) and pairs.left[:half] == pairs.left[half:]


def canonical(registry: Registry, resolved: Resolved[Any], execution: Mapping[str, object]) -> Resolved[Any]:
    """The component with canonical references, which hold no path, to what it is fitted or trained on."""
    reserved = dict(resolved.reserved)
    for option, raws in data_refs(resolved).items():
        refs = {escape(str(registry.resolve("benchmark", unescape(raw), execution=execution).ref)) for raw in raws}
        reserved[option] = "+".join(sorted(refs))
    return replace(resolved, reserved=reserved)


def data_refs(resolved: Resolved[Any]) -> dict[str, tuple[str, ...]]:
    """Raw references to benchmarks by the reserved option that holds them; raises OptionError for an empty one."""
    refs: dict[str, tuple[str, ...]] = {}
    if (fit := resolved.reserved.get("fit", "self")) != "self":
        refs["fit"] = (fit,)
    if (trained := resolved.reserved.get(TRAINED_ON)) is not None:
        refs[TRAINED_ON] = tuple(trained.split("+"))
        if not all(refs[TRAINED_ON]):
            raise OptionError(f"option {TRAINED_ON!r} takes benchmarks joined by +, as in {TRAINED_ON}=STSBenchmark:train")
    return refs


def read_unrated(resolved: Resolved[Any]) -> tuple[Pairs, bool]:
    """The pairs of a file, of which no score is asked or read (gold is 0), and whether they are private.

    Raises UsageError for what is no file of pairs, DataError for one that cannot be read.
    """
    built = resolved.build()
    card, read = capabilities.benchmark_card(built), capabilities.texts(built)
    if card is None or read is None:
        raise UsageError(f"pairs without scores are those of a file, as in csv:pairs.csv, and {resolved.component.name} is none")
    with discreet(card.private):
        left, right = read()
    return Pairs(left, right, np.zeros(len(left))), card.private


def resolve_data(registry: Registry, text: str, execution: Mapping[str, object]) -> Resolved[Any]:
    """What the reference of a benchmark names; an error of its file says the name that it was given, since its path may be private."""
    try:
        return registry.resolve("benchmark", text, execution=execution)
    except DataError as error:
        name = dict(Ref.parse(text).options).get("name")
        raise DataError(f"{unescape(name)}: {error}") if name else error from error
