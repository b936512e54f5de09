"""What the options of a component are: how each is read from a reference and written back, where files lie, and secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from stsbench.contracts.ref import escape, unescape
from stsbench.errors import OptionError

T = TypeVar("T")


class OptionKind(Enum):
    """What an option is part of."""

    IDENTITY = "identity"  # of the name, the key and the signature
    VIEW = "view"  # chooses views: of the name, but not of the fingerprint that views share
    EXECUTION = "execution"  # of the provenance only
    SECRET = "secret"  # noqa: S105 - the kind's name; of nothing: read from the environment


Execution = Annotated[T, OptionKind.EXECUTION]
Views = Annotated[T, OptionKind.VIEW]
Secret = Annotated[T, OptionKind.SECRET]


@dataclass(frozen=True, slots=True)
class Location:
    """Where the files that a target names are: a hub repository (`hub`), or a file or folder here (`path`, `digest`).

    `label` is what names and records show, never a path; `digest` is a hash of the content (32 hex digits).
    """

    label: str
    hub: str | None = None
    path: Path | None = None
    digest: str | None = None

    @property
    def identity(self) -> str:
        """What distinguishes the content: the hub id (a revision is the encoder's to add), or the content's hash."""
        return f"hub:{self.hub}" if self.hub is not None else f"content:{self.digest}"


FILE: Final = "file"  # marks a target that is always a path, whose name is private
DataFile = Annotated[Location, FILE]


class SecretText(str):
    """A secret; printing or formatting it shows asterisks. `reveal()` gives the value."""

    def reveal(self) -> str:
        """The value itself, to hand to the service that it opens."""
        return str.__str__(self)

    def __str__(self) -> str:
        return "***"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return "***"


class UnsetSecret(SecretText):
    """A secret whose environment variable is not set: empty, and false. Who asks for its value is told which variable to set."""

    variable: str

    def __new__(cls, variable: str) -> UnsetSecret:
        """The secret that `variable` would hold."""
        made = super().__new__(cls, "")
        made.variable = variable
        return made

    def reveal(self) -> str:
        """Raises OptionError that names the variable."""
        raise OptionError(f"the environment variable {self.variable} is not set; set it to the secret that the service asks for")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a component: its name, kind, type and default."""

    name: str
    kind: OptionKind
    scalar: type
    choices: tuple[Any, ...] = ()
    many: bool = False
    optional: bool = False
    default: Any = None
    benchmark: bool = False  # whether it names one
    required: bool = False  # whether it has no default; such an option names a benchmark

    def parse(self, raw: str) -> Any:
        """The typed value of raw reference text; raises OptionError that names the option and what it takes."""
        if self.optional and raw == "none":
            return None
        if self.many:
            parts = raw.split("+") if raw else []
            if len(parts) > 1 and "" in parts:
                raise OptionError(
                    f"option {self.name!r} has nothing before or after a +; give a value on both sides of it, or leave it out"
                )
            return tuple(map(self._scalar, parts))
        return self._scalar(raw)

    def format(self, value: Any) -> str:
        """Canonical raw text of a value; `parse` reads it back."""
        if value is None:
            return "none"
        if self.many:
            return "+".join(self._text(part) for part in value)
        return self._text(value)

    def expects(self) -> str:
        """What the option takes, in words."""
        types = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
        value = "a benchmark" if self.benchmark else " or ".join(map(str, self.choices)) or types[self.scalar]
        several = f"{value} (several joined by +)" if self.many else value
        return f"{several}, or none" if self.optional else several

    def _scalar(self, raw: str) -> Any:
        text = unescape(raw)
        value: Any
        try:
            value = {"true": True, "false": False}[text.lower()] if self.scalar is bool else self.scalar(text)
        except (KeyError, ValueError) as error:
            raise OptionError(f"option {self.name!r} takes {self.expects()}, not {text!r}") from error
        if self.choices and value not in self.choices:
            raise OptionError(f"option {self.name!r} takes {self.expects()}, not {text!r}")
        if isinstance(value, float) and value != value:
            raise OptionError(f"option {self.name!r} takes {self.expects()}, not nan")
        return value

    def _text(self, value: Any) -> str:
        text = escape(str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value))
        if self.scalar is str and ((text == "none" and self.optional) or text.startswith("@")):
            return f"%{ord(text[0]):02X}{text[1:]}"
        return text
