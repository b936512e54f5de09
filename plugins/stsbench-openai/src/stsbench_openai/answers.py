"""Checking what a service answers: as many vectors as texts, in their order, of one dimension, finite."""

from __future__ import annotations

from typing import Any

import numpy as np

from stsbench.plugin import Float32
from stsbench_openai.refusals import Unlike


def vectors_of(answer: Any, texts: int, dimensions: int | None, host: str) -> Float32:
    """float32[texts, d] of an answer; raises Unlike, which says what is off, where it is another's."""
    rows = getattr(answer, "data", None)
    if not isinstance(rows, list):
        raise Unlike(f"{host} answers in another form than that of OpenAI embeddings; correct url=, which usually ends in /v1")
    if len(rows) != texts:
        raise Unlike(f"{host} gave {len(rows)} vectors to {texts} texts; give batch_size=1, or use another service")
    if [getattr(row, "index", None) for row in rows] != list(range(texts)):
        raise Unlike(f"{host} gave vectors in another order than it was asked in; give batch_size=1, or use another service")
    try:
        with np.errstate(over="ignore"):  # what is too large is refused below
            vectors = np.array([row.embedding for row in rows], dtype=np.float32)
    except (AttributeError, TypeError, ValueError):
        vectors = np.empty(0, dtype=np.float32)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise Unlike(f"{host} gave what is no list of vectors of one dimension; check what url= and the model are")
    if dimensions not in (None, vectors.shape[1]):
        raise Unlike(f"{host} gave {vectors.shape[1]} dimensions, where {dimensions} were asked for or given before; correct dimensions=")
    if not np.isfinite(vectors).all():
        raise Unlike(
            f"{host} gave NaN or infinity in {int((~np.isfinite(vectors).all(axis=1)).sum())} of {texts} vectors; use another service"
        )
    return vectors
