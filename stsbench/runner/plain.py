"""Plain Python objects with `encode(list[str]) -> array` as encoders: measured, but never stored, reused or put on a board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stsbench.contracts.data import Embeddings
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import UsageError


class PlainEncoder:
    """Adapts an object with `encode(list[str])`; arrays, tensors and lists of rows are converted to float32."""

    views = ("sentence",)
    token_views: tuple[str, ...] = ()

    def __init__(self, model: Any) -> None:
        if isinstance(model, type) or not callable(getattr(model, "encode", None)):
            raise UsageError(f"an encoder is a reference or an object with encode(list[str]) -> array, not {model!r:.80}")
        self._model = model

    @property
    def label(self) -> str:
        """The name of the object's type."""
        return type(self._model).__name__

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing is known of a plain object that could identify it."""
        return Fingerprint.of(object=type(self._model).__qualname__)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text, in order."""
        del views
        rows = self._model.encode([prompt + text for text in texts])
        if hasattr(rows, "detach"):
            rows = rows.detach().cpu().float()
        return Embeddings(vectors={"sentence": np.ascontiguousarray(np.asarray(rows), dtype=np.float32)})
