"""What systems are fitted on, or are said to have been trained on: references to benchmarks, and their pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stsbench.contracts.ref import escape, unescape
from stsbench.errors import OptionError
from stsbench.host.bind import TRAINED_ON
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved


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
