"""What is a text, and when two count as the same: what benchmarks share, and what a system has seen before, is found by this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


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
