"""A check, the component it is about, and the selection of those that apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stsbench.contracts.component import Component, Kind
from stsbench.contracts.ref import Ref
from stsbench.host.calling import describe
from stsbench.host.provider import Provider
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True, eq=False)
class Subject:
    """The component that a reference names, in the registry that offers it."""

    kind: Kind
    ref: str
    registry: Registry

    @cached_property
    def offer(self) -> tuple[Component[Any], Provider]:
        """The component and who provides it; raises UnknownName, AmbiguousName or RefError."""
        return self.registry.find(self.kind, Ref.parse(self.ref).name)

    @property
    def component(self) -> Component[Any]:
        """What the plugin declares."""
        return self.offer[0]

    @cached_property
    def resolved(self) -> Resolved[Any]:
        """The reference with its options bound."""
        return self.registry.resolve(self.kind, self.ref)

    @cached_property
    def built(self) -> Any:
        """One object of the component, which the checks share."""
        return self.resolved.build()


Rule = Callable[[Any], None]


@dataclass(frozen=True, eq=False)
class Check:
    """One rule of a contract, applied to one component. Calling it raises AssertionError where the component breaks the rule."""

    subject: Subject = field(repr=False)
    rule: Rule

    @property
    def name(self) -> str:
        """The rule's name, by which `without` leaves it out."""
        return self.rule.__name__

    def __str__(self) -> str:
        return f"{self.subject.ref}-{self.name}"

    def __call__(self) -> None:
        """Run the check; raises AssertionError with one sentence."""
        try:
            self.rule(self.subject)
        except AssertionError as error:
            observed, cause = str(error), error.__cause__
        except Exception as error:
            raise AssertionError(self._sentence(describe(error))) from error
        else:
            return
        raise AssertionError(self._sentence(observed)) from cause

    def _sentence(self, observed: str) -> str:
        asked = (self.rule.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        return f"{self.subject.kind} {self.subject.ref!r} breaks {self.name} ({asked}): {observed}"


def expect(holds: object, observed: str) -> None:
    """Raises AssertionError with what was found, unless the rule holds."""
    if not holds:
        raise AssertionError(observed)


def resolves(subject: Subject) -> None:
    """An installed plugin offers the name, and building it raises nothing."""
    assert subject.built is not None


def select(subject: Subject, rules: Callable[[], Iterable[Rule]], without: Mapping[str, str]) -> list[Check]:
    """A check for each rule that applies; `rules` may raise, and then the one check `resolves` fails when it runs.

    Raises ValueError where `without` names no rule that applies, or gives no reason.
    """
    try:
        chosen = list(rules())
    except Exception:  # noqa: BLE001 - collecting tests must not fail: the check does, and says why
        return [Check(subject, resolves)]
    if unknown := set(without) - {rule.__name__ for rule in chosen}:
        raise ValueError(f"without= names {sorted(unknown)}, which no rule for {subject.ref!r} is called")
    if not all(reason.strip() for reason in without.values()):
        raise ValueError("without= takes the reason for each rule that is left out")
    return [Check(subject, rule) for rule in chosen if rule.__name__ not in without]


def parametrize(checks: Iterable[Check]) -> pytest.MarkDecorator:
    """A pytest decorator that makes each check one test of the function's argument `check`, with a readable id."""
    import pytest

    listed = list(checks)
    return pytest.mark.parametrize("check", listed, ids=[str(check) for check in listed])
