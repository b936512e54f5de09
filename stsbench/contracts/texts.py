"""What is a text, and when two count as the same: what benchmarks share, and what a system has seen before, is found by this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property


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


@dataclass(frozen=True)
class OrderedTexts:
    """The texts of a benchmark in its order, which the core hands over for an option of this type: its value names the benchmark.

    `texts` are the left texts of all pairs, then the right ones; `digest` is of the data, and belongs into a fingerprint. Both are read
    when they are first asked for.
    """

    read: Callable[[], tuple[Sequence[str], str]] = field(repr=False)

    @cached_property
    def _read(self) -> tuple[Sequence[str], str]:
        return self.read()

    @property
    def texts(self) -> Sequence[str]:
        """Every text, as often as it occurs; raises DataError."""
        return self._read[0]

    @property
    def digest(self) -> str:
        """32 hex digits; raises DataError."""
        return self._read[1]
