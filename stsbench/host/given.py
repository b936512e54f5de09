"""Objects that were given in Python, as components: with a name, and a version where they have one, they go the way of all others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeGuard

from stsbench.contracts.arrays import type_name
from stsbench.contracts.components.component import NAME, Component, Kind
from stsbench.contracts.ref import PYTHON, Ref, escape
from stsbench.errors import OptionError, UsageError
from stsbench.hookspecs import hookimpl
from stsbench.host.discovery import HOOKS, register
from stsbench.host.registry import Registry


@dataclass(frozen=True)
class Given:
    """An object (`made`) as the encoder or benchmark `name`. Whoever gives it vouches that name and version mean one thing."""

    kind: Kind
    name: str
    made: Any = field(repr=False)
    version: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.match(self.name):
            raise OptionError(f"the name of {'an' if self.kind == 'encoder' else 'a'} {self.kind} takes letters, digits, '.', '_' and '-'")

    def __str__(self) -> str:
        """The reference that it is known by."""
        ref = Ref(f"{PYTHON}/{self.name}")
        return str(ref.with_options(version=escape(self.version)) if self.version else ref)


def is_given(value: object, kind: Kind) -> TypeGuard[Given]:
    """Whether `value` is an object that was given as one of that kind."""
    return isinstance(value, Given) and value.kind == kind


def offering(registry: Registry, given: Iterable[Given]) -> Registry:
    """The registry with these too; raises UsageError where two of one kind have one name and version."""
    made: dict[Kind, dict[str, dict[str, Any]]] = {}
    earlier = [loaded.provider.plugin for loaded in registry.plugins if loaded.provider.distribution == PYTHON]
    before = [item for plugin in earlier for item in getattr(plugin, "given", ())]
    for item in (given := [*before, *given]):
        if not isinstance(item, Given):
            raise UsageError(
                f"what is offered is what stsbench.named or stsbench.pairs gives, not {type_name(item)}; give it a name by these"
            )
        versions = made.setdefault(item.kind, {}).setdefault(item.name, {})
        if versions.setdefault(item.version, item.made) is not item.made:
            raise UsageError(f"two {item.kind}s are given as {str(item).partition('/')[2]}; give each a name of its own")
    if not made:
        return registry
    components = {kind: [Component(name, _builder(versions)) for name, versions in names.items()] for kind, names in made.items()}
    plugin = SimpleNamespace(given=given, **{HOOKS[kind]: hookimpl(_answer(offered)) for kind, offered in components.items()})
    others = [loaded for loaded in registry.plugins if loaded.provider.distribution != PYTHON]
    return replace(registry, plugins=(*others, register(plugin, distribution=PYTHON, version="(this session)")))


def _answer(components: list[Component[Any]]) -> Callable[[], list[Component[Any]]]:
    return lambda: components


def _builder(versions: Mapping[str, Any]) -> Callable[..., Any]:
    def build(*, version: str = "") -> Any:
        """An object that was given in Python."""
        if version not in versions:
            raise OptionError(f"it was given in the versions {', '.join(versions)}, not {version!r}")
        return versions[version]

    return build
