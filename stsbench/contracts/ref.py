"""References: `name[:target][,key=value[+value]...]`, the one way to name an encoder, similarity or benchmark.

The name ends at the first `:` (or `,`), the target at the first `,`, a key at its first `=`. Raw strings are kept, so that
text -> Ref -> text gives the same text; whoever interprets a value unescapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from stsbench.errors import RefError

CHAIN = "//"  # joins the references of a chain of transforms: `centre//whiten,k=64`
NO_CHAIN = "none"  # the chain of no transform
PYTHON = "python"  # stands for the distribution of what was given in Python, which nobody else can name

_RESERVED = "%,+=~|\"'"


def escape(text: str) -> str:
    """`text` with reserved characters, quotes and white space percent-escaped (UTF-8), as canonical references hold it."""
    return "".join(
        "".join(f"%{byte:02X}" for byte in char.encode()) if char in _RESERVED or char.isspace() or not char.isprintable() else char
        for char in text
    )


def unescape(raw: str) -> str:
    """The inverse of `escape`; raises RefError where an escape is not valid UTF-8."""
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise RefError(f"{raw!r} holds a percent-escape that is not UTF-8; write a plain percent sign as %25") from error


def as_text(given: object) -> str:
    """`given`, which is text: a reference, a chain or a label; raises RefError where it is anything else."""
    if not isinstance(given, str):
        raise RefError(
            f"what is used is named by text, such as 'wordllama' or 'cosine', not by {type(given).__qualname__}; "
            "a similarity, transform or benchmark of your own can be named once a plugin offers it"
        )
    return given


def as_texts(given: object) -> tuple[str, ...]:
    """One text or several, as they were given; raises RefError as `as_text` does."""
    return tuple(map(as_text, (given,) if isinstance(given, str) or not isinstance(given, Iterable) else given))


def short(ref: str) -> str:
    """A canonical reference without its distribution: `stsbench/cosine,zero=sklearn` gives `cosine,zero=sklearn`."""
    return re.sub(r"^[^:,/]*/", "", ref)


@dataclass(frozen=True, slots=True)
class Ref:
    """A parsed reference; `target` and the options' values are raw, still percent-escaped, text."""

    name: str
    target: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Parse `text`; raises RefError with the place that is wrong. A value is never repeated in the message: it may be a secret."""
        head, *pairs = as_text(text).strip().split(",")
        name, colon, target = head.partition(":")
        if not name or any(char.isspace() or char in _RESERVED for char in name):
            raise RefError(
                f"{head!r} does not start with a name; a reference is written name[:target][,key=value], as in wordllama or "
                "bert:bert-base-uncased,pooling=cls"
            )
        if colon and not target:
            raise RefError(f"{head!r} has nothing after the colon; write {name} alone, or {name}:TARGET")
        options: dict[str, str] = {}
        for number, pair in enumerate(pairs, 1):
            key, equals, value = pair.partition("=")
            if not equals or not key.replace("_", "").isalnum():
                raise RefError(f"option {number} of {name!r} is not written key=value; write a comma that belongs to a value as %2C")
            if key in options:
                raise RefError(f"{name!r} has the option {key!r} twice; give it once, with several values joined by +")
            options[key] = value
        return cls(name, target if colon else None, tuple(options.items()))

    def __str__(self) -> str:
        head = self.name if self.target is None else f"{self.name}:{self.target}"
        return ",".join([head, *(f"{key}={value}" for key, value in self.options)])

    def with_options(self, **values: str) -> Ref:
        """The same reference with raw option values added or replaced."""
        return Ref(self.name, self.target, tuple({**dict(self.options), **values}.items()))


def within(text: str) -> Iterator[Ref]:
    """A reference, and those that values of its options can be read as, however deep: `unseen,of=csv:a.csv,by=mini+stress` names three
    more. Raises RefError where it is none itself.
    """
    ref = Ref.parse(text)
    yield ref
    for part in (part for _, raw in ref.options for part in raw.split("+")):
        with suppress(RefError):
            yield from within(unescape(part))


def split_chain(text: str) -> tuple[Ref, ...]:
    """The references of a chain of transforms, in the order in which they are applied; `none` is the chain of no transform.

    Raises RefError where a member is empty or is no reference.
    """
    return () if text.strip() == NO_CHAIN else tuple(Ref.parse(member) for member in text.split(CHAIN))
