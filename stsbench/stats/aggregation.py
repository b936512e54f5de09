"""From parts to the whole of a benchmark, over all pairs or as a mean; and from benchmarks to one figure, beside the macro mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64, Pairs, Ranked
from stsbench.contracts.kinds import Aggregation
from stsbench.stats.correlation import DECIMALS, rankable
from stsbench.stats.metrics import Measured, measure
from stsbench.stats.orders import merged, midranks

from .metrics.metric import Metric


def joint_weights(pairs: Sequence[Pairs]) -> Float64 | None:
    """The weights of all pairs together, 1 where a list has none; None where none has."""
    if all(one.weights is None for one in pairs):
        return None
    return np.concatenate([np.ones(len(one)) if one.weights is None else one.weights for one in pairs])


def is_pooled(how: Aggregation, parts: int) -> bool:
    """Whether the pairs of several parts are ranked together, so that no figures of parts give that of the whole."""
    return how == "all" and parts > 1


def shares(how: Aggregation, sizes: Sequence[int]) -> list[float]:
    """The weight of each part in the mean, summing to 1."""
    weights = [size if how == "wmean" else 1 for size in sizes]
    return [weight / sum(weights) for weight in weights]


def mean(how: Aggregation, sizes: Sequence[int], figures: Sequence[float]) -> float:
    """The mean of the figures of parts, plain or weighted by their `sizes`."""
    weights = [size if how == "wmean" else 1 for size in sizes]
    return math.fsum(weight * value for weight, value in zip(weights, figures, strict=True)) / sum(weights)


def aggregate(parts: Sequence[Measured], how: Aggregation) -> Measured:
    """One figure for several parts: the mean of each metric; `n` and `tied` are sums.

    Undefined as soon as one part is, with a reason that names the first such part. Raises ValueError if there is no part.
    """
    if not parts:
        raise ValueError("there is no part to aggregate")
    sizes, tied = [part.n for part in parts], sum(part.tied for part in parts)
    for number, part in enumerate(parts, start=1):
        if part.reason is not None:
            return Measured(sum(sizes), {}, f"part {number} of {len(parts)}: {part.reason}", tied)
    figures = {name: mean(how, sizes, [part.figures[name] for part in parts]) for name in parts[0].figures}
    return Measured(sum(sizes), figures, None, tied)


def over_parts(
    parts: Sequence[Measured], how: Aggregation, wanted: Sequence[Metric], pairs: Sequence[Pairs], scores: Sequence[tuple[Ranked, int]]
) -> Measured:
    """The figures of a whole benchmark: those of its only part, of all pairs together, or the mean over its parts.

    `scores` are those of each part as stored, with the exponent of the power of ten that they were divided by.
    """
    if len(parts) == 1:
        return parts[0]
    if is_pooled(how, len(parts)):
        return measure(np.concatenate([one.gold for one in pairs]), ranked_together(scores), wanted, joint_weights(pairs))
    return aggregate(parts, how)


def on_scale(scores: Ranked, exponent: int) -> Float64:
    """Scores that were divided by 10**exponent, or by that much more than others, as they were before; infinite beyond all numbers."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        scaled = scores.astype(np.float64) * np.float64(10.0) ** exponent
    return np.nan_to_num(scaled, nan=0.0, posinf=np.inf, neginf=-np.inf)


def in_one_unit(parts: Sequence[tuple[Ranked, int]]) -> Float64:
    """The stored scores of several parts, each divided by 10**exponent of its own, in one unit."""
    top = max(exponent for _, exponent in parts)
    return np.concatenate([on_scale(scores, exponent - top) for scores, exponent in parts])


def ranked_together(parts: Sequence[tuple[Ranked, int]]) -> Ranked:
    """The same as one list that can be ranked: what was equal before float32 kept it in two units is equal again.

    Scores of parts that float32 does not keep are left as they are, for it is because they lie so close that they are in float64. Where
    there are finer ones than decimals of the largest, all are taken for `relative`.
    """
    whole = in_one_unit(parts)
    if len({exponent for _, exponent in parts}) > 1:
        narrow = np.concatenate([np.full(len(scores), scores.dtype == np.float32) for scores, _ in parts])
        reach = np.where(narrow, np.finfo(np.float32).eps * np.abs(whole), 0.0)[np.argsort(whole, kind="stable")]
        whole = merged(whole, np.maximum(reach, np.roll(reach, 1)))
    finer = any(((scores != 0) & (np.abs(scores) < 10.0**-DECIMALS / 2)).any() for scores, _ in parts)
    return rankable(whole, relative=finer)[0]


def fisher_mean(correlations: Sequence[float]) -> float:
    """The correlation whose Fisher z is the mean of theirs; 1 or -1 among them gives that. Raises ValueError for none."""
    if not correlations:
        raise ValueError("there is no correlation to average")
    whole = {value for value in correlations if abs(value) >= 1}
    if len(whole) > 1:
        raise ValueError("correlations of 1 and of -1 have no mean on the z scale")
    return whole.pop() if whole else math.tanh(math.fsum(map(math.atanh, correlations)) / len(correlations))


def borda(figures: Float64) -> Float64:
    """Borda counts of systems, float64[s], from figures float64[s, k] without gaps: for each benchmark s minus the average rank.

    mteb's definition. A count depends on which other systems are in the table, so it is never the only order of one.
    """
    counts: Float64 = np.sum([len(figures) - midranks(-column) for column in figures.T], axis=0)
    return counts
