"""Reading what a component offers beside what it must (`stsbench.contracts.capabilities`): here alone, checked, as a plugin's code.

What is not offered, or None, is None, empty or the default. Each function raises PluginError that names the plugin where what is offered
is something else, or fails to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from stsbench.contracts.card import ModelCard
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.host.calling import calling
from stsbench.host.guarded import blame_of

if TYPE_CHECKING:
    from stsbench.contracts.data import Float64

T = TypeVar("T")


def prompts(encoder: object) -> Mapping[str, str]:
    """The named prompts of a model's configuration."""
    return _texts(encoder, "prompts")


def provenance(encoder: object) -> Mapping[str, str]:
    """Facts that are known once an encoder ran."""
    return _texts(encoder, "provenance")


def decided(component: object) -> Mapping[str, str]:
    """How a model is run, resolved from its files."""
    return _texts(component, "decided")


def identified_up_to(encoder: object) -> Mapping[str, str]:
    """By view up to which maps training determines the vectors."""
    return _texts(encoder, "identified_up_to")


def runs_on(component: object) -> str | None:
    """What would run a model."""
    return _read(component, "runs_on", str, "a text")


def made_for(encoder: object) -> str | None:
    """The name of the similarity that a model was trained for."""
    return _read(encoder, "made_for", str, "the name of a similarity")


def model_card(encoder: object) -> ModelCard | None:
    """What a model says of itself."""
    return _read(encoder, "card", ModelCard, "a ModelCard")


def is_stored(encoder: object) -> bool:
    """Whether an encoder's vectors are kept: they are, unless it says otherwise."""
    return _read(encoder, "stored", bool, "True or False") is not False


def truncated(encoder: object) -> Callable[..., Any] | None:
    """What tells which texts an encoder would cut, without its model."""
    return _method(encoder, "truncated")


def close(component: object) -> None:
    """Let a component go, where it has to be told."""
    if (found := _method(component, "close")) is not None:
        found()


def views(component: object) -> tuple[str, ...]:
    """The names of an encoder's vector views and token views; a scorer has none."""
    return tuple(name for kind in ("views", "token_views") for name in _read(component, kind, tuple, "a tuple of names") or ())


def is_encoder(built: object) -> bool:
    """Whether an object has what the core asks of an encoder before it encodes."""
    names = (getattr(built, "views", None), getattr(built, "token_views", None))
    right = all(isinstance(one, tuple) and all(isinstance(view, str) for view in one) for one in names)
    return right and callable(getattr(built, "encode", None)) and isinstance(getattr(built, "fingerprint", None), Fingerprint)


def fingerprint(component: object) -> Fingerprint | None:
    """What can change a component's numbers beside its options."""
    return _read(component, "fingerprint", Fingerprint, "a Fingerprint")


def matrix(scorer: object) -> Callable[[Any, Any], Float64] | None:
    """What scores every left row with every right one."""
    return _method(scorer, "matrix")


def for_part(scorer: Any, split: str, subset: str) -> Any:
    """The scorer of one part of a benchmark: another one, or the scorer itself."""
    found = _method(scorer, "for_part")
    return scorer if found is None else found(split, subset)


def scores_by_part(scorer: object) -> bool:
    """Whether a scorer is told which part it scores."""
    return _method(scorer, "for_part") is not None


def is_whole(scorer: object) -> bool:
    """Whether a scorer wants all pairs of a part at once, since a score may depend on the others."""
    return _read(scorer, "whole", bool, "True or False") or False


def benchmark_card(benchmark: object) -> BenchmarkCard | None:
    """What a benchmark says of itself; None where it is no BenchmarkCard."""
    found = getattr(benchmark, "card", None)
    return found if isinstance(found, BenchmarkCard) else None


def splits(benchmark: object) -> tuple[str, ...]:
    """The splits that a benchmark's reference selects."""
    return _read(benchmark, "splits", tuple, "a tuple of names") or ()


def expected_pairs(benchmark: object) -> int | None:
    """How many pairs a benchmark holds, known without loading."""
    return _read(benchmark, "expected_pairs", int, "a whole number")


def _read(held: object, name: str, kind: type[T], what: str) -> T | None:
    found = getattr(held, name, None)
    if not isinstance(found, kind | None):
        raise _offence(held, name, found, what)
    return found


def _offence(held: object, name: str, found: object, what: str) -> Exception:
    return blame_of(held, name)(f"it is of type {type(found).__name__}, where {what} is expected")


def _texts(held: object, name: str) -> dict[str, str]:
    found = getattr(held, name, None)
    if not isinstance(found, Mapping | None):
        raise _offence(held, name, found, "a mapping of texts by name")
    with calling(blame_of(held, name)):
        return {str(key): str(value) for key, value in (found or {}).items()}


def _method(held: object, name: str) -> Callable[..., Any] | None:
    found = getattr(held, name, None)
    return found if callable(found) else None
