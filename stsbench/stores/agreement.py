"""Whether a figure that was computed anew agrees with the stored one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64, Ranked
from stsbench.contracts.identity import CellId
from stsbench.contracts.records import Record
from stsbench.stats.correlation import rankable
from stsbench.stores.drift import Basis, by_chance, shifted, untied

METRIC_TOLERANCE = 1e-5  # where no scores are stored: what scores within the default tolerance may move a metric by


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stored figure and a new computation of it that differ by more than the tolerance; `old` and `new` are Spearman correlations.

    `what` says how they differ; `pair` is the row (from 0, within its part) of the worst score, `old_score` and `new_score` its
    values, and None where no scores could be compared. `replaced`: the new computation has taken the stored one's place.
    """

    encoder: str
    benchmark: str
    cell: CellId
    what: str
    old: float | None
    new: float | None
    pair: int | None = None
    old_score: float | None = None
    new_score: float | None = None
    replaced: bool = False

    def __str__(self) -> str:
        old, new = ("none" if value is None else f"{value:.6f}" for value in (self.old, self.new))
        return (
            f"{self.encoder} ({self.cell.variant.label}) on {self.benchmark} ({self.cell.part}): {self.what}; Spearman was {old}, is {new}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a new record stands to the stored one of the same cell and key; `what` is None where they agree."""

    what: str | None = None
    pair: int | None = None
    scores: tuple[float, float] | None = None
    measured: bool = False  # decided by comparing every score
    chance: float = 0.0  # what ties of two that were made or broken may have moved the figure by


def judge(
    old: Record, new: Record, tolerance: float, old_scores: Ranked | None, new_scores: Ranked | None, basis: Basis | None = None
) -> Verdict:
    """Compare two records of one key.

    With scores on both sides they agree when every score is within tolerance x (max - min) of the old one, the main figure is within
    5e-5 (see `shifted`), and scores that are tied for a reason are tied in the other. Without, when each of Spearman, Pearson and
    Kendall is within max(tolerance, 1e-5), or when both are undefined for the same reason. `basis` is that of the new scores.
    """
    if old.status != new.status:
        return Verdict(f"status was {old.status}, is {new.status}" + (f" ({new.reason})" if new.reason else ""))
    if old_scores is not None and new_scores is not None:
        return _judge_scores(old, new, tolerance, old_scores, new_scores, basis)
    if old.status != "ok":
        return Verdict(None if old.reason == new.reason else f"reason was {old.reason}, is {new.reason}")
    for name in ("spearman", "pearson", "kendall"):
        before, after = getattr(old, name), getattr(new, name)
        if abs(before - after) > max(tolerance, METRIC_TOLERANCE) + 1e-12:  # both are decimal numbers that float cannot hold exactly
            return Verdict(f"{name} was {before:.6f}, is {after:.6f}, and no scores are stored to compare")
    return Verdict()


def rests_on(whole: Record, parts: Sequence[Record], how: str) -> bool:
    """Whether the figures of a whole benchmark are those that the records of its parts give, within 1e-5.

    Where the pairs of several parts were ranked together (`how` is "all") records cannot tell, and it is taken to be so.
    """
    if not parts or sum(part.n for part in parts) != whole.n:
        return False
    if how == "all" and len(parts) > 1:
        return True
    if any(one.status != "ok" for one in (whole, *parts)):
        return whole.status != "ok" and any(part.status != "ok" for part in parts)
    weights = [part.n if how == "wmean" else 1 for part in parts]
    return all(
        abs(getattr(whole, name) - float(np.average([getattr(part, name) for part in parts], weights=weights))) <= METRIC_TOLERANCE
        for name in ("spearman", "pearson", "kendall")
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
        return Verdict(untied(before, after, basis) or shifted(old.figure, new.figure, chance), measured=True, chance=chance)
    pair = float(before[worst]), float(after[worst])
    what = (
        f"{int((gaps > allowed).sum())} of {len(gaps)} scores moved by more than the tolerance, most that of pair {worst + 1}, "
        f"which was {pair[0]:.7g} and is {pair[1]:.7g}"
    )
    return Verdict(what, worst, pair, measured=True)


def on_scale(scores: Ranked, exponent: int) -> Float64:
    """Scores that were divided by 10**exponent, or by so much more than others, brought to the scale before; infinite beyond all numbers."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        scaled = scores.astype(np.float64) * np.float64(10.0) ** exponent
    return np.nan_to_num(scaled, nan=0.0, posinf=np.inf, neginf=-np.inf)


def ranked_together(parts: Iterable[tuple[Ranked, int]]) -> Ranked:
    """The stored scores of several parts, each divided by 10**exponent of its own, as one list that can be ranked."""
    known = list(parts)
    top = max(exponent for _, exponent in known)
    return rankable(np.concatenate([on_scale(scores, exponent - top) for scores, exponent in known]))[0]
