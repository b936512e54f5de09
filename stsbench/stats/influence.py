"""Standard errors and covariances of figures from influence functions, without resampling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench.contracts.data import Float64, Index


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
