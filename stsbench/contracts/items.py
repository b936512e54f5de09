"""What is compared: an item of a pair is a text or an image; and when two count as the same, in benchmarks and in what was seen before."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from stsbench.contracts.arrays import type_name
from stsbench.contracts.fingerprint import bytes_digest, digest
from stsbench.contracts.pixels import Pixels, Unfit, decoded
from stsbench.contracts.wording import called_together
from stsbench.errors import DataError


def normalised(text: str) -> str:
    """`text` as it is compared with others: its words; compatibility form, case, punctuation and white space do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", plain)) or plain.strip()


def is_unicode(text: str) -> bool:
    """Whether `text` is text that can be written: a lone half of a surrogate pair is none, though a `str` may hold it."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def not_unicode(texts: Iterable[str]) -> list[int]:
    """The places of those that are none."""
    return [place for place, text in enumerate(texts) if not is_unicode(text)]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Image:
    """An image: `digest` is a hash of its bytes and all that tells it from others, `held` those bytes or the file that they lie in."""

    digest: str = field(repr=False)
    held: bytes | Path | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, held: bytes | Path) -> Image:
        """The image that bytes or a file are, the same for the same bytes; raises OSError where it cannot be read."""
        return cls(bytes_digest(held.read_bytes() if isinstance(held, Path) else held), held)

    def read(self) -> bytes:
        """Its bytes, PNG, JPEG or WEBP; raises DataError where its file is no longer what it was."""
        if isinstance(self.held, bytes):
            return self.held
        with suppress(OSError):
            if self.held is not None and bytes_digest(data := self.held.read_bytes()) == self.digest:
                return data
        raise DataError("an image was changed or removed after the benchmark was read; run again")

    def pixels(self) -> Pixels:
        """Its pixels as everybody sees them, uint8[height, width, 3]: red, green and blue. Raises DataError."""
        try:
            return decoded(self.read()).pixels
        except Unfit as error:
            raise DataError(str(error)) from error


Item = str | Image
_IMAGE = 768  # characters of a text that takes as long as an image


def check_items(items: Sequence[Item], side: str, whole: str) -> None:
    """Raises ValueError that names the first item which is neither a text nor an image, and not what it holds."""
    for row, item in enumerate(items, 1):
        if not isinstance(item, str | Image):
            raise ValueError(f"the {side} item of {whole} {row} is neither a text nor an image but {type_name(item)}")
        if isinstance(item, str) and not is_unicode(item):
            raise ValueError(f"the {side} text of {whole} {row} holds half of a character (a lone surrogate), which no text does")


def identity(item: Item) -> tuple[str, str]:
    """What tells an item from every other, of its kind or of another."""
    return ("text", item) if isinstance(item, str) else ("image", item.digest)


def identities(items: Iterable[Item]) -> list[tuple[str, str]]:
    """What tells each of these from every other."""
    return [identity(item) for item in items]


def sorting_keys(items: Iterable[Item]) -> list[tuple[int, str, tuple[str, str]]]:
    """The keys by which items are sorted to be encoded, the longest first.

    Texts that differ in spaces and case alone, which are the same tokens to many models, lie beside each other.
    """
    return list(map(_place, items))


def _place(item: Item) -> tuple[int, str, tuple[str, str]]:
    if isinstance(item, Image):
        return -_IMAGE, "", identity(item)
    written = item.replace(" ", "").casefold()
    return -len(written), written, identity(item)


def called(items: Iterable[Item]) -> str:
    """What these are called together: texts, images, or texts and images."""
    return called_together(f"{kind}s" for kind, _ in identities(items))


def sizes(items: Iterable[Item]) -> list[int]:
    """What each counts for where work is shared out: the characters of a text, or those of a text that takes as long as an image."""
    return [len(item) if isinstance(item, str) else _IMAGE for item in items]


def compared(item: Item) -> str:
    """An item as it is compared with others: a text without case, punctuation and white space, an image by its bytes."""
    return normalised(item) if isinstance(item, str) else f"\0image {item.digest}"  # which no text is when it is normalised


def pick(items: tuple[T, ...], rows: Sequence[int]) -> tuple[T, ...]:
    """The items of these rows, in their order."""
    return tuple(items[row] for row in rows)


@dataclass(frozen=True)
class Triplets:
    """Triplets beside pairs: `positive` is nearer to `anchor` than `negative` is. `group` is an optional label a triplet."""

    anchor: tuple[Item, ...]
    positive: tuple[Item, ...]
    negative: tuple[Item, ...]
    group: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("anchor", "positive", "negative"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            check_items(getattr(self, name), name, "triplet")
        if not len(self.anchor) == len(self.positive) == len(self.negative):
            raise ValueError("anchor, positive and negative must have one entry a triplet")
        object.__setattr__(self, "group", tuple(self.group))
        if len(self.group) not in (0, len(self)):
            raise ValueError("group must have one entry a triplet")

    def __len__(self) -> int:
        return len(self.anchor)

    @cached_property
    def digest(self) -> str:
        """Identity of the data, which no pairs share."""
        rows = zip(self.anchor, self.positive, self.negative, strict=True)
        return digest((part for row in rows for item in row for part in identity(item)), "triplets")
