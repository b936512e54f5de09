"""Every figure: against a peer, under weights and counts against the repeated pairs, and its influence function against derivatives."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as peer

from stsbench.stats.metrics import METRICS
from stsbench.stats.metrics.metric import Metric, Resampled
from stsbench.stats.resampling import Sample, bootstrap, draw, generator_of


def in_order(gold: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """For every two pairs 1 where gold and scores order them alike, -1 where not, 0 where either ties them."""
    signs: NDArray[np.float64] = np.prod([np.sign(np.subtract.outer(values, values)) for values in (gold, scores)], axis=0)
    return signs


PEERS = {
    "spearman": lambda gold, scores: stats.spearmanr(gold, scores).statistic,
    "pearson": lambda gold, scores: stats.pearsonr(gold, scores).statistic,
    "kendall": lambda gold, scores: stats.kendalltau(gold, scores).statistic,
    "gamma": lambda gold, scores: in_order(gold, scores).sum() / np.abs(in_order(gold, scores)).sum(),
    "average_precision": peer.average_precision_score,
    "roc_auc": peer.roc_auc_score,
}
OF_PAIRS = [metric for metric in METRICS.values() if "triplets" not in metric.tasks]  # test_triplets.py has what pairs of triplets are
every = pytest.mark.parametrize("metric", OF_PAIRS, ids=lambda metric: metric.name)
UNDEFINED = r"constant|positive and negative"
ties = pytest.mark.parametrize("decimals", [0, 1, 12])


def drawn(metric: Metric, n: int, decimals: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gold, and the scores of three systems, the last of which disagrees."""
    generator = np.random.default_rng([seed, n, decimals])
    gold = (generator.random(n) < 0.3).astype(float) if metric.bounds == (0, 1) else generator.integers(0, 7, n).astype(float)
    gold[:2] = 0.0, 1.0
    return gold, np.round(gold[:, None] * [1.0, 0.5, -0.7] + generator.normal(size=(n, 3)), decimals)


def of(metric: Metric) -> Resampled:
    assert metric.resampled is not None
    return metric.resampled


@every
@ties
@pytest.mark.parametrize("n", [5, 60, 700])
def test_without_weights_it_is_what_a_peer_gives(metric: Metric, decimals: int, n: int) -> None:
    gold, scores = drawn(metric, n, decimals)
    for column in scores.T:
        found = metric.compute(gold, column)
        assert found == pytest.approx(PEERS[metric.name](gold, column), abs=1e-13)
        assert metric.bounds[0] <= found <= metric.bounds[1]
        assert metric.compute(gold, column, np.ones(n)) == found
        assert metric.compute(gold, column, np.full(n, 2.5)) == pytest.approx(found, abs=1e-13)


@every
@ties
@pytest.mark.parametrize("seed", range(3))
def test_whole_weights_are_repeated_pairs(metric: Metric, decimals: int, seed: int) -> None:
    gold, scores = drawn(metric, 80, decimals, seed)
    weights = np.random.default_rng(seed).integers(0, 5, 80)
    weights[:2] = 1, 3
    rows = np.repeat(np.arange(80), weights)
    for column in scores.T:
        repeated = metric.compute(gold[rows], column[rows])
        assert metric.compute(gold, column, weights.astype(float)) == pytest.approx(repeated, abs=1e-14)
        assert repeated == pytest.approx(PEERS[metric.name](gold[rows], column[rows]), abs=1e-13)


@every
@ties
@pytest.mark.parametrize("n", [40, 333])
def test_under_counts_it_is_that_of_the_repeated_pairs(metric: Metric, decimals: int, n: int) -> None:
    gold, scores = drawn(metric, n, decimals)
    counts = next(draw(n, 40, generator_of([n])))
    before = counts.copy()
    found = of(metric).under(gold, scores)(counts)
    assert found.shape == (40, 3)
    for own, row in zip(counts.T, found, strict=True):
        rows = np.repeat(np.arange(n), own.astype(int))
        assert row.tolist() == pytest.approx([metric.compute(gold[rows], column[rows]) for column in scores.T], abs=1e-12)
    np.testing.assert_array_equal(counts, before)


@every
@ties
def test_under_weights_it_is_that_of_the_weighted_pairs(metric: Metric, decimals: int) -> None:
    gold, scores = drawn(metric, 90, decimals)
    weights = np.random.default_rng(3).uniform(0.1, 4, (90, 2))
    found = of(metric).under(gold, scores)(weights)
    for own, row in zip(weights.T, found, strict=True):
        assert row.tolist() == pytest.approx([metric.compute(gold, column, own) for column in scores.T], abs=1e-12)


@every
@ties
@pytest.mark.parametrize("weighted", [False, True])
def test_influence_is_the_infinitesimal_jackknife(metric: Metric, decimals: int, weighted: bool) -> None:
    """n times the derivative by the logarithm of each pair's weight, by central differences."""
    n, step = 50, 1e-5
    gold, scores = drawn(metric, n, decimals)
    weights = np.random.default_rng(1).uniform(0.2, 3, n) if weighted else np.ones(n)
    weights[7] = 0.0 if weighted else 1.0
    for column in scores.T:
        value, influences = of(metric).influence(gold, column, weights if weighted else None)
        assert value == pytest.approx(metric.compute(gold, column, weights), abs=1e-14)
        assert influences.sum() == pytest.approx(0, abs=1e-11)
        moved = [
            [metric.compute(gold, column, weights * np.exp(sign * step * (np.arange(n) == row))) for sign in (1, -1)] for row in range(n)
        ]
        expected = [n * (up - down) / (2 * step) for up, down in moved]
        np.testing.assert_allclose(influences, expected, rtol=0, atol=1e-6)


