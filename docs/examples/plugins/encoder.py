"""An encoder: how often each letter occurs in a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np  # light enough for the top of a module; torch would be imported inside encode()

from stsbench.plugin import Component, Embeddings, Encoder, Fingerprint, hookimpl


@dataclass(frozen=True, kw_only=True)
class LetterCounts:
    """Counts of the letters a to z; with `binary`, 1 for each letter that occurs. A text without letters is a zero vector."""

    binary: bool = False  # a field is an option: letter-counts,binary=true

    views = ("sentence",)  # the names of the vectors that it gives; one only is called "sentence"
    token_views = ()  # it gives no vectors of tokens

    @property
    def fingerprint(self) -> Fingerprint:
        """What can change a number and is no option: here nothing; a model has its weights."""
        return Fingerprint.of()

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text, in their order."""
        counts = [[(prompt + text).lower().count(letter) for letter in ascii_lowercase] for text in texts]
        rows = np.array(counts, dtype=np.float32).reshape(len(texts), len(ascii_lowercase))  # of no texts, too
        vectors = np.minimum(rows, 1) if self.binary else rows
        return Embeddings(dict.fromkeys(views, vectors), truncated=np.zeros(len(texts), dtype=np.bool_))


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `letter-counts`."""
    return [Component("letter-counts", LetterCounts)]
