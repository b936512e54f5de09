"""Encoding every unique text once, and checking at the boundary what an encoder returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from stsbench.contracts.data import Embeddings, Flags, Float32, Tokens, UniqueTexts, frozen
from stsbench.contracts.events import Encoding, Event
from stsbench.errors import PluginError, StsbenchError
from stsbench.host.resolved import blame
from stsbench.runner.system import PlannedEncoder

CHUNK = 2048  # texts handed to an encoder at a time: long enough for it to fill batches, short enough to report progress


@dataclass(frozen=True)
class Encoded:
    """The embeddings of all unique texts, by row of `texts`: float32[u, d] a vector view, Tokens a token view."""

    texts: UniqueTexts
    vectors: dict[str, Float32]
    tokens: dict[str, Tokens]
    truncated: Flags | None


def encode_texts(planned: PlannedEncoder, texts: UniqueTexts, views: Sequence[str], listen: Callable[[Event], None]) -> Encoded:
    """Every view of every text, in chunks of the full list sorted by prompt and length (longest first).

    The order depends on the texts alone, so that an encoder's batches, and with them the last digits, do not depend on chance.
    Raises PluginError where the encoder fails or returns what the contract forbids.
    """
    order = sorted(range(len(texts)), key=lambda row: (texts.texts[row][0], -len(texts.texts[row][1]), texts.texts[row][1]))
    vectors: dict[str, Float32] = {}
    tokens: dict[str, list[Tokens]] = {}
    truncated: Flags | None = np.zeros(len(texts), dtype=np.bool_)
    done = 0
    listen(Encoding(planned.label, 0, len(texts)))
    for prompt, group in groupby(order, key=lambda row: texts.texts[row][0]):
        rows = list(group)
        for start in range(0, len(rows), CHUNK):
            chunk = np.asarray(rows[start : start + CHUNK], dtype=np.intp)
            embeddings = _encode(planned, [texts.texts[row][1] for row in chunk], views, prompt)
            for view, values in embeddings.vectors.items():
                if view not in vectors:
                    vectors[view] = np.empty((len(texts), values.shape[1]), dtype=np.float32)
                elif vectors[view].shape[1] != values.shape[1]:
                    raise _offence(
                        planned, f"it returned vectors of {values.shape[1]} dimensions for view {view!r} after {vectors[view].shape[1]}"
                    )
                vectors[view][chunk] = values
            for view, values_of in embeddings.tokens.items():
                tokens.setdefault(view, []).append(values_of)
            if embeddings.truncated is None:
                truncated = None
            elif truncated is not None:
                truncated[chunk] = embeddings.truncated
            done += len(chunk)
            listen(Encoding(planned.label, done, len(texts)))
    back = np.empty(len(texts), dtype=np.intp)
    back[order] = np.arange(len(texts))
    joined = {view: Tokens.concatenate(parts).take(back) for view, parts in tokens.items()}
    return Encoded(texts, {view: frozen(values) for view, values in vectors.items()}, joined, truncated)


def _encode(planned: PlannedEncoder, texts: list[str], views: Sequence[str], prompt: str) -> Embeddings:
    try:
        embeddings = planned.encoder.encode(texts, views=tuple(views), prompt=prompt)
    except (StsbenchError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise _offence(planned, error) from error
    return check_embeddings(planned, embeddings, len(texts), views)


def check_embeddings(planned: PlannedEncoder, embeddings: Any, count: int, views: Sequence[str]) -> Embeddings:
    """The embeddings if they keep the contract: every view, one row a text, float32, finite. Raises PluginError that says what is off."""
    if not isinstance(embeddings, Embeddings):
        raise _offence(planned, f"it returned {_type(embeddings)}, not Embeddings")
    if absent := [view for view in views if view not in embeddings.vectors and view not in embeddings.tokens]:
        raise _offence(planned, f"it returned nothing for view {absent[0]!r}")
    for view, values in embeddings.vectors.items():
        if not isinstance(values, np.ndarray):
            raise _offence(planned, f"it returned {_type(values)} for view {view!r}, not a numpy array; convert it to float32")
        if values.ndim != 2 or len(values) != count or values.shape[1] == 0:
            raise _offence(
                planned, f"it returned an array of shape {values.shape} for view {view!r} and {count} texts; one row a text is expected"
            )
        if values.dtype != np.float32:
            raise _offence(planned, f"it returned {values.dtype} for view {view!r}; the contract is float32")
        _require_finite(planned, view, values)
    for view, tokens in embeddings.tokens.items():
        if not isinstance(tokens, Tokens) or len(tokens) != count:
            what = f"tokens of {len(tokens)} texts" if isinstance(tokens, Tokens) else _type(tokens)
            raise _offence(planned, f"it returned {what} for view {view!r} and {count} texts")
        _require_finite(planned, view, tokens.values)
    if embeddings.truncated is not None and len(embeddings.truncated) != count:
        raise _offence(planned, f"it returned {len(embeddings.truncated)} truncation marks for {count} texts")
    return embeddings


def _require_finite(planned: PlannedEncoder, view: str, values: Float32) -> None:
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        rows = np.flatnonzero(~finite)
        raise _offence(
            planned, f"it returned NaN or infinity for view {view!r} in {len(rows)} rows, the first being row {rows[0]} of the batch"
        )


def _type(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def _offence(planned: PlannedEncoder, error: Exception | str) -> PluginError:
    if planned.resolved is not None:
        return blame(planned.resolved, "encoding", error)
    what = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return PluginError(f"the encoder object {planned.label!r} failed while it was encoding: {what}")
