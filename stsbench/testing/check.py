"""A check, what it is about, and how a test runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getdoc
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

from stsbench.contracts.components.component import Component, Kind
from stsbench.contracts.defaults import PADDED
from stsbench.contracts.ref import Ref
from stsbench.host.calling import describe
from stsbench.host.provider import Provider
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved

if TYPE_CHECKING:
    import pytest

ROUNDING = 1e-9  # of the largest value: what another order of summation may change
RAISED = "Mend what raises this, or what it asks for; pytest shows where: stsbench.testing has the same checks as tests."
Rule = Callable[[Any], None]  # its docstring says in one sentence what is asked, and below that what to do where it does not hold


@dataclass(frozen=True, eq=False)
class Subject(ABC):
    """What is under test: the component that a reference names, or a plugin as a whole."""

    kind: str
    ref: str
    registry: Registry = field(repr=False)
    broken: dict[str, str] = field(default_factory=dict, repr=False, init=False)  # rules on which others rest that do not hold, and why

    @property
    @abstractmethod
    def built(self) -> Any:
        """One object, which the checks share."""


@dataclass(frozen=True, eq=False)
class Offered(Subject):
    """A component under test. `tolerance` is the relative difference that batches may make, `others` must not share its fingerprint."""

    kind: Kind
    tolerance: float = PADDED
    others: tuple[str, ...] = ()

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
        """One object of the component."""
        return self.resolved.build()


class Broken(AssertionError):
    """A rule does not hold: a sentence of what is under test, what is asked of it, and what was `observed`; `remedy` is what to do."""

    def __init__(self, check: Check, observed: str, remedy: str) -> None:
        asked = check.asked.rstrip(".")
        super().__init__(f"{check.subject.kind} {check.subject.ref!r} breaks {check.name} ({asked}): {observed}")
        self.observed, self.remedy = observed, remedy


@dataclass(frozen=True, eq=False)
class Check:
    """One rule of a contract, applied to one component. Calling it raises Broken, an AssertionError, where the rule does not hold."""

    subject: Subject = field(repr=False)
    rule: Rule
    basis: bool = False  # whether others rest on it: of what is not of the right form nothing else can be told
    rests: bool = False  # whether it rests on those

    @property
    def name(self) -> str:
        """The rule's name, by which `without` leaves it out."""
        return self.rule.__name__

    @property
    def asked(self) -> str:
        """What the contract asks, in one sentence."""
        return (getdoc(self.rule) or "").partition("\n")[0]

    @property
    def remedy(self) -> str:
        """What to do where that does not hold; what is asked, where nothing more can be said."""
        return " ".join((getdoc(self.rule) or "").partition("\n")[2].split()) or f"see to it: {self.asked}"

    def __str__(self) -> str:
        return f"{self.subject.ref}-{self.name}"

    def __call__(self) -> None:
        """Run the check; raises Broken, or SkipTest where what it is about is not checked."""
        for name, observed in self.subject.broken.items():
            if self.rests and name != self.name:
                raise Broken(self, f"nothing can be told of it, since {name} does not hold: {observed}", "Mend that first.")
        cause: BaseException | None
        try:
            self.rule(self.subject)
            return
        except SkipTest:  # which pytest knows, too
            raise
        except AssertionError as error:
            fault, cause = Broken(self, str(error), self.remedy), error.__cause__
        except Exception as error:  # noqa: BLE001 - whatever it is, the rule does not hold
            fault, cause = Broken(self, describe(error), RAISED), error
        if self.basis:
            self.subject.broken[self.name] = fault.observed
        raise fault from cause


def expect(holds: object, observed: str) -> None:
    """Raises AssertionError with what was found, unless the rule holds."""
    if not holds:
        raise AssertionError(observed)


def parametrize(checks: Iterable[Check]) -> pytest.MarkDecorator:
    """A pytest decorator that makes each check one test of the function's argument `check`, with a readable id."""
    import pytest

    listed = list(checks)
    return pytest.mark.parametrize("check", listed, ids=[str(check) for check in listed])
