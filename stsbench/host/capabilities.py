"""Reading what a component offers beside what it must (`contracts.components.capabilities`): here alone, checked, as a plugin's code.

What is not offered, or None, is None, empty or the default. Each function raises PluginError that names the plugin where what is offered
is something else, or fails to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeVar

from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.items import Item
from stsbench.contracts.models.card import ModelCard
from stsbench.contracts.models.services import Cost
from stsbench.host.calling import calling
from stsbench.host.guarded import blame_of

T = TypeVar("T")
D = TypeVar("D")


def _read(name: str, kind: type[T], what: str, absent: D) -> Callable[[object], T | D]:
    """What reads a member of a type."""

    def read(held: object) -> T | D:
        value = getattr(held, name, None)
        if not isinstance(value, kind | None):
            raise blame_of(held, name)(f"it is of type {type(value).__name__}, where {what} is expected")
        return absent if value is None else value

    return read


def _texts(name: str) -> Callable[[object], dict[str, str]]:
    """What reads a member that holds texts by name."""
    mapping: Callable[[object], Mapping[Any, Any]] = _read(name, Mapping, "a mapping of texts by name", {})  # type: ignore[type-abstract]

    def read(held: object) -> dict[str, str]:
        with calling(blame_of(held, name)):
            return {str(key): str(value) for key, value in mapping(held).items()}

    return read


def _method(name: str) -> Callable[[object], Callable[..., Any] | None]:
    """What reads a method, which is not called yet."""

    def read(held: object) -> Callable[..., Any] | None:
        method = getattr(held, name, None)
        return method if callable(method) else None

    return read


def _calling(name: str) -> Callable[..., bool]:
    """What calls a method, where it is offered; whether it was."""

    def call(held: object, *given: object) -> bool:
        if (method := getattr(held, name, None)) is None or not callable(method):
            return False
        method(*given)
        return True

    return call


prompts = _texts("prompts")
task_prompts: Callable[[object], Mapping[str, str] | None] = _read("task_prompts", Mapping, "a mapping of texts by name", None)
provenance = _texts("provenance")
decided = _texts("decided")
identified_up_to = _texts("identified_up_to")
runs_on = _read("runs_on", str, "a text", None)
made_for = _read("made_for", str, "the name of a similarity", None)
model_card = _read("card", ModelCard, "a ModelCard", None)
fingerprint = _read("fingerprint", Fingerprint, "a Fingerprint", None)
is_stored = _read("stored", bool, "True or False", True)
is_whole = _read("whole", bool, "True or False", False)
is_relative = _read("relative", bool, "True or False", False)
trained_on = _read("trained_on", tuple, "a tuple of benchmarks", ())
hosts = _read("hosts", tuple, "a tuple of hosts", ())
splits = _read("splits", tuple, "a tuple of names", ())
bits = _read("bits", int, "a whole number", 32)
expected_pairs = _read("expected_pairs", int, "a whole number", None)
ships = _read("ships", int, "a whole number", None)
tolerance = _read("tolerance", float, "a number", None)
truncated = _method("truncated")
published = _method("published")
matrix = _method("matrix")
texts = _method("texts")
scorer_of_part = _method("for_part")
_in_batches = _method("encode_batches")
_costing = _method("cost")
close = _calling("close")  # lets a component go
prepare = _calling("prepare")  # lets an encoder load its model
pay_from = _calling("pay_from")  # lets an encoder pay from a purse
sides = _read("sides", tuple, "the name and the prompt of either side", None)
reads = _read("reads", frozenset, "a frozenset of kinds of items", None)
sparse_views = _read("sparse_views", tuple, "a tuple of names", ())
_views = [*(_read(kind, tuple, "a tuple of names", ()) for kind in ("views", "token_views")), sparse_views]


def views(component: object) -> tuple[str, ...]:
    """The names of an encoder's vector views, token views and sparse views; a scorer has none."""
    return tuple(name for read in _views for name in read(component))


def cost(encoder: object, texts: Sequence[Item] = (), prompt: str = "") -> Cost | None:
    """What encoding these texts costs, where the encoder tells; of no texts, whether its price is known."""
    if (ask := _costing(encoder)) is None:
        return None
    if not isinstance(asked := ask(list(texts), prompt=prompt), Cost):
        raise blame_of(encoder, "cost")(f"it is of type {type(asked).__name__}, where a Cost is expected")
    return asked


def in_batches(encoder: object) -> Callable[..., Generator[Any]] | None:
    """What an encoder gives as it finishes, where it can; each step runs as a plugin's code, and at the end it is told to stop."""
    if (encode := _in_batches(encoder)) is None:
        return None

    def given(*arguments: Any, **named: Any) -> Generator[Any]:
        steps, end = encode(*arguments, **named), object()
        try:
            while True:
                with calling(blame_of(encoder, "encode")):
                    step = next(steps, end)
                if step is end:
                    return
                yield step
        finally:
            with calling(blame_of(encoder, "encode")):
                getattr(steps, "close", int)()

    return given


def for_part(scorer: Any, split: str, subset: str) -> Any:
    """The scorer of one part of a benchmark: another one, or the scorer itself."""
    choose = scorer_of_part(scorer)
    return scorer if choose is None else choose(split, subset)


def lacking(built: object) -> list[str]:
    """What an object lacks that the core asks of an encoder before it encodes."""
    there = {
        "encode()": callable(getattr(built, "encode", None)),
        "fingerprint, a Fingerprint": isinstance(getattr(built, "fingerprint", None), Fingerprint),
    }
    for name in ("views", "token_views"):
        value = getattr(built, name, None)
        there[f"{name}, a tuple of str"] = isinstance(value, tuple) and all(isinstance(view, str) for view in value)
    return [what for what, is_there in there.items() if not is_there]


def benchmark_card(benchmark: object) -> BenchmarkCard | None:
    """What a benchmark says of itself; None where it is no BenchmarkCard."""
    card = getattr(benchmark, "card", None)
    return card if isinstance(card, BenchmarkCard) else None
