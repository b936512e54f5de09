from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.stats.intervals import bonett_wright, fisher_z, percentile, wilson, zou

Y = (21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19)
X = (67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51)


def test_bonett_wright_is_that_of_statpsych() -> None:
    rho = float(spearmanr(Y, X).statistic)
    assert rho == pytest.approx(0.8699639, abs=5e-8)
    assert bonett_wright(rho, 15) == pytest.approx((0.5840951, 0.9638297), abs=5e-8)


@pytest.mark.parametrize(
    ("rho", "n", "below", "above"),
    [(0.8, 100, 9.9, 6.9), (0.8, 1379, 2.29, 2.08), (0.8, 10_000, 0.8, 0.8), (0.9, 1500, 1.2, 1.1), (0.76, 3108, 1.7, 1.6)],
)
def test_half_widths_of_typical_boards(rho: float, n: int, below: float, above: float) -> None:
    low, high = bonett_wright(rho, n)
    assert 100 * (rho - low) == pytest.approx(below, abs=0.06)
    assert 100 * (high - rho) == pytest.approx(above, abs=0.06)


def zou_of(first: float, second: float, between: float, n: int) -> tuple[float, float]:
    one, other = ((rho, fisher_z(rho, (1 - rho**2) / math.sqrt(n - 3))) for rho in (first, second))  # Fisher's own, of Pearson's
    return zou(one, other, between)


@pytest.mark.parametrize(
    ("case", "expected", "digits"),
    [
        ((0.3, 0.4, 0.5, 100), (-0.28234, 0.08240), 5e-6),
        ((0.396, 0.179, 0.088, 66), (-0.093, 0.517), 5e-4),
        ((0.2, 0.5, 0.1, 315), (-0.4307124, -0.1674904), 5e-8),
        ((0.82, 0.80, 0.90, 1379), (0.0068468, 0.0335381), 5e-8),
    ],
)
def test_zou_is_that_of_cocor(case: tuple[float, float, float, int], expected: tuple[float, float], digits: float) -> None:
    assert zou_of(*case) == pytest.approx(expected, abs=digits)


def test_percentile_takes_order_statistics() -> None:
    assert percentile(np.arange(1.0, 10_000.0)) == pytest.approx((250, 9750))


def test_fisher_z_stays_inside_and_is_asymmetric() -> None:
    low, high = fisher_z(0.95, 0.02)
    assert 0.95 - low > high - 0.95
    assert fisher_z(0.999, 0.5).high <= 1
    assert fisher_z(1.0, 0.0) == (1.0, 1.0)


def test_few_pairs_have_no_interval() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        bonett_wright(0.5, 3)


def test_a_share_has_its_interval_on_the_logit_scale() -> None:
    logit, reach = np.log(0.9 / 0.1), 1.959963984540054 * 0.04 / (0.9 * 0.1)
    expected = [1 / (1 + np.exp(-(logit + side * reach))) for side in (-1, 1)]
    assert fisher_z(0.9, 0.04, bounds=(0, 1)) == pytest.approx(expected, abs=1e-12)
    assert fisher_z(1.0, 0.04, bounds=(0, 1)) == (1, 1)
    assert fisher_z(0.0, 0.04, bounds=(0, 1)) == (0, 0)


@pytest.mark.parametrize(("right", "n"), [(0, 300), (300, 300), (1, 7), (150, 300), (271, 300)])
def test_wilsons_interval_is_scipys(right: int, n: int) -> None:
    from scipy.stats import binomtest

    expected = binomtest(right, n).proportion_ci(method="wilson")
    assert wilson(right / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)
