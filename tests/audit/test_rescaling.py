"""Derivatives against differences, predictions against simulation, and families against transforms of their own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from stsbench.audit.fragility import Products, fragility, log_normal, measure_fragility, sensitivities
from stsbench.audit.rescaling import BOUND, _agreement, rescalings, standing
from stsbench.builtin.similarities import kernels
from stsbench.builtin.transforms.affine import AllButTheTop, Standardise, Whiten

Array = NDArray[np.float64]


def space(seed: int = 5, n: int = 120, d: int = 16) -> tuple[Array, Array, Array, Array]:
    """Left and right vectors that share something, all of them, and a gold that follows what they share."""
    random = np.random.default_rng(seed)
    weight = random.uniform(size=(n, 1))
    base = random.normal(size=(n, d)) * np.linspace(2, 0.3, d)
    left = base + 0.2
    right = weight * base + (1 - weight) * random.normal(size=(n, d)) * np.linspace(2, 0.3, d) + 0.2
    return left, right, np.vstack([left, right]), weight[:, 0] + 0.1 * random.normal(size=n)


LEFT, RIGHT, ALL, GOLD = space()
PRODUCTS = Products.of(LEFT, RIGHT)


def rho(left: Array, right: Array) -> float:
    return float(stats.spearmanr(kernels.cosine(left, right), GOLD).statistic)


def test_sensitivities_are_derivatives() -> None:
    found = sensitivities(PRODUCTS)
    np.testing.assert_allclose(found.sum(axis=1), 0, atol=1e-12)
    for dimension in (0, 7, 15):
        step = np.zeros(16)
        step[dimension] = 1e-4  # cosines have 12 decimals
        up, down = (kernels.cosine(LEFT * np.exp(sign * step), RIGHT * np.exp(sign * step)) for sign in (1, -1))
        np.testing.assert_allclose((up - down) / 2e-4, found[:, dimension], atol=1e-8)


def test_fragility_by_its_definition() -> None:
    cosines = kernels.cosine(LEFT, RIGHT)
    design = np.column_stack([np.ones(len(cosines)), cosines])
    changes = sensitivities(PRODUCTS)
    rest = changes - design @ np.linalg.lstsq(design, changes, rcond=None)[0]
    assert fragility(PRODUCTS) == pytest.approx(math.sqrt((rest**2).sum(axis=1).mean()) / cosines.std(), rel=1e-9)
    assert fragility(Products.of(LEFT, LEFT)) is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_predicted_stability_agrees_with_simulation(seed: int) -> None:
    left, right, _, _ = space(seed, n=600, d=64)
    found = measure_fragility(Products.of(left, right))
    assert found is not None
    for each in found.stability:
        if each.scale <= 0.25:
            assert each.predicted == pytest.approx(each.simulated, abs=0.02)
    assert found.scale95 == pytest.approx(0.3287 / found.value, rel=1e-3)
    scales = log_normal(64, 0.25, 0)
    direct = [stats.pearsonr(kernels.cosine(left * column, right * column), kernels.cosine(left, right)).statistic for column in scales.T]
    assert found.stability[1].simulated == pytest.approx(np.mean(direct), abs=1e-10)


def test_families_are_what_they_say() -> None:
    families = {family.name: family for family in rescalings(ALL, LEFT, RIGHT, PRODUCTS, GOLD, "unknown")}
    assert {family.standing for family in families.values()} == {"sensitivity"}
    close: Any = lambda value: pytest.approx(value, abs=1e-6)  # noqa: E731 - scores are ranked as float32
    scale = log_normal(16, 0.5, 0)[:, 3]
    assert dict(families["coordinate"].points)["s = 0.5, draw 3"] == close(rho(LEFT * scale, RIGHT * scale))
    deviations = ALL.std(axis=0)
    assert dict(families["deviation"].points)["divided"] == close(rho(LEFT / deviations, RIGHT / deviations))
    whiten, standardise = Whiten().fit(ALL), Standardise().fit(ALL)
    assert dict(families["principal"].points)["beta = 1"] == close(rho(whiten.transform(LEFT), whiten.transform(RIGHT)))
    assert dict(families["standardised"].points)["divided"] == close(rho(standardise.transform(LEFT), standardise.transform(RIGHT)))
    top = AllButTheTop(k=2).fit(ALL)
    assert dict(families["all but the top"].points)["without the top 2"] == close(rho(top.transform(LEFT), top.transform(RIGHT)))
    for family in families.values():
        values = [value for _, value in family.points]
        assert (family.low, family.high, family.spread) == (min(values), max(values), max(values) - min(values))


def test_the_worst_case_is_worse_than_chance_and_stays_in_its_bounds() -> None:
    families = {family.name: family for family in rescalings(ALL, LEFT, RIGHT, PRODUCTS, GOLD, "unknown")}
    worst, plain = dict(families["worst case"].points), rho(LEFT, RIGHT)
    assert worst["lowest found"] < plain < worst["highest found"]
    random = np.random.default_rng(0)
    within = [rho(LEFT * scale, RIGHT * scale) for scale in BOUND ** random.uniform(-1, 1, size=(50, 16))]
    assert worst["lowest found"] < min(within)
    assert max(within) < worst["highest found"]


def test_the_slope_of_the_worst_case() -> None:
    target = stats.rankdata(GOLD) - stats.rankdata(GOLD).mean()
    theta = np.random.default_rng(1).normal(size=16) / 4
    _, slope = _agreement(PRODUCTS, theta, target)
    for dimension in range(16):
        step = np.zeros(16)
        step[dimension] = 1e-4  # cosines have 12 decimals
        up, down = (_agreement(PRODUCTS, theta + sign * step, target)[0] for sign in (1, -1))
        assert slope[dimension] == pytest.approx((up - down) / 2e-4, abs=1e-7)


def test_only_what_training_leaves_free_is_admissible() -> None:
    kinds: tuple[Any, ...] = ("diagonal", "linear", "other")
    found = {known: [standing(known, kind) == "admissible" for kind in kinds] for known in ("O(d)", "unknown", "diag", "GL(d)")}
    assert found == {"O(d)": [False] * 3, "unknown": [False] * 3, "diag": [True, False, False], "GL(d)": [True, True, False]}
    free = {family.name for family in rescalings(ALL, LEFT, RIGHT, PRODUCTS, GOLD, "GL(d)") if family.standing == "admissible"}
    assert free == {"coordinate", "deviation", "worst case"}
