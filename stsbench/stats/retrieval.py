"""Retrieval with a similarity: where the true partner of a text stands among all texts, and whether nearest neighbours share a label.

Spearman over pairs says little of this: most pairs of texts are unrelated, and no benchmark of graded pairs holds those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.correlation import scaled

Block = Callable[[Index], Float64]  # scores float64[q, c] of queries with every candidate; NaN stands for "no candidate"
QUERIES = 256  # scored at a time


@dataclass(frozen=True, slots=True)
class Ranking:
    """Over n queries with c candidates each at most: mean reciprocal rank, and the share whose target is among the first k."""

    n: int
    candidates: int
    mrr: float
    hits: tuple[tuple[int, float], ...]


def target_ranks(block: Block, queries: Index, targets: Index, *, relative: bool = False) -> Float64:
    """Rank of each query's target (a candidate's number) among the candidates, float64[n] from 1; ties share their mean rank.

    `block` gives NaN for what is no candidate of a query: the query itself, and its other partners. Rounding errors tell nothing apart,
    as `scaled` says of `relative` scores and others. Raises ValueError where a target is said to be no candidate.
    """
    ranks = np.empty(len(queries), dtype=np.float64)
    for rows, scores in _blocks(block, len(queries), relative):
        target = scores[np.arange(len(scores)), targets[rows]][:, None]
        if np.isnan(target).any():
            raise ValueError("a target is no candidate of its own query")
        ranks[rows] = 1 + (scores > target).sum(axis=1) + ((scores == target).sum(axis=1) - 1) / 2
    return ranks


def ranking(ranks: Float64, candidates: int) -> Ranking:
    """Mean reciprocal rank and Hits@k of ranks, at least one (Wang, Kuo and Li 2022, EvalRank)."""
    return Ranking(len(ranks), candidates, float((1 / ranks).mean()), tuple((k, float((ranks <= k).mean())) for k in (1, 3, 10)))


def neighbour_accuracy(block: Block, labels: Index, *, relative: bool = False) -> tuple[int, float]:
    """Number of labelled texts that have a candidate, and the share whose nearest one has their label; ties count in part.

    Queries and candidates are the same texts; `labels` are intp[u]. Raises ValueError where no text has a candidate.
    """
    shares: list[Float64] = []
    for rows, scores in _blocks(block, len(labels), relative):
        some = np.flatnonzero(~np.isnan(scores).all(axis=1))
        nearest = scores[some] == np.nanmax(scores[some], axis=1, keepdims=True)
        same = labels[rows[some]][:, None] == labels[None, :]
        shares.append((nearest & same).sum(axis=1) / nearest.sum(axis=1))
    every = np.concatenate([np.empty(0), *shares])
    if not len(every):
        raise ValueError("no text has a candidate")
    return len(every), float(every.mean())


def _blocks(block: Block, queries: int, relative: bool) -> Iterator[tuple[Index, Float64]]:
    """Some queries at a time with their scores."""
    for start in range(0, queries, QUERIES):
        scores = block(rows := np.arange(start, min(start + QUERIES, queries)))
        there = ~np.isnan(scores)
        scores[there] = scaled(scores[there], relative=relative)[0]
        yield rows, scores
