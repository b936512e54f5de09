"""Similarities and transforms beside plain cosine: figures, and paired differences from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stsbench.contracts.data import Float64, Ranked
from stsbench.contracts.defaults import LEVEL, RESAMPLES
from stsbench.stats.comparing.paired import bootstrap_p, holm
from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.intervals import percentile
from stsbench.stats.metrics import PEARSON, figure
from stsbench.stats.orders import midranks
from stsbench.stats.resampling import Sample, resamplable

FEWEST = 10  # pairs below which no interval is worth printing


@dataclass(frozen=True, slots=True)
class Measure:
    """One similarity under one chain of transforms: Spearman (None, with a reason, where there is none), and how it differs from cosine.

    `identical`: it gives all pairs the very ranks that plain cosine gives them. `agreement`: Spearman of its scores with cosine's.
    `low`, `high` and `p` are of the difference, by paired bootstrap; `p_holm` is corrected for all measures that are compared.
    `flags` say what it has seen (transductive, supervised).
    """

    similarity: str
    transform: str
    flags: tuple[str, ...]
    spearman: float | None
    reason: str | None = None
    identical: bool = False
    agreement: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None

    @property
    def name(self) -> str:
        """Similarity, and the chain if there is one."""
        return self.similarity if self.transform == "none" else f"{self.similarity} after {self.transform}"


AuditRow = tuple[Measure, Ranked | None]  # before it is compared, and its scores [n] as stored; None where it failed


def compare(
    gold: Float64, rows: Sequence[AuditRow], *, resamples: int = RESAMPLES, seed: int = 0, level: float = LEVEL
) -> tuple[Measure, ...]:
    """Every row beside the first, which is plain cosine. No interval is given for fewer than 10 pairs or nearly constant values."""
    wide = [None if scores is None else scores.astype(np.float64) for _, scores in rows]
    ranks = [None if scores is None else midranks(scores) for scores in wide]
    scored = [(place, scores) for place, scores in enumerate(wide) if scores is not None and rows[place][0].spearman is not None]
    usable = {place: scores for place, scores in scored if resamplable(scores, resamples)}
    draws: dict[int, Float64] = {}
    if len(gold) >= FEWEST and resamplable(gold, resamples) and 0 in usable and len(usable) > 1:
        scores = np.column_stack(list(usable.values()))
        panel = Panel((Benchmarked("audit", (Sample(gold, scores, np.arange(len(gold), dtype=np.intp)),)),), len(gold))
        columns = np.arange(len(usable))
        from_first = panel.differences(panel.draws(resamples, seed), (columns, np.zeros_like(columns)))
        draws = {place: one.draws for place, one in zip(usable, from_first, strict=True)}
    draws.pop(0, None)  # which is compared with itself
    measures = [_measure(row, rows[0][0], ranks[place], ranks[0], draws.get(place), level) for place, (row, _) in enumerate(rows)]
    tested = [one.p for one in measures if one.p is not None]
    corrected = iter(holm(tested).tolist())
    return tuple(one if one.p is None else replace(one, p_holm=next(corrected)) for one in measures)


def _measure(
    row: Measure, cosine: Measure, ranks: Float64 | None, of_cosine: Float64 | None, draws: Float64 | None, level: float
) -> Measure:
    if ranks is None or of_cosine is None or row.spearman is None or cosine.spearman is None:
        return row
    identical = bool((ranks == of_cosine).all())
    agreement = 1.0 if identical else figure(PEARSON, ranks, of_cosine)
    beside = replace(row, identical=identical, agreement=agreement, difference=row.spearman - cosine.spearman)
    if identical or draws is None:
        return beside
    low, high = percentile(draws, level)
    return replace(beside, low=low, high=high, p=bootstrap_p(draws))
