"""Each rule of a plugin as a whole, observers included, is broken by a double, and the kit says so; all that it offers is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from types import SimpleNamespace
from typing import Any, Literal
from unittest import SkipTest

import pytest

from stsbench.builtin.floor import Hashing
from stsbench.contracts.components.component import Gives
from stsbench.host.discovery import register
from stsbench.host.registry import Registry
from stsbench.plugin import CellFinished, Component, NamedBenchmark, OptionError, RunFinished, RunStarted, hookimpl
from stsbench.testing import Check, checks, encoder_checks, plugin_checks, plugins
from stsbench.testing.check import RAISED, Broken, Offered


def hashing() -> Hashing:
    """An encoder that keeps the contract."""
    return Hashing(dim=8)


def needs_a_target(model: str, /) -> Hashing:
    """An encoder of some model."""
    return Hashing(dim=len(model))


@dataclass(frozen=True)
class Undocumented:
    _: KW_ONLY
    dim: int = 8


class Watches:
    """An observer that keeps the contract, and notes what it is told."""

    def __init__(self) -> None:
        self.figures: list[float | None] = []
        self.open = False

    @hookimpl
    def stsbench_run_started(self, event: RunStarted) -> None:
        assert not self.open
        self.open = True

    @hookimpl
    def stsbench_cell_finished(self, event: CellFinished) -> None:
        self.figures.append(event.figure)

    @hookimpl
    def stsbench_run_finished(self, event: RunFinished) -> None:
        self.open = False


class FormatsWhatIsNone(Watches):
    @hookimpl
    def stsbench_cell_finished(self, event: CellFinished) -> None:
        self.figures.append(round(event.figure, 3))  # type: ignore[arg-type]


class Ends(Watches):
    @hookimpl
    def stsbench_cell_finished(self, event: CellFinished) -> None:
        raise SystemExit("enough")


class KeepsTheFirstRun(Watches):
    @hookimpl
    def stsbench_run_finished(self, event: RunFinished) -> None:
        self.open = event.ok == 0


class Slow(Watches):
    @hookimpl
    def stsbench_run_started(self, event: RunStarted) -> None:
        clock.now += 1.5


clock = SimpleNamespace(now=0.0)


def offering(*components: Any) -> Any:
    return SimpleNamespace(stsbench_encoders=hookimpl(lambda: list(components)))


def checks_of(plugin: Any, **options: Any) -> dict[str, Check]:
    registry = Registry((register(plugin, distribution="doubles", version="1.0"),))
    return {check.name: check for check in plugin_checks("doubles", registry=registry, **options) if check.subject.kind == "plugin"}


BROKEN: list[tuple[str, Any, str]] = [
    ("it_offers_something", SimpleNamespace(), "it has no hook"),
    ("it_offers_something", offering(Component("sound", hashing), "rubbish"), "it returned str, not a Component"),
    ("components_say_what_they_are", offering(Component("bare", lambda: Hashing())), "doubles/bare has none"),
    ("components_say_what_they_are", offering(Component("bare", Undocumented)), "doubles/bare has none"),
    ("all_is_checked", offering(Component("targeted", needs_a_target)), "no reference is given to doubles/targeted"),
    ("all_is_checked", offering(Component("service", hashing, network=True)), "no reference is given to doubles/service"),
    ("observers_take_a_run", FormatsWhatIsNone(), r"stsbench_cell_finished, and is told no more: TypeError"),
    ("observers_take_a_run", Ends(), "SystemExit: enough"),
    ("observers_take_another_run", KeepsTheFirstRun(), "stsbench_run_started, and is told no more: AssertionError"),
    ("observers_return_soon", Slow(), r"it took 1\.5 s for RunStarted"),
]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "perf_counter", lambda: clock.now)


@pytest.mark.parametrize("plugin", [offering(Component("sound", hashing)), Watches()], ids=["offers", "watches"])
def test_a_sound_plugin_passes(plugin: Any) -> None:
    for check in checks_of(plugin).values():
        check()


def test_every_rule_has_a_double_that_breaks_it() -> None:
    assert set(checks_of(Watches())) == {rule for rule, _, _ in BROKEN}


@pytest.mark.parametrize(("rule", "plugin", "message"), BROKEN)
def test_a_double_that_breaks_the_rule_fails_its_check(rule: str, plugin: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=rf"plugin 'doubles' breaks {rule} \(.+\): .*{message}"):
        checks_of(plugin)[rule]()


def test_an_observer_is_told_of_cells_of_every_status() -> None:
    watching = Watches()
    checks_of(watching)["observers_take_a_run"]()
    assert watching.figures == [0.8125, None, None]


def test_all_that_a_plugin_offers_is_checked_and_references_stand_in_for_names(registry_of: Callable[..., Registry]) -> None:
    both: frozenset[Gives] = frozenset({"vectors", "tokens"})
    components = [
        Component("sound", hashing, gives=both),
        Component("targeted", needs_a_target, gives=both),
        Component("other", hashing, gives=both, alias_of="sound"),
    ]
    registry = registry_of(("doubles", "1.0", {"encoders": components}))
    refs = ["targeted:abc", "doubles/targeted:abcd"]
    checks = plugin_checks("doubles", refs=refs, tolerance=1e-3, registry=registry)
    assert {check.subject.tolerance for check in checks if isinstance(check.subject, Offered)} == {1e-3}
    assert {check.subject.ref for check in checks} == {"doubles", "doubles/sound", *refs}
    for check in checks:
        check()
    (check,) = [one for one in plugin_checks("doubles", refs=["absent"], registry=registry) if one.name == "all_is_checked"]
    with pytest.raises(AssertionError, match="it offers nothing that 'absent' names"):
        check()


def test_benchmarks_that_a_component_cannot_do_without_are_the_cores(registry_of: Callable[..., Registry]) -> None:
    def drawn(*, of: NamedBenchmark, by: NamedBenchmark, number: int = 8) -> Hashing:
        """An encoder that is made of two benchmarks."""
        assert (of.card.name, by.card.name) == ("mini", "stress")
        return Hashing(dim=number)

    registry = registry_of(("doubles", "1.0", {"encoders": [Component("drawn", drawn, gives=frozenset({"vectors", "tokens"}))]}))
    checks = plugin_checks("doubles", registry=registry)
    assert {check.subject.ref for check in checks} == {"doubles", "doubles/drawn,of=stsbench/mini,by=stsbench/stress"}
    assert len(checks) > 10, "not only that it resolves"
    for check in checks:
        check()


def test_what_needs_a_reference_is_left_where_others_are_checked() -> None:
    check = checks_of(offering(Component("sound", hashing), Component("targeted", needs_a_target)))["all_is_checked"]
    with pytest.raises(SkipTest, match="doubles/targeted; name a reference to each by --with"):
        check()


def test_a_plugin_that_nobody_installed_is_one_failing_check_with_what_failed_to_load(registry_of: Callable[..., Registry]) -> None:
    (check,) = plugin_checks("stsbench-exmaple", registry=registry_of(("stsbench-example", "1.0", {})))
    with pytest.raises(AssertionError, match=re.escape("no plugin 'stsbench-exmaple' is loaded: did you mean stsbench-example")):
        check()


def test_every_rule_says_what_to_do(registry_of: Callable[..., Registry]) -> None:
    for check in plugin_checks("doubles", registry=registry_of(("doubles", "1.0", {"encoders": [Component("sound", hashing)]}))):
        assert check.asked.endswith(".")
        assert check.remedy.endswith(".")


def test_what_a_component_raises_has_a_remedy_of_its_own(registry_of: Callable[..., Registry]) -> None:
    def keyless() -> Any:
        """Needs a key."""
        raise OptionError("the environment variable KEY is not set")

    registry = registry_of(("doubles", "1.0", {"encoders": [Component("keyless", keyless)]}))
    check = encoder_checks("keyless", registry=registry)[0]
    with pytest.raises(Broken, match="OptionError: the environment variable KEY is not set") as raised:
        check()
    assert raised.value.remedy == RAISED


class Silent:
    """Neither an executor nor an evaluator."""


@pytest.mark.parametrize(
    ("kind", "name", "module"),
    [("executor", "local", "stsbench"), ("evaluator", "sentence-transformers", "stsbench_sentence_transformers")],
)
def test_kinds_of_which_little_is_asked_are_checked_for_their_members(
    kind: Literal["executor", "evaluator"], name: str, module: str, registry_of: Callable[..., Registry]
) -> None:
    pytest.importorskip(module, reason=f"{module} is not installed")
    asked = {check.name: check for check in checks(kind, name)}
    assert set(asked) == {"offers_its_kind", "building_is_light"}
    asked["offers_its_kind"]()
    registry = registry_of(("silent", "1", {f"{kind}s": [Component("silent", Silent)]}))
    (check,) = checks(kind, "silent", registry=registry)
    with pytest.raises(AssertionError, match=r"it has no (address|evaluating)"):
        check()


@pytest.mark.parametrize("name", ["stsbench-ray", "stsbench"])
def test_a_plugin_of_executors_can_be_checked(name: str) -> None:
    pytest.importorskip(name.replace("-", "_"), reason=f"{name} is not installed")
    kinds = {check.subject.kind for check in plugin_checks(name)}
    assert "executor" in kinds
