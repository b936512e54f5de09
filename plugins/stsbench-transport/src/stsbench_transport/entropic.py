"""Entropic transport of many pairs at a time: Sinkhorn's iterations on logarithms, as POT's `sinkhorn_log` makes them for one pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.plugin import Float64, OptionError
from stsbench_transport.movers import Mover, Text

MULTIPLE = 4  # lengths are padded to a multiple, which is a function of the pair alone: its score does not depend on its neighbours
CHUNK = 2**15  # costs of one batch: they stay in the processor's cache
ITERATIONS = 2000
EVERY = 10  # iterations between two looks at what is left to do
ENOUGH = 1e-9  # Euclidean distance of the weights that the plan moves to the right from those that it should


@dataclass(frozen=True, kw_only=True)
class Sinkhorn(Mover):
    """Negated cost of the entropic transport plan; `reg` times the pair's largest cost weighs the entropy.

    It tends to `wmd` as reg does to 0. Sinkhorn's iterations end when the plan moves the right weights to 1e-9. With a small `reg` (some
    .005 and less) 2,000 may not suffice for a pair; its plan then counts as it is: exact in the left weights only, with a cost that is
    off in the fourth digit or so. Source: Cuturi, NeurIPS 2013.
    """

    reg: float = 0.1

    def __post_init__(self) -> None:
        if not 0.0 < self.reg < float("inf"):
            raise OptionError(f"option 'reg' of sinkhorn takes a number above 0, not {self.reg}")

    def totals(self, sides: Sequence[tuple[Text, Text]]) -> Float64:
        """The cost of each pair's entropic plan, float64[n]."""
        totals = np.empty(len(sides))
        for rows, shape in _batches([(len(left.ids), len(right.ids)) for left, right in sides]):
            costs = np.zeros((len(rows), *shape))
            weights = np.zeros((len(rows), shape[0])), np.zeros((len(rows), shape[1]))
            for place, row in enumerate(rows):
                left, right = sides[row]
                costs[place, : len(left.ids), : len(right.ids)] = self.costs(left, right)
                weights[0][place, : len(left.ids)], weights[1][place, : len(right.ids)] = self.weights(left), self.weights(right)
            totals[rows] = entropic(*weights, costs, self.reg)
        return totals


def entropic(left: Float64, right: Float64, costs: Float64, reg: float) -> Float64:
    """The cost of moving weights float64[b, m] onto float64[b, l] by the entropic plan, float64[b], with costs float64[b, m, l].

    `reg` is a share of a pair's largest cost. Tokens that weigh 0 are padding, and cost 0. A pair is done when its plan has the right
    side's weights to 1e-9, or after 2,000 iterations: its plan is then taken as it is, exact in the weights of the left side only.
    """
    largest = costs.max(axis=(1, 2))
    kernel = costs / (-reg * np.where(largest == 0.0, 1.0, largest))[:, None, None]
    with np.errstate(divide="ignore"):
        p, q = np.log(left), np.log(right)
    u = np.where(left > 0.0, 0.0, -np.inf)
    totals, rows = np.zeros(len(costs)), np.arange(len(costs))
    for step in range(ITERATIONS):
        v = q - _log_sum(kernel + u[:, :, None], 1)
        u = p - _log_sum(kernel + v[:, None, :], 2)
        if step % EVERY and step < ITERATIONS - 1:
            continue
        plan = np.exp(kernel + u[:, :, None] + v[:, None, :])
        totals[rows] = (plan * costs).sum(axis=(1, 2))
        going = np.linalg.norm(plan.sum(axis=1) - right, axis=1) >= ENOUGH
        if not going.any():
            break
        if not going.all():
            rows, kernel, costs, right, p, q, u = (one[going] for one in (rows, kernel, costs, right, p, q, u))
    return totals


def _log_sum(values: Float64, axis: int) -> Float64:
    largest = values.max(axis=axis, keepdims=True)
    sums: Float64 = np.log(np.exp(values - largest).sum(axis=axis)) + largest.squeeze(axis)
    return sums


def _batches(sizes: Sequence[tuple[int, int]]) -> Iterator[tuple[list[int], tuple[int, int]]]:
    """Places of pairs that share their padded size, with that size, in batches of bounded memory."""
    buckets: dict[tuple[int, int], list[int]] = {}
    for place, (m, n) in enumerate(sizes):
        buckets.setdefault((-(-m // MULTIPLE) * MULTIPLE, -(-n // MULTIPLE) * MULTIPLE), []).append(place)
    for shape, places in buckets.items():
        step = max(1, CHUNK // (shape[0] * shape[1]))
        yield from ((places[start : start + step], shape) for start in range(0, len(places), step))
