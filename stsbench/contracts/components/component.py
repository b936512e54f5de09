"""A component: a name, and a typed function or dataclass. Its keyword-only parameters are the options, its docstring is the help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

from .options import FILE, Location, Option, OptionKind, SecretText
from .protocols import NamedBenchmark

T = TypeVar("T")

Kind = Literal["encoder", "transform", "similarity", "benchmark", "writer", "executor", "evaluator"]
Gives = Literal["vectors", "tokens", "sparse"]
Reads = Literal["text", "image"]
Needs = Literal["vectors", "tokens", "texts"]
Fits = Literal["none", "texts", "pairs"]


@dataclass(frozen=True, slots=True)
class Preset:
    """The reference that a name stands for, with where what it says was found, by option."""

    reference: str
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Target:
    """The positional-only parameter of a component: what may stand after the colon."""

    name: str
    located: bool  # the function takes a Location
    file: bool  # always a path
    required: bool


NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*\Z")


@dataclass(frozen=True)
class Component(Generic[T]):
    """A named, buildable part of stsbench, as a plugin's hook returns it.

    `build` takes at most one positional-only parameter (the target) and keyword-only options of type bool, int, float, str,
    Literal, Sequence of these, or `| None`, with defaults, which a `NamedBenchmark`, or a Sequence of them, may do without. It may be
    a frozen dataclass, whose fields these are: one before `KW_ONLY` is the target.
    Calling it is cheap: it may read configuration and hash files, not load a model.
    `gives` (encoders) and `needs` (similarities), and what it `reads` of pairs, are checked before anything is loaded. `sparse` says that a
    similarity or transform takes sparse vectors too; what a transform makes of them is sparse where its `gives` says so. `numerics` is a
    whole number that the author raises when the component's numbers change. `alias_of` makes it another name of a component of the
    same plugin, under which nothing is recorded; with `presets` it stands for the references of those names, and is never built.
    """

    name: str
    build: Callable[..., T]
    gives: frozenset[Gives] = frozenset({"vectors"})
    needs: Needs = "vectors"
    symmetric: bool = True
    sparse: bool = False
    fits: Fits = "none"
    reads: frozenset[Reads] = frozenset({"text"})
    network: bool = False
    numerics: int = 1
    alias_of: str | None = None
    presets: Callable[[], Mapping[str, Preset]] | None = None
    options: tuple[Option, ...] = field(init=False, repr=False)
    target: Target | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise ValueError(f"component name {self.name!r} must be letters, digits, '.', '_' or '-'")
        object.__setattr__(self, "gives", frozenset(self.gives))
        object.__setattr__(self, "reads", frozenset(self.reads))
        for declared, kind in (((self.needs,), Needs), ((self.fits,), Fits), (self.gives, Gives), (self.reads, Reads)):
            if wrong := [one for one in declared if one not in (known := get_args(kind))]:
                raise ValueError(f"component {self.name!r} declares {wrong[0]!r}, where one of {', '.join(known)} is known")
        target, options = read_signature(self.build)
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "options", options)

    @property
    def help(self) -> str:
        """The docstring of `build`."""
        return inspect.getdoc(self.build) or ""

    @property
    def reads_file(self) -> bool:
        """Whether its target is a `DataFile`, whose path and whose columns' names are private."""
        return self.target is not None and self.target.file

    def option(self, name: str) -> Option | None:
        """The option of that name, or None."""
        return next((option for option in self.options if option.name == name), None)


# Options of a benchmark that is a file which say nothing of what it holds.
SAID: Final = frozenset(
    {"name", "public", "languages", "aggregation", "by", "task", "quote", "delimiter", "encoding", "decimal", "blank", "unpacked_mb"}
)


def is_free_text(option: Option) -> bool:
    """Whether an option of a benchmark that is a file may hold what the file's owner wrote, such as a column's name."""
    return option.scalar is str and not option.choices and option.name not in SAID


def read_signature(build: Callable[..., Any]) -> tuple[Target | None, tuple[Option, ...]]:
    """Target and options that the parameters of `build` declare; raises TypeError where a parameter is of another kind or type."""
    hints = get_type_hints(build, include_extras=True)
    first = inspect.Parameter.POSITIONAL_OR_KEYWORD if is_dataclass(build) else inspect.Parameter.POSITIONAL_ONLY
    target: Target | None = None
    options = []
    for parameter in inspect.signature(build).parameters.values():
        where = f"parameter {parameter.name!r} of {getattr(build, '__qualname__', build)}"
        if parameter.name not in hints:
            raise TypeError(f"{where} has no type annotation")
        required = parameter.default is parameter.empty
        if parameter.kind is first and target is None:
            base, extras = _unwrap(hints[parameter.name])
            target = Target(parameter.name, base is Location, FILE in extras, required)
        elif parameter.kind is parameter.KEYWORD_ONLY and (
            not required or hints[parameter.name] in (NamedBenchmark, Sequence[NamedBenchmark])
        ):
            option = _read_option(parameter.name, hints[parameter.name], None if required else parameter.default, where)
            options.append(replace(option, required=required))
        else:
            place = "positional" if is_dataclass(build) else "positional-only"
            raise TypeError(f"{where} must be keyword-only with a default (at most one, the target, is {place})")
    return target, tuple(options)


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    extras: tuple[Any, ...] = ()
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        extras += tuple(more)
    return hint, extras


def _read_option(name: str, hint: Any, default: Any, where: str) -> Option:
    hint, extras = _unwrap(hint)
    kind = next((extra for extra in extras if isinstance(extra, OptionKind)), OptionKind.IDENTITY)
    optional = many = False
    if get_origin(hint) is UnionType or str(get_origin(hint)) == "typing.Union":
        rest = [part for part in get_args(hint) if part is not NoneType]
        if len(rest) != 1 or len(rest) == len(get_args(hint)):
            raise TypeError(f"{where} may be one type or that type | None")
        hint, optional = rest[0], True
    if get_origin(hint) is Sequence:
        (hint,), many = get_args(hint), True
    choices: tuple[Any, ...] = ()
    if benchmark := hint is NamedBenchmark:
        hint = str
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        if len({type(choice) for choice in choices}) != 1:
            raise TypeError(f"{where} mixes types in its Literal")
        hint = type(choices[0])
    hint = str if hint is SecretText else hint
    if hint not in (bool, int, float, str):
        raise TypeError(
            f"{where} must be bool, int, float, str, Literal, a Sequence of these, or one of these | None; "
            "a field of a dataclass that is no option, such as what it has learnt, is written field(default=None, init=False)"
        )
    if many and default is not None and not isinstance(default, tuple | list):
        raise TypeError(f"{where} takes several values, so its default is a tuple")
    return Option(name, kind, hint, choices, many, optional, tuple(default) if many and default is not None else default, benchmark)
