"""What a vector has to be: sentence-transformers' own, of each text alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .page import TEXTS

TOLERANCE = 1e-5  # of the length of the vector


def encode_alone(folder: Path) -> list[Any]:
    """The library's vector of each text after an empty prompt; None where the library itself fails."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return [_encode(model, text) for text in TEXTS]


def _encode(model: Any, text: str) -> Any:
    try:
        return model.encode(text, prompt="", show_progress_bar=False)
    except RuntimeError:  # on a text without a token, or longer than the model's positions
        return None


def assert_close(vectors: np.ndarray[Any, Any], expected: Sequence[Any], message: str) -> None:
    """Each row is within TOLERANCE of what is expected; where the library fails, zero for an empty text, finite others."""
    for row, (vector, other) in enumerate(zip(vectors, expected, strict=True)):
        if other is None:
            assert vector.any() == bool(TEXTS[row]), f"{message}: what of text {row} without a vector of the library's?"
            assert np.isfinite(vector).all()
            continue
        assert vector.shape == other.shape
        apart, length = np.linalg.norm(vector - other), np.linalg.norm(other)
        assert apart <= TOLERANCE * length, f"{message}: text {row} is {apart / length:.1e} of its length from the library's"
