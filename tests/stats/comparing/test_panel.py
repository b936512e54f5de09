"""Influence functions of a panel against its bootstrap, where texts are drawn and a pair counts as often as both of its texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.metrics import KENDALL, METRICS, PEARSON
from stsbench.stats.metrics.metric import Metric
from stsbench.stats.resampling import Sample, draw, generator_of

TEXTS = 120


def sample(seed: int, pairs: int, *, repeat: bool = True) -> Sample:
    """Three systems on pairs of few texts; scores share what texts add to them. Some pairs come twice, turned, or are of one text."""
    generator = np.random.default_rng(seed)
    left, right = generator.integers(0, TEXTS, size=(2, pairs))
    if repeat:
        left[10:20], right[10:20] = right[:10], left[:10]
        left[20:25], right[20:25] = left[:5], right[:5]
        right[30:40] = left[30:40]
    of_text = generator.normal(size=(TEXTS, 4))
    shared = of_text[left] + of_text[right]
    gold = shared[:, 0] + generator.normal(size=pairs)
    scores = gold[:, None] + shared[:, 1:] + generator.normal(size=(pairs, 3)) * [0.5, 1.0, 2.0]
    return Sample(gold, scores, left.astype(np.intp), right.astype(np.intp))


def panel(*samples: tuple[Sample, ...]) -> Panel:
    return Panel(tuple(Benchmarked(f"b{place}", own, (1 / len(own),) * len(own)) for place, own in enumerate(samples)), TEXTS)


@pytest.fixture(scope="module")
def two() -> Panel:
    """Two benchmarks of the same texts, the second of two lists."""
    return panel((sample(1, 500),), (sample(2, 400), sample(3, 300, repeat=False)))


def test_standard_errors_and_covariances_are_those_of_the_bootstrap(two: Panel) -> None:
    draws = two.draws(4000, 0)
    contrasts = np.column_stack([np.eye(3), [1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    for place, units in enumerate(two.influences[1]):
        errors = np.linalg.norm(units @ contrasts, axis=0)
        assert errors == pytest.approx((draws[:, place] @ contrasts).std(axis=0), rel=0.06)
    errors = np.linalg.norm(two.mean_influences @ contrasts, axis=0)
    assert errors == pytest.approx((draws.mean(axis=1) @ contrasts).std(axis=0), rel=0.06)


def test_errors_of_differences_are_norms_of_differences_of_influences(two: Panel) -> None:
    pairs = np.array([0, 1, 2, 2]), np.array([1, 2, 0, 2])
    for place, units in ((0, two.influences[1][0]), (1, two.influences[1][1]), (None, two.mean_influences)):
        expected = np.linalg.norm(units[:, pairs[0]] - units[:, pairs[1]], axis=0)
        assert two.errors(pairs, place) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_differences_are_of_the_first_system_from_the_second_on_the_place_that_is_named(two: Panel) -> None:
    draws, pairs = two.draws(200, 0), (np.array([2, 0]), np.array([0, 1]))
    errors = []
    for place in (0, 1, None):
        figures = two.figures.mean(axis=0) if place is None else two.figures[place]
        drawn = draws.mean(axis=1) if place is None else draws[:, place]
        for first, second, found in zip(*pairs, two.differences(draws, pairs, place), strict=True):
            assert found.value == figures[first] - figures[second]
            assert found.draws.std(ddof=1) == pytest.approx(found.error)
            own = drawn[:, first] - drawn[:, second]
            assert np.corrcoef(found.draws, own)[0, 1] == pytest.approx(1)
            assert found.draws.mean() - found.value == pytest.approx((own.mean() - found.value) * found.error / own.std(ddof=1))
            errors.append(found.error)
        assert errors[-2:] == pytest.approx(two.errors(pairs, place).tolist())
    assert len({round(one, 6) for one in errors}) == 6


def test_the_variance_is_that_of_the_weighted_sum_of_influences(two: Panel) -> None:
    """Without what makes the bootstrap's correlation curved: counts of pairs by drawing, times influences of pairs drawn by pair."""
    (own,) = two.benchmarks[0].samples
    pairs = np.arange(len(own.gold))
    (by_pair,) = Panel((Benchmarked("pairs", (Sample(own.gold, own.scores, pairs),)),), len(pairs)).influences[1]
    drawn = np.concatenate([own.counts(counts).T @ by_pair for counts in draw(TEXTS, 20_000, generator_of([0]))])
    assert np.linalg.norm(two.influences[1][0], axis=0) == pytest.approx(drawn.std(axis=0), rel=0.03)


def test_texts_that_occur_once_vary_as_two_sides_and_both() -> None:
    """Of pairs without a common text, each text carries its pair's influence and so do both: three times the variance of pairs."""
    generator = np.random.default_rng(4)
    gold = generator.normal(size=60)
    scores = gold[:, None] + generator.normal(size=(60, 2))
    rows = np.arange(60)
    texts = Panel((Benchmarked("texts", (Sample(gold, scores, rows, rows + 60),)),), 120)
    pairs = Panel((Benchmarked("pairs", (Sample(gold, scores, rows),)),), 60)
    oneself = Panel((Benchmarked("oneself", (Sample(gold, scores, rows, rows),)),), 60)
    once = pairs.mean_influences.T @ pairs.mean_influences
    np.testing.assert_allclose(texts.mean_influences.T @ texts.mean_influences, 3 * once, rtol=1e-12)
    np.testing.assert_allclose(oneself.mean_influences.T @ oneself.mean_influences, once, rtol=1e-12)


@pytest.mark.parametrize(
    "metric", [metric for metric in METRICS.values() if "triplets" not in metric.tasks], ids=lambda metric: metric.name
)
def test_whole_weights_are_pairs_repeated_as_one_unit(metric: Metric) -> None:
    """In figures, in what units do to them, in draws, and so in all that is made of these: tests, rank sets, letters."""
    own = sample(6, 120, repeat=False)
    gold = (own.gold > 0).astype(float) if metric.bounds == (0, 1) else own.gold
    weights = np.random.default_rng(0).integers(1, 4, 120)
    rows = np.repeat(np.arange(120), weights)
    given = (Sample(gold, own.scores, np.arange(120), metric=metric, weights=weights.astype(float)),)
    repeated = (Sample(gold[rows], own.scores[rows], rows, metric=metric),)
    one, other = (Panel((Benchmarked("b", samples),), 120) for samples in (given, repeated))
    np.testing.assert_allclose(one.figures, other.figures, rtol=0, atol=1e-13)
    np.testing.assert_allclose(one.mean_influences, other.mean_influences, rtol=0, atol=1e-13)
    np.testing.assert_allclose(one.draws(150, 0), other.draws(150, 0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("metric", [KENDALL, PEARSON], ids=lambda metric: metric.name)
def test_figures_errors_and_draws_are_of_the_metric_of_the_sample(metric: Metric) -> None:
    own = replace(sample(4, 400, repeat=False), metric=metric)
    one = panel((own,))
    draws = one.draws(1500, 0)
    assert one.figures[0] == pytest.approx([metric.compute(own.gold, column) for column in own.scores.T])
    assert np.linalg.norm(one.influences[1][0], axis=0) == pytest.approx(draws[:, 0].std(axis=0), rel=0.1)
    for interval, figure, column in zip(one.intervals(), one.figures[0], draws[:, 0].T, strict=True):
        assert interval.low < figure < interval.high
        assert interval == pytest.approx(np.quantile(column, [0.025, 0.975]), abs=0.25 * (interval.high - interval.low))
