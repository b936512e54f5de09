"""Scoring the pairs of one part with one system, and counting what the figure rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.contracts.data import FitData, Float32, Float64, Index, Part, Tokens, frozen
from stsbench.contracts.records import Counts
from stsbench.errors import StsbenchError
from stsbench.host.resolved import Resolved, blame
from stsbench.runner.encode import Encoded
from stsbench.runner.system import System
from stsbench.stats.correlation import Metrics, metrics, rankable

CHUNK = 8192  # pairs scored at a time: rows are independent, so this bounds memory and changes nothing
TRUNCATED_SHARE = 0.01  # above this share of truncated texts a row is flagged


@dataclass(frozen=True)
class Side:
    """The unique-text rows of the left and right texts of one part."""

    left: Index
    right: Index


@dataclass(frozen=True)
class Scored:
    """Scores of one part as they are stored (divided by 10**exponent, rounded, float32), their metrics and counts."""

    scores: Float32
    exponent: int
    metrics: Metrics
    counts: Counts


def score_part(system: System, scorer: Any, part: Part, side: Side, encoded: Encoded | None) -> Scored:
    """Score every pair of `part`; `scorer` is the system's similarity, already fitted. Raises PluginError."""
    pairs = part.pairs
    resolved = system.similarity.resolved if system.similarity else None
    scores = np.empty(len(pairs), dtype=np.float64)
    size = max(len(pairs), 1) if getattr(scorer, "whole", False) else CHUNK
    for start in range(0, len(pairs), size):
        rows = slice(start, start + size)
        if system.needs == "texts":
            given: tuple[Any, Any] = pairs.left[rows], pairs.right[rows]
        else:
            assert encoded is not None
            given = _take(encoded, system, side.left[rows]), _take(encoded, system, side.right[rows])
        scores[rows] = _score(scorer, *given, resolved, start)
    stored, exponent = rankable(scores)
    measured = metrics(pairs.gold, stored)
    return Scored(frozen(stored), exponent, measured, count(system, part, side, encoded, measured.tied))


def _take(encoded: Encoded, system: System, rows: Index) -> Float64 | Tokens:
    if system.needs == "tokens":
        return encoded.tokens[system.view].take(rows)
    return frozen(encoded.vectors[system.view][rows].astype(np.float64))


def _score(scorer: Any, left: Any, right: Any, resolved: Resolved[Any] | None, start: int) -> Float64:
    try:
        scores = scorer.score(left, right)
    except (StsbenchError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise _offence(resolved, error) from error
    if not isinstance(scores, np.ndarray) or scores.dtype != np.float64 or scores.shape != (len(left),):
        found = f"{scores.dtype} of shape {scores.shape}" if isinstance(scores, np.ndarray) else type(scores).__name__
        raise _offence(resolved, f"it returned {found} for {len(left)} pairs; the contract is float64, one score a pair")
    if not np.isfinite(scores).all():
        rows = np.flatnonzero(~np.isfinite(scores))
        raise _offence(resolved, f"it returned NaN or infinity for {len(rows)} pairs, the first being pair {start + rows[0] + 1}")
    return scores


def _offence(resolved: Resolved[Any] | None, error: Exception | str) -> Exception:
    assert resolved is not None
    return blame(resolved, "scoring", error)


def fit_data(system: System, texts: list[tuple[str, str]], rows: Index, encoded: Encoded | None, pairs_digest: str) -> FitData:
    """What the system's similarity is fitted on: the texts of `rows`, each once, in an order that the texts alone decide."""
    order = sorted(range(len(rows)), key=lambda position: texts[rows[position]])
    chosen = rows[np.asarray(order, dtype=np.intp)]
    plain = tuple(texts[row][1] for row in chosen)
    if system.needs == "texts" or encoded is None:
        return FitData(plain, pairs_digest)
    given = _take(encoded, system, chosen)
    return FitData(plain, pairs_digest, tokens=given) if isinstance(given, Tokens) else FitData(plain, pairs_digest, vectors=given)


def count(system: System, part: Part, side: Side, encoded: Encoded | None, tied: int) -> Counts:
    """What the figure rests on: unique, empty and truncated texts, zero and constant vectors, tied scores."""
    texts = set(part.pairs.left) | set(part.pairs.right)
    empty = sum(not text.strip() for text in texts)
    if encoded is None:
        return Counts(unique_texts=len(texts), empty_texts=empty, tied_scores=tied)
    rows = np.unique(np.concatenate([side.left, side.right]))
    zero = constant = 0
    if system.needs == "tokens":
        zero = int((encoded.tokens[system.view].lengths[rows] == 0).sum())
    else:
        vectors = encoded.vectors[system.view][rows]
        zero_rows = ~vectors.any(axis=1)
        zero = int(zero_rows.sum())
        constant = int(((vectors == vectors[:, :1]).all(axis=1) & ~zero_rows).sum()) if vectors.shape[1] > 1 else 0
    truncated = None if encoded.truncated is None else int(encoded.truncated[rows].sum())
    return Counts(
        unique_texts=len(texts),
        empty_texts=empty,
        truncated_texts=truncated,
        zero_vectors=zero,
        constant_vectors=constant,
        tied_scores=tied,
    )


def flags(part: Part, counts: Counts, *, transductive: bool, supervised: bool) -> tuple[str, ...]:
    """Labels that a reader must see beside the figure."""
    found = {
        "truncated": (counts.truncated_texts or 0) > TRUNCATED_SHARE * counts.unique_texts,
        "transductive": transductive,
        "supervised": supervised,
        "differs": part.source.differs is not None,
    }
    return tuple(name for name, holds in found.items() if holds)
