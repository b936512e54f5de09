"""When two texts count as the same: what benchmarks share, and what a system has seen before, is found by this."""

from __future__ import annotations

import re
import unicodedata


def normalised(text: str) -> str:
    """`text` as it is compared with others: its words; compatibility form, case, punctuation and white space do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", plain)) or plain.strip()
