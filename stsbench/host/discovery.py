"""Loading, asking and telling plugins one by one, so that none can break or hide another.

pluggy's own loader stops at the first entry point that fails to import and drops the second of two distributions that use the
same entry-point name; hence a loop of our own, with one plugin manager for each plugin.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import Any, Final

import pluggy

from stsbench import hookspecs
from stsbench.contracts.components.component import Component, Kind
from stsbench.contracts.events import CellFinished, RunFinished, RunStarted
from stsbench.errors import PluginError, StsbenchError
from stsbench.host.calling import calling, describe, located
from stsbench.host.guarded import listed
from stsbench.host.provider import Failure, Provider, is_editable
from stsbench.host.suggest import did_you_mean

HOOKS: dict[Kind, str] = {
    "encoder": "stsbench_encoders",
    "transform": "stsbench_transforms",
    "similarity": "stsbench_similarities",
    "benchmark": "stsbench_benchmarks",
    "writer": "stsbench_writers",
    "executor": "stsbench_executors",
    "evaluator": "stsbench_evaluators",
}
LOG: Final = logging.getLogger("stsbench")
LOG.addHandler(logging.NullHandler())  # who uses it as a library says what is shown
MOST: Final = 10_000  # components of a kind that one plugin may offer


@dataclass(frozen=True, eq=False)
class LoadedPlugin:
    """A registered plugin, ready to be asked."""

    provider: Provider
    manager: pluggy.PluginManager

    def ask(self, kind: Kind) -> tuple[tuple[Component[Any], ...], tuple[Failure, ...]]:
        """The components of a kind that the plugin offers, and what was wrong with its answer."""
        hook = getattr(self.manager.hook, HOOKS[kind])
        components: list[Component[Any]] = []
        failures = []
        try:
            with calling():
                given = hook() or [None] * len(hook.get_hookimpls())  # pluggy drops None
                answers = [component for answer in given for component in listed(answer, MOST)]
        except StsbenchError as error:
            return (), (self.failure(kind, located(error, self.provider.package)),)
        for component in answers:
            if type(component) is not Component:
                problem = f"it returned {type(component).__name__}, not a Component"
            elif sum(type(other) is Component and other.name == component.name for other in answers) > 1:  # which is meant, nobody knows
                problem = f"it offers the {kind} {component.name!r} twice"
            elif component.alias_of is not None and not any(
                type(other) is Component and other.name == component.alias_of and other.alias_of is None for other in answers
            ):
                problem = f"it offers {component.name!r} as another name of {component.alias_of!r}, and no {kind} of that name"
            else:
                components.append(component)
                continue
            failures.append(self.failure(kind, problem))
        return tuple(components), tuple(dict.fromkeys(failures))

    def failure(self, kind: Kind, problem: str) -> Failure:
        """What was wrong with the plugin's answer."""
        return Failure(str(self.provider), f"asked for {HOOKS[kind]}", problem)


def register(plugin: Any, *, distribution: str, version: str, entry_point: str = "inline", editable: bool = False) -> LoadedPlugin:
    """A plugin object, registered alone.

    Raises PluginError where a hook's name, mark or arguments are wrong, or where it is made for a newer stsbench.
    """
    declared = getattr(plugin, hookspecs.DECLARED, hookspecs.API_VERSION)
    if type(declared) is not int or not 1 <= declared <= hookspecs.API_VERSION:
        raise PluginError(
            f"{distribution} {version} is made for version {declared!r} of the plugin surface ({hookspecs.DECLARED}), and this stsbench "
            f"has version {hookspecs.API_VERSION}; update stsbench, or install an earlier version of the plugin"
        )
    _check_hooks(plugin)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name=entry_point)
    return LoadedPlugin(Provider(distribution, version, entry_point, plugin, editable), manager)


def _check_hooks(plugin: Any) -> None:
    """Raises PluginError for a function named after a hook without the mark, one with it named after none, and one that asks for more."""
    hooks = {name: set(signature(hook).parameters) for name, hook in vars(hookspecs).items() if name.startswith(f"{hookspecs.PROJECT}_")}
    for name in dir(plugin):
        member: Any = getattr(plugin, name, None)
        marked = isinstance(getattr(member, f"{hookspecs.PROJECT}_impl", None), dict)
        if marked and name not in hooks:
            raise PluginError(f"there is no hook {name}: {did_you_mean(name, hooks)}")
        if name in hooks and not marked and callable(member):
            raise PluginError(f"{name} is not marked, and would never be called; put @hookimpl of stsbench.plugin above it")
        if marked and (more := ", ".join(set(signature(member).parameters) - hooks[name])):
            given = f"only {', '.join(hooks[name])}" if hooks[name] else "nothing"
            raise PluginError(f"{name} takes {more}, and is given {given}; leave out every other parameter")


def discover() -> tuple[tuple[LoadedPlugin, ...], tuple[Failure, ...]]:
    """Every installed plugin that can be loaded, built-in first and then by distribution, and the failures of the others."""
    installed = sorted(_distinct(), key=lambda item: (item[1] != "stsbench", item[1], item[0].name))
    loaded, failures = [], []
    for entry_point, distribution, version, editable in installed:
        stage = "imported"
        try:
            with calling():
                if not EntryPoint.pattern.match(entry_point.value):
                    raise PluginError(f"its entry point {entry_point.value!r} names no module, as stsbench_{entry_point.name} would")
                plugin = entry_point.load()
                stage = "registered"
                loaded.append(register(plugin, distribution=distribution, version=version, entry_point=entry_point.name, editable=editable))
        except StsbenchError as error:
            package = entry_point.value.partition(":")[0].partition(".")[0].strip()
            failures.append(Failure(f"{distribution} {version}", stage, located(error, package)))
    for outcome in (*loaded, *failures):
        LOG.debug("plugin %s", outcome.provider if isinstance(outcome, LoadedPlugin) else outcome)
    return tuple(loaded), tuple(failures)


def _distinct() -> Iterator[tuple[EntryPoint, str, str, bool]]:
    seen = set()
    for entry_point in entry_points(group=hookspecs.PROJECT):
        distribution = entry_point.dist
        name = distribution.name if distribution else "unknown"
        if (name, entry_point.name, entry_point.value) not in seen:  # the same folder twice on sys.path is one plugin
            seen.add((name, entry_point.name, entry_point.value))
            yield entry_point, name, distribution.version if distribution else "?", bool(distribution and is_editable(distribution))


OBSERVERS: Final[dict[type, str]] = {
    RunStarted: "stsbench_run_started",
    CellFinished: "stsbench_cell_finished",
    RunFinished: "stsbench_run_finished",
}


def observes(loaded: LoadedPlugin) -> bool:
    """Whether a plugin is told of what a run does."""
    return any(getattr(loaded.manager.hook, hook).get_hookimpls() for hook in OBSERVERS.values())


class Observers:
    """The plugins that watch one run."""

    def __init__(self, plugins: Sequence[LoadedPlugin], warn: Callable[[str], None]) -> None:
        self._plugins = [one for one in plugins if observes(one)]
        self._warn = warn

    def tell(self, event: Any) -> None:
        """Hand a run's event to every plugin that still watches; other events are nobody's."""
        if (hook := OBSERVERS.get(type(event))) is None:
            return
        for loaded in list(self._plugins):
            try:
                with calling():
                    getattr(loaded.manager.hook, hook)(event=event)
            except StsbenchError as error:
                self._plugins.remove(loaded)
                self._warn(f"{loaded.provider} failed while it was told of {hook}, and is told no more: {describe(error)}")
