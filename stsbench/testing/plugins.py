"""What the contract asks of a plugin as a whole: that it loads, that all it offers is checked, and that it can watch a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from time import perf_counter
from typing import Any, Final
from unittest import SkipTest

from stsbench.contracts.components.component import Component, Kind
from stsbench.contracts.defaults import own
from stsbench.contracts.events import CellFinished, RunFinished, RunStarted
from stsbench.contracts.ref import Ref
from stsbench.errors import PluginError, UnknownName
from stsbench.host.discovery import HOOKS, LoadedPlugin, Observers, observes
from stsbench.host.suggest import did_you_mean
from stsbench.testing.check import Rule, Subject, expect

SOON: Final = 1.0  # seconds within which an observer has to return

_SYSTEM: Final = ("letters", "sentence", "cosine", "mini")
CELLS: Final = (
    CellFinished(*_SYSTEM, "ok", "spearman", None, {"spearman": 0.8125, "pearson": 0.75, "kendall": 0.625}),
    CellFinished(*_SYSTEM, "undefined", "spearman", "all scores are equal"),
    CellFinished(*_SYSTEM, "failed", "spearman", "the encoder returned NaN", transforms=("whiten",)),
)


@dataclass(frozen=True, eq=False)
class Offer:
    """A component that a plugin offers, and the references to it that were `given` to be checked."""

    kind: Kind
    component: Component[Any]
    full_name: str
    given: tuple[str, ...]

    @property
    def needs_reference(self) -> bool:
        """Whether its name alone does not do, or to name it is to agree: it needs a target, or sends texts off the machine."""
        return self.component.network or (self.component.target is not None and self.component.target.required)

    @property
    def plain(self) -> str:
        """Its full name, with benchmarks of the core for the options that it cannot do without."""
        needed = [option.name for option in self.component.options if option.required]
        return ",".join([self.full_name, *(f"{name}={ref}" for name, ref in zip(needed, cycle(own("mini", "stress"))))])


@dataclass(frozen=True, eq=False)
class PluginSubject(Subject):
    """A plugin under test, by the name of its distribution or entry point."""

    refs: tuple[str, ...] = ()

    @cached_property
    def built(self) -> tuple[LoadedPlugin, ...]:
        """The entry points of that name; raises PluginError where it failed to load, UnknownName where there is none."""
        known = {one: (one.provider.distribution, one.provider.entry_point) for one in self.registry.plugins}
        if loaded := tuple(one for one, names in known.items() if self.ref in names):
            return loaded
        failures = {one: one.provider.rpartition(" ")[0] for one in self.registry.load_failures}
        if mine := [str(one) for one, name in failures.items() if self.ref in (name, name.removeprefix("stsbench-"))]:
            raise PluginError("; ".join(mine))
        broken = "".join(f" ({failure})" for failure in self.registry.load_failures)
        advice = f"{did_you_mean(self.ref, {names[0] for names in known.values()})} (`stsbench plugins` shows all)"
        raise UnknownName(
            f"no plugin {self.ref!r} is loaded: {advice}; a package is one by an entry point of the group 'stsbench', "
            f"which pip notes when it installs it{broken}"
        )

    @cached_property
    def offers(self) -> list[Offer]:
        """All its components but other names of the same, in the order of kinds."""
        providers = [loaded.provider for loaded in self.built]
        offers = [(kind, *offer) for kind in HOOKS for offer in self.registry.offers(kind)]
        return [
            Offer(kind, component, full := f"{provider.distribution}/{component.name}", self._given(component.name, full))
            for kind, component, provider in offers
            if provider in providers and component.alias_of is None and component.presets is None
        ]

    def _given(self, *names: str) -> tuple[str, ...]:
        return tuple(ref for ref in self.refs if Ref.parse(ref).name in names)

    @property
    def observers(self) -> list[LoadedPlugin]:
        """Those of its entry points that watch runs."""
        return [loaded for loaded in self.built if observes(loaded)]

    def tell(self, *events: object) -> None:
        """Hand events to its observers as a run does; raises AssertionError where one of them fails."""
        failures: list[str] = []
        watching = Observers(self.observers, failures.append)
        for event in events:
            watching.tell(event)
        expect(not failures, "; ".join(failures))


def it_offers_something(subject: PluginSubject) -> None:
    """It offers a component or watches runs, and each of its hooks gives components.

    Return a list of Component from a function that is named after a hook and marked with hookimpl.
    """
    mine = {str(loaded.provider) for loaded in subject.built}
    failures = [str(failure) for failure in subject.registry.failures(*HOOKS) if failure.provider in mine]
    expect(not failures, "; ".join(failures))
    expect(subject.offers or subject.observers, "it has no hook")


def components_say_what_they_are(subject: PluginSubject) -> None:
    """Each component has a docstring, which `stsbench list` and `stsbench show` print.

    Write one below the `def` or `class` that the component builds: one sentence, then what its options mean.
    """
    made_up = [offer.full_name for offer in subject.offers if is_made_up(offer.component)]
    expect(not made_up, f"{', '.join(made_up)} has none")


def is_made_up(component: Component[Any]) -> bool:
    """Whether nobody wrote a docstring: a dataclass without one is given its signature."""
    return not component.help or component.help.startswith(f"{getattr(component.build, '__name__', '')}(")


def all_is_checked(subject: PluginSubject) -> None:
    """Its components are checked; one that needs a target, or sends texts off the machine, where a reference to it is given.

    Add `--with REFERENCE` for each (in Python `refs=[...]`): the smallest that does, such as a tiny model in a folder.
    Where others are checked it is left, and not broken.
    """
    unknown = set(subject.refs).difference(*(offer.given for offer in subject.offers))
    expect(not unknown, f"it offers nothing that {', '.join(map(repr, sorted(unknown)))} names")
    left_out = [offer.full_name for offer in subject.offers if offer.needs_reference and not offer.given]
    expect(len(left_out) < len(subject.offers) or not left_out, f"no reference is given to {', '.join(left_out)}")
    if left_out:
        raise SkipTest(f"{', '.join(left_out)}; name a reference to each by --with")


def observers_take_a_run(subject: PluginSubject) -> None:
    """A run with a cell that is ok, one that is undefined and one that failed is watched to its end.

    `figure` and `figures` hold nothing unless the status is ok: look at `status` first.
    """
    subject.tell(RunStarted(("letters",), ("mini",), len(CELLS)), *CELLS, RunFinished(1, 1, 1))


def observers_take_another_run(subject: PluginSubject) -> None:
    """A run that ends without a cell, as one that is interrupted does, and another one after it are watched.

    What belongs to a run is made in stsbench_run_started and let go in stsbench_run_finished.
    """
    subject.tell(RunStarted(("letters",), ("mini",), 1), RunFinished(0, 0, 0), RunStarted((), (), 1), CELLS[0], RunFinished(1, 0, 0))


def observers_return_soon(subject: PluginSubject) -> None:
    """An observer returns within a second of each event: the run waits for it.

    Hand what takes longer to a thread, and wait for that in stsbench_run_finished.
    """
    for event in (RunStarted(("letters",), ("mini",), 1), *CELLS):
        start = perf_counter()
        subject.tell(event)
        took = perf_counter() - start
        expect(took <= SOON, f"it took {took:.1f} s for {type(event).__name__}")
    subject.tell(RunFinished(1, 1, 1))


def plugin_rules(subject: PluginSubject) -> Iterator[Rule]:
    """The rules that apply to a plugin as a whole."""
    assert subject.built
    yield from (it_offers_something, components_say_what_they_are, all_is_checked)
    if subject.observers:
        yield from (observers_take_a_run, observers_take_another_run, observers_return_soon)
