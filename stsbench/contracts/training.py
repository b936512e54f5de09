"""What is measured of a model while it is trained, and what hands that to a training library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class Reading:
    """Figures by name, of those that a `Gauge` names; one that is undefined has none.

    On a baseline, where there is one, `verdict` says how the model stands to it, and `outcome` whether it is not worse by the margin: met,
    not met, or cannot tell.
    """

    figures: Mapping[str, float]
    verdict: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Gauge:
    """What a training library asks of a model now and then.

    `name` says what it is measured by; `of(model)` measures an object with `encode(list[str]) -> array`, and raises StsbenchError where it
    fails. Figures are `names`, higher ones better, and `main` is the one to choose a checkpoint by, which is always there: it is minus
    infinity where it is undefined.
    """

    name: str
    of: Callable[[Any], Reading]
    main: str
    names: tuple[str, ...]


@runtime_checkable
class Evaluator(Protocol):
    """Makes what a training library calls an evaluator of a measure. Building one loads no such library; `evaluating` may."""

    def evaluating(self, measure: Gauge) -> Any:
        """What that library's trainer takes."""
        ...