@every
def test_standard_errors_are_those_of_the_bootstrap(metric: Metric) -> None:
    gold, scores = drawn(metric, 400, 1)
    weights = np.random.default_rng(2).uniform(0.5, 2, 400)
    for given in (None, weights):
        sample = Sample(gold, scores, np.arange(400), metric=metric, weights=given)
        draws = bootstrap([sample], 400, resamples=600, generator=generator_of([0]))[:, 0]
        figures, influences = sample.influences
        np.testing.assert_allclose(np.linalg.norm(influences, axis=0) / 400, draws.std(axis=0), rtol=0.12)
        np.testing.assert_allclose(draws.mean(axis=0), figures, atol=0.02)


@every
def test_what_has_no_figure_is_an_error_not_a_number(metric: Metric) -> None:
    gold, scores = drawn(metric, 20, 1)
    constant = np.ones(20)
    for weights in (None, np.where(gold == gold[0], 1.0, 0.0)):  # constant, and constant where there is weight
        with pytest.raises(ValueError, match=UNDEFINED):
            metric.compute(constant if weights is None else gold, scores[:, 0], weights)
        with pytest.raises(ValueError, match=UNDEFINED):
            of(metric).influence(constant if weights is None else gold, scores[:, 0], weights)
    shares = np.random.default_rng(1).uniform(0.1, 4, (20, 1))
    for counts in (shares, np.ones((20, 1), dtype=np.float32)):
        with pytest.raises(ValueError, match=UNDEFINED):
            of(metric).under(gold, scores)((gold == gold[0])[:, None] * counts)
    if of(metric).varies:
        with pytest.raises(ValueError, match="constant"):
            metric.compute(gold, constant)
        with pytest.raises(ValueError, match="constant"):
            of(metric).under(gold, np.round(scores))((np.round(scores[:, 0]) == 1)[:, None] * shares)


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
@pytest.mark.parametrize("weights", [[1.0], [-1.0, 1, 1], [np.nan, 1, 1], [np.inf, 1, 1], [0.0, 0, 0]])
def test_weights_are_counts_of_each_pair(metric: Metric, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        metric.compute(np.array([0.0, 1, 1]), np.array([1.0, 2, 3]), np.array(weights))


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_pearson_keeps_its_digits_without_an_outlier(shift: float) -> None:
    gold, scores = drawn(METRICS["pearson"], 60, 12)
    gold[5], scores[5] = 1e9, -1e9
    counts = np.ones((60, 1), np.float32)
    counts[5] = 0
    found = of(METRICS["pearson"]).under(gold + shift, scores + shift)(counts)[0]
    expected = [np.corrcoef(np.delete(gold, 5), np.delete(column, 5))[0, 1] for column in scores.T]
    assert found.tolist() == pytest.approx(expected, abs=1e-5)


def test_a_figure_that_cannot_be_resampled_says_so() -> None:
    metric = Metric("share", "the share of pairs", lambda gold, scores, weights=None: 1.0, (0.0, 1.0))
    with pytest.raises(ValueError, match="it is not known how the share of pairs is resampled"):
        bootstrap([Sample(np.arange(9.0), np.ones((9, 1)), np.arange(9), metric=metric)], 9, resamples=1, generator=generator_of([0]))


def in_fractions(name: str, gold: list[float], scores: list[float], weights: list[float]) -> float:
    """A correlation of weighted pairs by its definition, without rounding but for the last root."""
    mass = [Fraction(weight) for weight in weights]
    sides = [[Fraction(value) for value in values] for values in (gold, scores)]
    if name == "spearman":
        sides = [
            [sum((m * ((v < own) + Fraction(v == own) / 2) for v, m in zip(side, mass, strict=True)), Fraction()) for own in side]
            for side in sides
        ]
    pairs = [(i, j) for i in range(len(mass)) for j in range(i)]
    gaps = [[side[i] - side[j] for i, j in pairs] for side in sides]
    if name in ("kendall", "gamma"):
        gaps = [[Fraction((gap > 0) - (gap < 0)) for gap in side] for side in gaps]
    both = [mass[i] * mass[j] for i, j in pairs]  # a covariance is a sum over all two pairs, too
    products = sum((m * a * b for m, a, b in zip(both, *gaps, strict=True)), Fraction())
    if name == "gamma":
        return float(products / sum(m for m, a, b in zip(both, *gaps, strict=True) if a and b))
    squares = [sum(m * gap**2 for m, gap in zip(both, side, strict=True)) for side in gaps]
    return math.copysign(math.sqrt(products**2 / (squares[0] * squares[1])), products)


@pytest.mark.parametrize("name", ["spearman", "pearson", "kendall", "gamma"])
def test_weights_that_differ_a_billionfold_leave_the_digits_that_records_hold(name: str) -> None:
    generator = np.random.default_rng(7)
    for case in range(40):
        n = int(generator.integers(4, 9))
        gold, scores = generator.permutation(n) / 2.0, generator.permutation(n) // 2 / 4.0
        weights = 10.0 ** generator.uniform(-4.5, 4.5, n) if case % 2 else np.where(np.arange(n) == 0, 1e9, 1.0)
        expected = in_fractions(name, gold.tolist(), scores.tolist(), weights.tolist())
        assert METRICS[name].compute(gold, scores, weights) == pytest.approx(expected, abs=1e-7)
        assert (resampled := METRICS[name].resampled) is not None
        assert resampled.influence(gold, scores, weights)[0] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_resample_of_no_pair_has_no_figure(metric: Metric) -> None:
    gold = np.tile([1.0, 0.0], 3)
    assert metric.resampled is not None
    with pytest.raises(ValueError, match=r"pair|constant|triplet"):  # and no warning of numpy's
        metric.resampled.under(gold, np.arange(6.0)[:, None])(np.zeros((6, 2), np.float32))
