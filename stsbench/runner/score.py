"""Scoring the pairs of one part with one system, and counting what the figure rests on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.contracts.arrays import counts, described, is_plain, is_sparse
from stsbench.contracts.data import Float64, Ranked, frozen
from stsbench.contracts.items import Item
from stsbench.contracts.records import Counts
from stsbench.contracts.wording import counted
from stsbench.host import capabilities
from stsbench.host.resolved import Resolved, blame
from stsbench.runner.space import Space
from stsbench.runner.system import System
from stsbench.stats.correlation import narrowed, scaled
from stsbench.stats.metrics import Measured, measure
from stsbench.stats.metrics.metric import Metric

CHUNK = 8192  # pairs scored at a time: rows are independent, so this bounds memory and changes nothing


@dataclass(frozen=True)
class Scored:
    """Scores of one part as they are stored, their figures and counts; those before they were narrowed, and before they were `scaled`."""

    scores: Ranked
    exponent: int
    measured: Measured
    counts: Counts
    scaled: Float64
    raw: Float64


def score_part(system: System, scorer: Any, space: Space, wanted: Sequence[Metric] = ()) -> Scored:
    """Score every pair of the space's part with the system's similarity, already fitted, by the figures `wanted`. Raises PluginError."""
    part, side = space.part, space.sides[id(space.part)]
    pairs = part.pairs
    resolved = system.scorer.resolved
    scorer = capabilities.for_part(scorer, *part.place)
    scores = np.empty(len(pairs), dtype=np.float64)
    for rows in [slice(0, len(pairs))] if capabilities.is_whole(scorer) else space.chunks(side, CHUNK):
        if system.needs == "texts":
            left, right = pairs.texts
            given: tuple[Any, Any] = left[rows], right[rows]
        else:
            given = space.take(side.left[rows]), space.take(side.right[rows])
        scores[rows] = _score(scorer, *given, resolved, rows)
    wide, exponent = scaled(scores, relative=capabilities.is_relative(scorer))
    stored = narrowed(wide)
    measured = measure(pairs.gold, stored, wanted, pairs.weights)
    return Scored(frozen(stored), exponent, measured, count(system, space, measured.tied), frozen(wide), frozen(scores))


def _score(scorer: Any, left: Any, right: Any, resolved: Resolved[Any], rows: slice) -> Float64:
    scores = scorer.score(left, right)
    size = rows.stop - rows.start
    if not is_plain(scores) or scores.dtype != np.float64 or scores.shape != (size,):
        raise blame(resolved, "scoring", f"it returned {described(scores)} for {size} pairs; the contract is float64, one score a pair")
    if not np.isfinite(scores).all():
        bad = np.flatnonzero(~np.isfinite(scores))
        raise blame(
            resolved,
            "scoring",
            f"it returned NaN or infinity for {counted(len(bad), 'pair')}, the first being pair {rows.start + bad[0] + 1}",
        )
    return scores


def count(system: System, space: Space, tied: int) -> Counts:
    """What the figure rests on: unique, empty and truncated texts, zero and constant vectors, tied scores."""
    side, encoded = space.sides[id(space.part)], space.encoded
    rows = np.unique(np.concatenate([side.left, side.right]))
    texts: Collection[Item] = [space.texts[row][1] for row in rows]
    if space.texts[side.left[0]][0] != space.texts[side.right[0]][0]:  # one text with two prompts has two rows
        texts = set(texts)
    empty = sum(isinstance(text, str) and not text.strip() for text in texts)
    if encoded is None or system.needs == "texts":
        return Counts(unique_texts=len(texts), empty_texts=empty, tied_scores=tied)
    zero = constant = 0
    if system.needs == "tokens":
        zero = int((encoded.tokens[system.view].lengths[rows] == 0).sum())
    else:
        for start in range(0, len(rows), CHUNK):
            vectors = encoded.vectors[system.view][rows[start : start + CHUNK]]
            if is_sparse(vectors):
                zero += int((counts(vectors) == 0).sum())
                full = vectors[counts(vectors) == vectors.shape[1]]  # no other can be constant
                vectors = full.data.reshape(-1, vectors.shape[1])
            zero_rows = ~vectors.any(axis=1)
            zero += int(zero_rows.sum())
            constant += int(((vectors == vectors[:, :1]).all(axis=1) & ~zero_rows).sum()) if vectors.shape[1] > 1 else 0
    truncated = None if encoded.truncated is None else int(encoded.truncated[rows].sum())
    return Counts(
        unique_texts=len(texts),
        empty_texts=empty,
        truncated_texts=truncated,
        zero_vectors=zero,
        constant_vectors=constant,
        tied_scores=tied,
    )
