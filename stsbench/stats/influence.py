"""Influence functions of Spearman's correlation with midranks: standard errors and covariances without resampling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.orders import Order, midranks


def influence(gold: Float64, scores: Float64) -> tuple[float, Float64]:
    """Spearman and the influence of each pair on it, float64[n], which sums to zero; O(n log n).

    The derivative of rho = C / sqrt(V_F V_G) with C = mean(F G) - 1/4, V = mean(F^2) - 1/4, F and G the mid-distribution functions
    (Croux and Dehon 2010, here with ties). Raises ValueError where either is constant.
    """
    n = len(gold)
    first, second = (midranks(gold) - 0.5) / n, (midranks(scores) - 0.5) / n
    first_order, second_order = Order.of(gold), Order.of(scores)
    products, squares = first * second, (first**2, second**2)
    covariance = products.mean() - 0.25
    variances = [square.mean() - 0.25 for square in squares]
    if min(variances) <= 1e-14:
        raise ValueError("constant gold or scores have no rank correlation")
    scale = np.sqrt(variances[0] * variances[1])
    rho = covariance / scale
    of_covariance = products + _tail(first_order, second) + _tail(second_order, first) - 3 * products.mean()
    relative = [
        (square + 2 * _tail(order, values) - 3 * square.mean()) / variance
        for square, order, values, variance in zip(squares, (first_order, second_order), (first, second), variances, strict=True)
    ]
    return float(rho), of_covariance / scale - rho / 2 * (relative[0] + relative[1])


def _tail(order: Order, values: Float64) -> Float64:
    """For each pair the sum of `values` over those that rank above it and half of those that tie with it, divided by n."""
    n = len(values)
    starts = np.arange(n) if order.starts is None else order.starts
    totals = np.add.reduceat(values[order.rows], starts)
    above = np.cumsum(totals[::-1])[::-1] - totals / 2
    result = np.empty(n)
    result[order.rows] = np.repeat(above, np.diff(np.append(starts, n)))
    return result / n


def unit_influence(parts: Sequence[tuple[Float64, Index, float]], units: int) -> Float64:
    """Influence of each drawn unit on a weighted sum of correlations, float64[units, s].

    `parts` are (influence float64[n, s], unit of each pair, weight) of each list of pairs; what lists share adds up. The
    covariance of the sums is U.T @ U, and their standard errors are the norms of its columns.
    """
    result = np.zeros((units, parts[0][0].shape[1]))
    for values, rows, weight in parts:
        np.add.at(result, rows, weight / len(values) * values)
    return result


def standard_errors(unit_values: Float64) -> Float64:
    """Standard errors, float64[s], of what `unit_influence` gives."""
    errors: Float64 = np.sqrt((unit_values**2).sum(axis=0))
    return errors


def difference_errors(covariance: Float64, pairs: tuple[Index, Index]) -> Float64:
    """Standard errors, float64[m], of the differences of pairs of systems with this covariance, float64[s, s]."""
    first, second = pairs
    variances = np.diag(covariance)
    squares: Float64 = np.maximum(variances[first] + variances[second] - 2 * covariance[first, second], 0.0)
    return np.sqrt(squares)
