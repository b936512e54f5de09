"""Tests of two dependent correlations with one variable in common, from three correlations and n.

They assume bivariate normal values and Pearson's correlation. On Spearman's they reject true hypotheses too often (13 % at a
nominal 5 % where systems correlate at .78), and are here for comparison with the literature only.

`first` and `second` are the correlations of two systems with gold, `between` that of the systems with each other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

WARNING = "this test was made for Pearson's correlation of normal values and rejects too often for Spearman's"

CERTAIN = 1 - 1e-12  # a correlation of 1 or -1, but for rounding


class Test(NamedTuple):
    """A statistic with its two-sided p."""

    statistic: float
    p: float


def undefined(first: float, second: float, between: float, n: int) -> str | None:
    """Why these tests are not defined for three correlations and n, if they are not: they divide by what then is 0."""
    if n < 4:
        return "it needs four pairs"
    if max(map(abs, (first, second, between))) >= CERTAIN:
        return "it is not defined where a correlation is 1 or -1"
    if _determinant(first, second, between) <= 1e-12:
        return "it is not defined where two of the correlations settle the third"
    return None


def williams(first: float, second: float, between: float, n: int) -> Test:
    """Williams' t with n - 3 degrees of freedom (Williams 1959, as in Steiger 1980, formula 7)."""
    middle = (first + second) / 2
    under = 2 * (n - 1) / (n - 3) * _determinant(first, second, between) + middle**2 * (1 - between) ** 3
    return _t((first - second) * math.sqrt((n - 1) * (1 + between) / under), n)


def hotelling(first: float, second: float, between: float, n: int) -> Test:
    """Hotelling's t with n - 3 degrees of freedom (1940), which holds for the very values of gold that were drawn."""
    return _t((first - second) * math.sqrt((n - 3) * (1 + between) / (2 * _determinant(first, second, between))), n)


def hendrickson(first: float, second: float, between: float, n: int) -> Test:
    """Hendrickson, Stanley and Hills' t with n - 3 degrees of freedom: Hotelling's, mended for gold that varies (1970)."""
    under = 2 * _determinant(first, second, between) + (first - second) ** 2 * (1 - between) ** 3 / (4 * (n - 1))
    return _t((first - second) * math.sqrt((n - 3) * (1 + between) / under), n)


def olkin(first: float, second: float, between: float, n: int) -> Test:
    """Olkin's z, of the difference itself by its asymptotic variance (1967)."""
    rest = (2 * between - first * second) * (1 - between**2 - first**2 - second**2)
    variance = (1 - first**2) ** 2 + (1 - second**2) ** 2 - 2 * between**3 - rest
    return _z((first - second) * math.sqrt(n / variance))


def steiger(first: float, second: float, between: float, n: int) -> Test:
    """Steiger's z, Dunn and Clark's with the mean correlation in the covariance (Steiger 1980, formula 14)."""
    middle = (first + second) / 2
    return _fisher(first, second, n, _covariance(middle, middle, between))


def hittner(first: float, second: float, between: float, n: int) -> Test:
    """Hittner, May and Silver's z: Steiger's with the correlation whose z is the mean of both z (2003)."""
    middle = math.tanh((math.atanh(first) + math.atanh(second)) / 2)
    return _fisher(first, second, n, _covariance(middle, middle, between))


def dunn_clark(first: float, second: float, between: float, n: int) -> Test:
    """Dunn and Clark's z (1969)."""
    return _fisher(first, second, n, _covariance(first, second, between))


def meng(first: float, second: float, between: float, n: int) -> Test:
    """Meng, Rosenthal and Rubin's z (1992)."""
    square = (first**2 + second**2) / 2
    f = min(1.0, (1 - between) / (2 * (1 - square)))
    h = (1 - f * square) / (1 - square)
    return _z((math.atanh(first) - math.atanh(second)) / math.sqrt(2 * (1 - between) * h / (n - 3)))


def _determinant(first: float, second: float, between: float) -> float:
    """Of the matrix of the three correlations."""
    return 1 + 2 * first * second * between - first**2 - second**2 - between**2


def _fisher(first: float, second: float, n: int, covariance: float) -> Test:
    return _z((math.atanh(first) - math.atanh(second)) * math.sqrt(n - 3) / math.sqrt(2 - 2 * covariance))


def _covariance(first: float, second: float, between: float) -> float:
    """Of the two Fisher z, times n - 3 (Pearson and Filon 1898)."""
    top = between * (1 - first**2 - second**2) - first * second * (1 - first**2 - second**2 - between**2) / 2
    return top / ((1 - first**2) * (1 - second**2))


def _t(t: float, n: int) -> Test:
    from scipy import stats

    return Test(t, float(2 * stats.t.sf(abs(t), n - 3)))


def _z(z: float) -> Test:
    return Test(z, math.erfc(abs(z) / math.sqrt(2)))
