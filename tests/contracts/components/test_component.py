from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Execution, Location, OptionKind, Secret, SecretText, Views
from stsbench.contracts.components.protocols import NamedBenchmark
from stsbench.contracts.fingerprint import digest
from stsbench.errors import OptionError
from stsbench.host.registry import Registry


def build(
    model: Location,
    /,
    *,
    pooling: Views[Sequence[Literal["cls", "mean"]]] = ("mean",),
    layers: Sequence[int] = (-1,),
    scale: float = 1.5,
    name: str = "none",
    note: str | None = None,
    fast: bool = False,
    limit: int | None = None,
    device: Execution[str] = "auto",
    token: Secret[SecretText | None] = None,
) -> Any:
    """Help in one sentence.

    And more.
    """


COMPONENT: Component[Any] = Component("build", build)


def test_options_are_read_from_the_signature() -> None:
    kinds = {option.name: option.kind for option in COMPONENT.options}
    assert kinds["pooling"] is OptionKind.VIEW
    assert kinds["device"] is OptionKind.EXECUTION
    assert kinds["token"] is OptionKind.SECRET
    assert {name for name, kind in kinds.items() if kind is OptionKind.IDENTITY} == {"layers", "scale", "name", "note", "fast", "limit"}
    assert COMPONENT.target is not None
    assert COMPONENT.target.located
    assert COMPONENT.help.startswith("Help in one sentence.")


@pytest.mark.parametrize(
    ("option", "raw", "value"),
    [
        ("pooling", "cls+mean", ("cls", "mean")),
        ("layers", "0+3+-1", (0, 3, -1)),
        ("layers", "", ()),
        ("scale", "2", 2.0),
        ("fast", "TRUE", True),
        ("limit", "none", None),
        ("note", "none", None),
        ("note", "%6Eone", "none"),
        ("name", "a%2Bb c", "a+b c"),
    ],
)
def test_values_are_parsed_and_written_back(option: str, raw: str, value: object) -> None:
    declared = COMPONENT.option(option)
    assert declared is not None
    assert declared.parse(raw) == value
    assert declared.parse(declared.format(value)) == value


@given(st.text(max_size=20))
def test_any_text_value_round_trips(text: str) -> None:
    for name in ("name", "note"):
        declared = COMPONENT.option(name)
        assert declared is not None
        assert declared.parse(declared.format(text)) == text


@pytest.mark.parametrize(
    ("option", "raw", "message"),
    [
        ("pooling", "cls+", r"option 'pooling' has nothing before or after a \+; give a value on both sides of it, or leave it out"),
        ("pooling", "+cls", r"option 'pooling' has nothing before or after a \+"),
        ("pooling", "cls+max", r"option 'pooling' takes cls or mean \(several joined by \+\), not 'max'"),
        ("layers", "a", "option 'layers' takes a whole number"),
        ("scale", "nan", "not nan"),
        ("fast", "yes", "takes true or false, not 'yes'"),
        ("limit", "1.5", "takes a whole number, or none, not '1.5'"),
    ],
)
def test_wrong_values_are_refused(option: str, raw: str, message: str) -> None:
    declared = COMPONENT.option(option)
    assert declared is not None
    with pytest.raises(OptionError, match=message):
        declared.parse(raw)


def test_signatures_that_are_no_component() -> None:
    def positional(a: int) -> None: ...
    def no_default(*, a: int) -> None: ...
    def untyped(*, a=1) -> None: ...  # type: ignore[no-untyped-def]
    def odd(*, a: dict[str, int] = {}) -> None: ...  # noqa: B006

    for wrong in (positional, no_default, untyped, odd):
        with pytest.raises(TypeError, match="parameter 'a' of"):
            Component("wrong", wrong)
    with pytest.raises(ValueError, match="must be letters"):
        Component("a/b", build)


@dataclass(frozen=True, kw_only=True)
class Shared:
    device: Execution[str] = "auto"


@dataclass(frozen=True)
class Built(Shared):
    """Help of a dataclass."""

    model: Location
    _: KW_ONLY
    layers: Views[Sequence[int]] = (-1,)
    rows: NamedBenchmark | None = None
    seen: list[str] = field(default_factory=list, init=False)

    views = ("sentence",)


