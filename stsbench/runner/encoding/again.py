"""Stored texts that are encoded again: where libraries changed, and where a service may have changed its model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from stsbench.contracts.data import Embeddings, Float64, UniqueTexts, Vectors
from stsbench.contracts.events import Event, Warned
from stsbench.contracts.items import Item
from stsbench.contracts.wording import counted
from stsbench.errors import ModelError
from stsbench.host import capabilities
from stsbench.runner.encoding.recall import Recalled
from stsbench.runner.system import PlannedEncoder
from stsbench.stores.embeddings import EmbeddingStore

TOLERANCE = 1e-4  # between the vectors of two versions of a library, relative to their length
_ROUNDING = {"bfloat16": 3e-2, "float16": 4e-3}
Anew = Callable[[Sequence[Item], Sequence[str], str], Embeddings]  # texts, views and prompt, encoded and checked


def compare_builds(
    planned: PlannedEncoder, anew: Anew, texts: UniqueTexts, known: Recalled, store: EmbeddingStore, listen: Callable[[Event], None]
) -> None:
    """Where libraries changed since vectors were stored: encode a few of them anew, and trust the others or start over.

    Those of a service do not rest on what is installed here.
    """
    if capabilities.tolerance(planned.encoder) is not None:
        for build in known.stale(store):
            store.adopt(build)
        return
    tolerance = tolerance_of(planned)
    for build in known.stale(store):
        asked, worst = ask_again(anew, texts, known, build)
        if asked and worst <= tolerance:
            store.adopt(build)
            continue
        known.drop(build)
        moved = ", ".join(store.start_over(build)) or "no library that it names"
        apart = f"those in the store differ by up to {worst:.1e} of their length since {moved} moved"
        listen(Warned(f"vectors of {planned.label} are encoded anew: {apart}"))


def tolerance_of(planned: PlannedEncoder) -> float:
    """What the vectors of one text may differ by, relative to their length: what a service says, or what libraries and rounding do."""
    if (said := capabilities.tolerance(planned.encoder)) is not None:
        return said
    facts = dict(planned.fingerprint.fields)
    return _ROUNDING.get(facts.get("dtype", facts.get("option.dtype", "")), TOLERANCE)


def refuse_change(planned: PlannedEncoder, anew: Anew, texts: UniqueTexts, known: Recalled, store: EmbeddingStore) -> None:
    """Raises ModelError where a service that is asked now answers stored texts otherwise: two models would be measured as one."""
    tolerance = capabilities.tolerance(planned.encoder)
    if tolerance is None:
        return
    asked, worst = ask_again(anew, texts, known)
    if worst > tolerance:
        raise ModelError(
            f"{planned.label} answers {counted(asked, 'stored text')} with vectors that differ from those that are kept by up to "
            f"{worst:.1e} of their length, beyond the {tolerance:g} that is allowed: its model has changed; "
            f"`stsbench cache forget --store {store.path.parent.name[:8]}` lets all be encoded anew"
        )


def ask_again(anew: Anew, texts: UniqueTexts, known: Recalled, build: int | None = None) -> tuple[int, float]:
    """How many of the texts whose vectors are known (of that build, or of any) were encoded anew, and the largest `distance` by view."""
    rows = known.sample(build) if known.vectors else np.empty(0, dtype=np.intp)
    held = {view: there for view in known.vectors if (there := known.held(view, build)).any()}
    worst = 0.0
    for prompt in dict.fromkeys(texts.texts[row][0] for row in rows):
        some = np.array([row for row in rows if texts.texts[row][0] == prompt], dtype=np.intp)
        given = anew([texts.texts[row][1] for row in some], list(held), prompt)
        for view, there in held.items():
            worst = max(worst, distance(vectors_in(given, view)[there[some]], known.vectors[view][some[there[some]]]))
    return len(rows), worst


def distance(first: Vectors, second: Vectors) -> float:
    """Largest distance between matching rows, relative to the length of the longer one; infinite where the shapes differ."""
    if first.shape != second.shape:
        return float("inf")
    left, right = first.astype(np.float64), second.astype(np.float64)
    length = np.maximum(_lengths(left), _lengths(right))
    apart = _lengths(left - right)
    return float((apart / np.where(length == 0, 1.0, length)).max(initial=0.0))


def _lengths(rows: Vectors) -> Float64:
    lengths: Float64 = np.sqrt((rows * rows).sum(axis=1))
    return lengths


def vectors_in(embeddings: Embeddings, view: str) -> Vectors:
    """The dense or sparse vectors of a view."""
    return embeddings.sparse[view] if view in embeddings.sparse else embeddings.vectors[view]
