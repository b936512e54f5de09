"""Which systems are worth their cost: those that no other one beats in everything."""

from __future__ import annotations

import numpy as np

from stsbench.contracts.data import Flags, Float64


def pareto_best(figures: Float64, costs: Float64) -> Flags:
    """Whether no other system is at least as good in its figure and in every cost, and better in one of them, bool[n].

    `figures` float64[n] are better the higher, `costs` float64[n, k] the lower. NaN is not known, and never better: neither a cost that
    nobody knows nor one that is known beside it makes a system the better one, and a system without a figure is not among the best.
    """
    known = np.isfinite(figures)
    values = np.column_stack([-np.asarray(figures, np.float64), np.asarray(costs, np.float64).reshape(len(figures), -1)])
    best = known.copy()
    for row in np.flatnonzero(known):
        no_worse = ((values <= values[row]) | np.isnan(values[row])).all(axis=1)
        better = (values < values[row]).any(axis=1)
        best[row] = not (no_worse & better & known).any()
    return best
