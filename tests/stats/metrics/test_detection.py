"""Against scikit-learn, on scores with and without ties, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as peer

from stsbench.stats.deciding import Goal, threshold_for
from stsbench.stats.metrics.detection import average_precision, roc_auc
from stsbench.stats.thresholds import accuracy_at, f1_at, roc


def drawn(seed: int, n: int = 200, decimals: int = 1) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    positive = generator.random(n) < generator.uniform(0.05, 0.8)
    positive[:2] = True, False
    return positive, np.round(generator.normal(size=n) + positive, decimals)


@pytest.mark.parametrize("decimals", [0, 1, 12])
@pytest.mark.parametrize("seed", range(10))
def test_scikit_learn_agrees(seed: int, decimals: int) -> None:
    positive, scores = drawn(seed, decimals=decimals)
    assert average_precision(positive, scores) == pytest.approx(peer.average_precision_score(positive, scores), abs=1e-12)
    assert roc_auc(positive, scores) == pytest.approx(peer.roc_auc_score(positive, scores), abs=1e-12)
    curve = roc(positive, scores)
    assert peer.auc(curve.false_positive, curve.true_positive) == pytest.approx(peer.roc_auc_score(positive, scores), abs=1e-12)
    false, true, _ = peer.roc_curve(positive, scores, drop_intermediate=False)
    all_points = set(zip(false.round(12), true.round(12), strict=True))
    assert set(zip(curve.false_positive.round(12), curve.true_positive.round(12), strict=True)) <= all_points


@pytest.mark.parametrize("spread", [1, 5, 8])
def test_weights_of_any_size_lose_no_digits(spread: int) -> None:
    generator = np.random.default_rng(spread)
    for _ in range(50):
        positive, scores = drawn(int(generator.integers(10**6)), n=15)
        weights = np.exp(spread * generator.normal(size=15))
        assert roc_auc(positive, scores, weights) == pytest.approx(
            peer.roc_auc_score(positive, scores, sample_weight=weights), rel=1e-12, abs=1e-15
        )
        assert average_precision(positive, scores, weights) == pytest.approx(
            peer.average_precision_score(positive, scores, sample_weight=weights), rel=1e-12
        )


def thresholds(positive: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """Those of the highest F1 and of the highest accuracy."""
    return threshold_for(Goal("f1"), positive, scores), threshold_for(Goal("accuracy"), positive, scores)


@pytest.mark.parametrize("seed", range(10))
def test_thresholds_are_the_best_of_all(seed: int) -> None:
    positive, scores = drawn(seed)
    f1, accuracy = thresholds(positive, scores)
    every = [-np.inf, *np.unique(scores), np.inf]
    assert f1_at(positive, scores, f1) == pytest.approx(max(peer.f1_score(positive, scores >= t, zero_division=0) for t in every))
    assert accuracy_at(positive, scores, accuracy) == pytest.approx(max(peer.accuracy_score(positive, scores >= t) for t in every))
    other = drawn(seed + 100)
    assert f1_at(*other, f1) == pytest.approx(peer.f1_score(other[0], other[1] >= f1, zero_division=0))


def test_by_hand() -> None:
    positive, scores = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    assert average_precision(positive, scores) == pytest.approx((1 + 2 / 3) / 2)
    assert roc_auc(positive, scores) == 0.75
    assert roc(positive, scores).true_positive.tolist() == [0, 0.5, 0.5, 1, 1]
    assert thresholds(positive, scores)[0] == pytest.approx(0.4)  # three found, two of them right: 0.8
    assert f1_at(positive, scores, 0.4) == pytest.approx(0.8)


@pytest.mark.parametrize("lower", [0.1, np.nextafter(0.1, 1), -1.0, 1e308])
def test_scores_that_are_neighbouring_numbers_are_told_apart(lower: float) -> None:
    positive, scores = np.array([True, False]), np.array([np.nextafter(lower, np.inf), lower])
    f1, accuracy = thresholds(positive, scores)
    assert (f1_at(positive, scores, f1), accuracy_at(positive, scores, accuracy)) == (1.0, 1.0)


def test_where_finding_nothing_is_the_most_accurate() -> None:
    positive, scores = np.array([False, False, False, True]), np.array([0.9, 0.8, 0.7, 0.1])
    assert accuracy_at(positive, scores, thresholds(positive, scores)[1]) == 0.75


def test_scores_that_are_all_the_same_find_by_chance() -> None:
    positive = np.array([True, False, False, False])
    assert average_precision(positive, np.zeros(4)) == 0.25
    assert roc_auc(positive, np.zeros(4)) == 0.5


@pytest.mark.parametrize(
    ("positive", "scores", "message"),
    [([True, True], [1, 2], "positive and negative"), ([False], [1], "positive and negative"), ([True, False], [1, np.nan], "finite")],
)
def test_what_has_no_figure(positive: list[bool], scores: list[float], message: str) -> None:
    for figure in (average_precision, roc_auc, roc, thresholds):
        with pytest.raises(ValueError, match=message):
            figure(np.array(positive), np.array(scores, dtype=float))
