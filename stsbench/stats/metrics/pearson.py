"""Pearson's correlation, of weighted pairs and of resamples, and its influence function."""

from __future__ import annotations

from functools import partial

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.stats.weights import ROUNDING, Counts, Under, varied, weighted, weighted_influence

from .metric import Metric, Resampled


@weighted
def pearson(gold: Float64, scores: Float64, weights: Float64) -> float:
    """Pearson's correlation, in [-1, 1]."""
    return correlation(_unit_range(gold), _unit_range(scores), weights)


def correlation(left: Float64, right: Float64, weights: Float64) -> float:
    """The same of values that are not constant, none of them so large or small that squares leave what a float64 holds."""
    first, second = (_standard(values, weights) for values in (left, right))
    return max(-1.0, min(1.0, float(first @ second)))


def pearson_under(gold: Float64, scores: Float64) -> Under:
    """Pearson of every resample and system, from five moments each: one product of matrices for all resamples.

    Values are taken from their median, so that a resample without the one outlier of the data loses no digits.
    """
    values = np.column_stack([_about_median(column) for column in (gold, *scores.T)])
    moments = np.vstack([np.ones(len(gold)), values.T, values.T**2, values[:, 0] * values[:, 1:].T])
    return partial(_under, moments, scores.shape[1])


def _under(moments: Float64, systems: int, counts: Counts) -> Float64:
    total, *sums = np.split(moments @ counts.astype(np.float64), np.cumsum([1, systems + 1, systems + 1]))
    if not total.all():
        raise ValueError("a resample holds no pair")
    means, squares, products = (values / total for values in sums)
    variances = squares - means**2
    if not (variances > ROUNDING * squares).all():
        raise ValueError("a resample leaves gold or scores constant")
    figures: Float64 = (products - means[0] * means[1:]) / np.sqrt(variances[0] * variances[1:])
    return figures.clip(-1.0, 1.0).T


@weighted_influence
def pearson_influence(gold: Float64, scores: Float64, weights: Float64) -> tuple[float, Float64]:
    """Pearson and the influence of each pair on it: z_x z_y - rho (z_x^2 + z_y^2) / 2 of standardised values (Hampel 1974)."""
    left, right = _unit_range(gold), _unit_range(scores)
    first, second = (_standard(values, weights) * np.sqrt(weights.sum() / weights) for values in (left, right))
    rho = correlation(left, right, weights)
    return rho, first * second - rho / 2 * (first**2 + second**2)


def _standard(values: Float64, weights: Float64) -> Float64:
    """Deviations from the mean times the roots of their weights, with squares that add up to 1."""
    deviations = (values - np.average(values, weights=weights)) * np.sqrt(weights)
    return deviations / np.linalg.norm(deviations)


def _unit_range(values: Float64) -> Float64:
    """Values mapped to [0, 1]: Pearson does not change, and neither overflows nor underflows. Raises ValueError for constant ones."""
    values = varied(values) / np.abs(values).max()
    lowest = values.min()
    scaled: Float64 = (values - lowest) / (values.max() - lowest)
    return scaled


def _about_median(values: Float64) -> Float64:
    """Deviations from the median, in [-1, 1]."""
    values = values / (np.abs(values).max() or 1.0)
    deviations = values - np.median(values)
    return deviations / (np.abs(deviations).max() or 1.0)


METRICS = (Metric("pearson", "Pearson", pearson, (-1, 1), Resampled(pearson_under, pearson_influence), ranks=False),)