def test_a_dataclass_lists_its_options_once() -> None:
    component: Component[Any] = Component("built", Built)
    assert component.help == "Help of a dataclass."
    assert component.target is not None
    assert (component.target.name, component.target.located, component.target.required) == ("model", True, True)
    assert {option.name: option.kind for option in component.options} == {
        "device": OptionKind.EXECUTION,
        "layers": OptionKind.VIEW,
        "rows": OptionKind.IDENTITY,
    }
    made = component.build(Location("m"), layers=(0, 1))
    assert (made.model.label, made.layers, made.device) == ("m", (0, 1), "auto")


def test_dataclasses_that_are_no_component() -> None:
    @dataclass(frozen=True)
    class Positional:
        model: str
        a: int = 1

    @dataclass(frozen=True, kw_only=True)
    class Required:
        a: int

    @dataclass(frozen=True, kw_only=True)
    class Made:
        a: Sequence[int] = field(default_factory=tuple)

    for wrong in (Positional, Required, Made):
        with pytest.raises(TypeError, match=r"parameter 'a' of .* (must be keyword-only with a default|default is a tuple)"):
            Component("wrong", wrong)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A double that is made of two benchmarks."""

    of: NamedBenchmark
    by: NamedBenchmark
    size: int = 1


def test_an_option_that_names_a_benchmark_may_be_needed(registry_of: Callable[..., Registry]) -> None:
    component: Component[Any] = Component("drawn", Drawn)
    assert [(option.name, option.required, option.optional) for option in component.options] == [
        ("of", True, False),
        ("by", True, False),
        ("size", False, False),
    ]
    registry = registry_of(("stsbench-double", "0.9", {"encoders": [component]}))
    for options, lacks, example in (("", "of and by", "of=BENCHMARK,by=BENCHMARK"), (",of=mini", "by", "by=BENCHMARK")):
        with pytest.raises(OptionError, match=f"^encoder 'drawn' needs {lacks}; write drawn,{example}$"):
            registry.resolve("encoder", f"drawn{options}")
    resolved = registry.resolve("encoder", "drawn,by=stress,of=mini")
    assert str(resolved.ref) == "stsbench-double/drawn,by=stsbench/stress,of=stsbench/mini"
    assert (resolved.build().of.card.name, resolved.build().by.card.name) == ("mini", "stress")


def test_an_option_that_takes_a_benchmark_is_handed_its_texts(registry_of: Callable[..., Registry]) -> None:
    registry = registry_of(("stsbench-double", "0.9", {"encoders": [Component("built", Built)]}))
    resolved = registry.resolve("encoder", "built:org/name,rows=mini")
    pairs = registry.resolve("benchmark", "mini").build().load()[0].pairs
    rows = resolved.build().rows
    assert list(rows.texts) == [*pairs.left, *pairs.right]
    assert rows.digest == digest([pairs.digest])
    assert str(resolved.ref) == "stsbench-double/built:org/name,rows=stsbench/mini", "what no other name of the benchmark changes"
    assert rows.card.name == "mini"
    assert registry.resolve("encoder", "built:org/name,rows=none").build().rows is None


def test_a_secret_does_not_print() -> None:
    secret = SecretText("hunter2")
    assert f"{secret} {secret!r} {secret!s} {secret:>5}" == "*** *** *** ***"
    assert secret.reveal() == "hunter2"


@pytest.mark.parametrize("declared", [{"needs": "images"}, {"fits": "images"}, {"gives": {"images"}}])
def test_declarations_that_mean_nothing_are_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"component 'x' declares 'images', where one of .* is known"):
        Component("x", lambda: None, **declared)


def test_a_default_of_several_values_that_may_never_end_is_refused() -> None:
    def build(*, layers: Sequence[int] = itertools.count()) -> None:  # type: ignore[assignment]
        """Never built."""

    with pytest.raises(TypeError, match="takes several values, so its default is a tuple"):
        Component("x", build)
