"""Whether a figure that was computed anew agrees with the stored one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stsbench.contracts.data import Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.kinds import Aggregation
from stsbench.contracts.records import Record, RecordFile, all_positives
from stsbench.stats.aggregation import is_pooled, mean, on_scale
from stsbench.stats.metrics import METRICS
from stsbench.stores.drift import METRIC_TOLERANCE, Basis, by_chance, shifted, untied


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stored figure and a new computation of it that differ by more than the tolerance; `old` and `new` are figures of the
    main `metric`.

    `what` says how they differ; `pair` is the row (from 0, within its part) of the worst score, `old_score` and `new_score` its
    values, and None where no scores could be compared. `replaced`: the new computation has taken the stored one's place.
    """

    encoder: str
    benchmark: str
    cell: CellId
    what: str
    metric: str
    old: float | None
    new: float | None
    pair: int | None = None
    old_score: float | None = None
    new_score: float | None = None
    replaced: bool = False

    def __str__(self) -> str:
        old, new = ("none" if value is None else f"{value:z.6f}" for value in (self.old, self.new))
        where = f"{self.encoder} ({self.cell.variant.label}) on {self.benchmark} ({self.cell.part})"
        return f"{where}: {self.what}; {METRICS[self.metric].title} was {old}, is {new}"

    @classmethod
    def of(cls, file: RecordFile, old: Record, new: Record, what: str, **details: Any) -> Disagreement:
        """That of two records of a cell."""
        return cls(file.encoder.label, file.benchmark.name, new.cell, what, new.main, old.figure, new.figure, **details)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a new record stands to the stored one of the same cell and key; `what` is None where they agree.

    `worst` is the pair whose scores differ most, with both, as a `Disagreement` names them.
    """

    what: str | None = None
    worst: Mapping[str, float] = field(default_factory=dict)
    measured: bool = False  # decided by comparing every score
    chance: float = 0.0  # what ties of two that were made or broken may have moved the figure by


def judge(
    old: Record, new: Record, tolerance: float, old_scores: Ranked | None, new_scores: Ranked | None, basis: Basis | None = None
) -> Verdict:
    """Compare two records of one key.

    With scores on both sides they agree when every score is within tolerance x (max - min) of the old one, the main figure is within
    5e-5 (see `shifted`), scores that are tied for a reason are tied in the other, and the old figures are those of the old scores. Without,
    when each figure is within max(tolerance, 1e-5), or when both are undefined for the same reason. `basis` is that of the new scores.
    """
    if old.status != new.status:
        return Verdict(f"status was {old.status}, is {new.status}" + (f" ({new.reason})" if new.reason else ""))
    if old_scores is not None and new_scores is not None:
        return _judge_scores(old, new, tolerance, old_scores, new_scores, basis)
    if old.status != "ok":
        return Verdict(None if old.reason == new.reason else f"reason was {old.reason}, is {new.reason}")
    for name, before in old.figures.items():
        after = new.figures.get(name)
        if after is None:
            return Verdict(f"{name} was {before:z.6f}, is not measured, and no scores are stored to compare")
        if abs(before - after) > max(tolerance, METRIC_TOLERANCE) + 1e-12:  # both are decimal numbers that float cannot hold exactly
            return Verdict(f"{name} was {before:z.6f}, is {after:z.6f}, and no scores are stored to compare")
    return Verdict()


def rests_on(whole: Record, parts: Sequence[Record], how: Aggregation) -> bool:
    """Whether the figures of a whole benchmark are those that the records of its parts give, within 1e-5.

    Where the pairs of several parts were ranked together (`how` is "all") records cannot tell, and it is taken to be so.
    """
    if not parts or sum(part.n for part in parts) != whole.n:
        return False
    if is_pooled(how, len(parts)):
        return True
    if any(record.status != "ok" for record in (whole, *parts)):
        return whole.status != "ok" and any(part.status != "ok" for part in parts)
    if any(part.figures.keys() != whole.figures.keys() for part in parts) or whole.positives != all_positives(parts):
        return False
    sizes = [part.n for part in parts]
    return all(
        abs(value - mean(how, sizes, [part.figures[name] for part in parts])) <= METRIC_TOLERANCE for name, value in whole.figures.items()
    )


def _judge_scores(old: Record, new: Record, tolerance: float, old_scores: Ranked, new_scores: Ranked, basis: Basis | None) -> Verdict:
    before = old_scores.astype(np.float64)
    after = on_scale(new_scores, (new.exponent or 0) - (old.exponent or 0))
    if len(before) != len(after):
        return Verdict(f"{len(before)} scores were stored, {len(after)} were computed", measured=True)
    if not len(before):
        return Verdict(measured=True)
    gaps = np.abs(before - after)
    allowed = tolerance * min(float(np.ptp(before)), float(np.ptp(after)))  # one outlier widens the range of neither
    worst = int(gaps.argmax())
    if gaps[worst] <= allowed:
        chance = by_chance(before, after, basis)
        what = (
            untied(before, after, basis)
            or shifted(old.figure, new.figure, chance)
            or (basis.contradicts(old.figures, before) if basis else None)
        )
        return Verdict(what, measured=True, chance=chance)
    old_score, new_score = float(before[worst]), float(after[worst])
    what = (
        f"{int((gaps > allowed).sum())} of {len(gaps)} scores moved by more than the tolerance, most that of pair {worst + 1}, "
        f"which was {old_score:z.7g} and is {new_score:z.7g}"
    )
    return Verdict(what, {"pair": worst, "old_score": old_score, "new_score": new_score}, measured=True)
