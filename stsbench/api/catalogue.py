"""What is installed: components, their options, plugins and their failures."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, get_args

from stsbench.contracts.components.component import Component, Kind, Preset
from stsbench.contracts.components.options import OptionKind
from stsbench.contracts.components.protocols import Suite
from stsbench.contracts.ref import Ref, short, unescape
from stsbench.errors import StsbenchError
from stsbench.host import capabilities
from stsbench.host.bind import reserved_options, secret_variable
from stsbench.host.discovery import observes
from stsbench.host.provider import Provider
from stsbench.host.registry import Registry, presets_of

DECLARED: Mapping[Kind, tuple[str, ...]] = {
    "encoder": ("gives", "reads", "network"),
    "transform": ("fits",),
    "similarity": ("needs", "symmetric", "fits", "network"),
}


def list_components(kind: Kind, registry: Registry | None = None) -> list[dict[str, Any]]:
    """Name, canonical id, provider, one-line help and (where a reference has to have one) target of every component of a kind."""
    registry = registry or Registry.installed()
    return [
        {
            "name": component.name,
            "id": f"{provider.distribution}/{component.name}",
            "provider": str(provider),
            "help": " ".join(component.help.partition("\n\n")[0].split()),
            "target": component.target.name.upper() if component.target and component.target.required else "",
        }
        for component, provider in registry.offers(kind)
    ]


def list_presets(registry: Registry) -> list[dict[str, Any]]:
    """The presets of known models: name, the reference that it stands for, and where each option was found."""
    return [
        {"name": f"{component.name}:{name}", "provider": str(provider), "stands_for": preset.reference, "sources": dict(preset.sources)}
        for component, provider in registry.offers("encoder")
        for name, preset in presets_of(component, provider).items()
    ]


def describe_component(kind: Kind, name: str) -> dict[str, Any]:
    """Everything a user can know of a component: help, target, options with kind, type and default, declarations.

    Of a reference with a target it is also told how the model that it names is run, as far as its files say; nothing is loaded.
    """
    registry, ref = Registry.installed(), Ref.parse(name)
    component, provider = registry.find(kind, ref.name)
    target = component.target
    return {
        "kind": kind,
        "name": component.name,
        "id": f"{provider.distribution}/{component.name}",
        "provider": str(provider),
        "help": component.help,
        "target": None if target is None else {"name": target.name, "required": target.required},
        "options": [_option(component, option) for option in component.options],
        "reserved": list(reserved_options(kind, component)),
        **_declared(kind, component, provider),
        **(_of_benchmark(name, registry) if kind == "benchmark" else {}),
        **(_of_model(registry, kind, ref, presets_of(component, provider)) if ref.target and kind in ("encoder", "similarity") else {}),
    }


def _of_model(registry: Registry, kind: Kind, ref: Ref, presets: Mapping[str, Preset]) -> dict[str, Any]:
    """What a preset stands for, told without its model's files, or what an encoder or a pair scorer says of the model that it would load.

    Raises ModelError, OptionError or PluginError.
    """
    resolved = registry.resolve(kind, ref)
    if presets:
        return {"stands_for": short(str(resolved.ref)), "sources": dict(presets[unescape(str(ref.target))].sources)}
    built = resolved.build()
    return {
        "views": list(capabilities.views(built)),
        "hosts": list(capabilities.hosts(built)),
        "runs_on": capabilities.runs_on(built),
        "decided": dict(capabilities.decided(built)),
    }


def _of_benchmark(name: str, registry: Registry) -> dict[str, Any]:
    """What a benchmark says of itself without its data: protocol, splits and expected pairs, of a suite for each member too.

    Empty for one that needs a target, or that cannot be built here.
    """
    try:
        resolved = registry.resolve("benchmark", name)
        built = resolved.build()
    except StsbenchError:
        return {}
    if isinstance(built, Suite):
        named = zip(built.benchmarks, registry.members(resolved, built), strict=True)
        return {"protocol": built.protocol, "members": [{"ref": ref, **_of_benchmark(full, registry)} for ref, full in named]}
    card = built.card
    facts = {"protocol": card.protocol, "aggregation": card.aggregation, "task": card.task}
    return {**facts, "splits": list(capabilities.splits(built)), "pairs": capabilities.expected_pairs(built)}


def _option(component: Component[Any], option: Any) -> dict[str, Any]:
    plain = {"name": option.name, "kind": option.kind.value, "takes": option.expects()}
    if option.kind is OptionKind.SECRET:
        return plain | {"default": None, "environment": secret_variable(component, option)}
    return plain | {"default": None if option.required else option.format(option.default)}


def _declared(kind: Kind, component: Component[Any], provider: Provider) -> dict[str, Any]:
    values = {name: getattr(component, name) for name in ("numerics", *DECLARED.get(kind, ()))}
    return {"editable": provider.editable, **{name: sorted(of) if isinstance(of, Set) else of for name, of in values.items()}}


def list_plugins() -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Every loaded plugin with the names that it offers by kind and whether it observes runs, and every failure."""
    registry = Registry.installed()
    plugins = [
        {
            **{name: getattr(loaded.provider, name) for name in ("distribution", "version", "entry_point", "editable")},
            "offers": registry.offered_by(loaded.provider),
            "observes": observes(loaded),
        }
        for loaded in registry.plugins
    ]
    failures = [{"provider": one.provider, "stage": one.stage, "error": one.error} for one in registry.failures(*get_args(Kind))]
    return plugins, failures
