"""Thresholds and calibration against scikit-learn, on scores with and without ties and weights; intervals by their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from sklearn import metrics as peer
from sklearn.isotonic import IsotonicRegression

from stsbench.stats.deciding import Goal, calibrated_error, cross_validated, isotonic, share_of, threshold_for
from stsbench.stats.thresholds import accuracy_at, f1_at


def drawn(seed: int, n: int = 200, decimals: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    positive = generator.random(n) < generator.uniform(0.1, 0.8)
    positive[:2] = True, False
    return positive, np.round(generator.normal(size=n) + 1.5 * positive, decimals), generator.integers(1, 5, n).astype(np.float64)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [0, 1, 12])
@pytest.mark.parametrize("seed", range(8))
def test_calibration_is_the_isotonic_regression_of_scikit_learn(seed: int, decimals: int, weighted: bool) -> None:
    positive, scores, weights = drawn(seed, decimals=decimals)
    gold = positive * 2.0 + np.random.default_rng(seed).integers(0, 4, len(scores))
    given = weights if weighted else None
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, gold, sample_weight=given)
    ours = isotonic(gold, scores, given)
    asked = np.linspace(-6, 6, 997)
    assert ours(asked) == pytest.approx(theirs.predict(asked), abs=1e-12)
    assert ours.scores.tolist() == theirs.X_thresholds_.tolist()
    assert ours.values == pytest.approx(theirs.y_thresholds_, abs=1e-12)


def test_calibration_of_one_score_is_the_mean() -> None:
    ours = isotonic(np.array([1.0, 2.0, 6.0]), np.full(3, 0.5))
    assert ours(np.array([0.0, 0.5, 1.0])).tolist() == [3.0, 3.0, 3.0]
    with pytest.raises(ValueError, match="finite"):
        isotonic(np.array([1.0]), np.array([np.nan]))
    with pytest.raises(ValueError, match="a pair at least"):
        isotonic(np.empty(0), np.empty(0))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [1, 12])
@pytest.mark.parametrize("seed", range(8))
def test_thresholds_are_the_choices_on_the_curve_of_scikit_learn(seed: int, decimals: int, weighted: bool) -> None:
    positive, scores, weights = drawn(seed, decimals=decimals)
    given = weights if weighted else None
    precision, recall, every = peer.precision_recall_curve(positive, scores, sample_weight=given)
    precision, recall = precision[:-1], recall[:-1]  # the last point is of no threshold
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = {"f1": every[np.flatnonzero(np.isclose(f1, f1.max(), atol=1e-12))[-1]]}
    for least in (0.6, 0.9):
        best[f"recall={least}"] = every[_highest(precision, recall >= least - 1e-12)]
        if (precision >= least - 1e-12).any():
            best[f"precision={least}"] = every[_highest(recall, precision >= least - 1e-12)]
    for name, place in best.items():
        of, _, share = name.partition("=")
        ours = threshold_for(Goal(of, float(share) if share else None), positive, scores, given)  # type: ignore[arg-type]
        assert ((scores >= ours) == (scores >= place)).all(), name
    false, true, places = peer.roc_curve(positive, scores, sample_weight=given, drop_intermediate=False)
    rate = np.average(positive, weights=given)
    highest = places[np.argmax(true * rate + (1 - false) * (1 - rate))]
    ours = threshold_for(Goal("accuracy"), positive, scores, given)
    right = [peer.accuracy_score(positive, scores >= one, sample_weight=given) for one in (ours, highest)]
    assert right[0] == pytest.approx(right[1], abs=1e-12)


def _highest(figure: np.ndarray, serving: np.ndarray) -> int:
    """The last, which is of the highest threshold, of those that serve and have the highest figure."""
    most = figure[serving].max()
    return int(np.flatnonzero(serving & np.isclose(figure, most, atol=1e-12))[-1])


def test_weights_are_repetitions() -> None:
    positive, scores, weights = drawn(3)
    often = np.repeat(np.arange(len(scores)), weights.astype(int))
    for goal in (Goal(), Goal("accuracy"), Goal("precision", 0.9), Goal("recall", 0.9)):
        assert threshold_for(goal, positive, scores, weights) == threshold_for(goal, positive[often], scores[often])


def test_a_precision_that_no_threshold_has_finds_nothing() -> None:
    positive, scores = np.array([False, True, False]), np.array([0.9, 0.5, 0.1])
    assert not (scores >= threshold_for(Goal("precision", 0.9), positive, scores)).any()


def test_pairs_that_had_no_say_are_told_by_the_others() -> None:
    """By a loop of one's own: folds are the same rows, thresholds of scikit-learn's curve."""
    positive, scores, _ = drawn(5, n=60)
    told = cross_validated(Goal(), positive, scores)
    assert told.folds == 10
    in_sample = f1_at(positive, scores, threshold_for(Goal(), positive, scores))
    assert told.f1 < in_sample
    noise = np.random.default_rng(0).normal(size=2000)
    labels = np.arange(2000) % 2 == 0
    blind = cross_validated(Goal("accuracy"), labels, noise)
    assert blind.accuracy == pytest.approx(0.5, abs=0.04)
    assert accuracy_at(labels, noise, threshold_for(Goal("accuracy"), labels, noise)) > blind.accuracy


def test_perfect_scores_are_told_perfectly_with_an_interval() -> None:
    positive = np.arange(40) < 20
    told = cross_validated(Goal(), positive, positive.astype(np.float64))
    assert (told.f1, told.accuracy) == (1.0, 1.0)
    assert told.precision is not None
    assert (told.precision.value, told.precision.high) == (1.0, 1.0)
    assert told.precision.low == pytest.approx(binomtest(10, 10).proportion_ci(method="wilson").low, abs=1e-9)  # of half as many


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 10), (70, 90)])
def test_intervals_are_wilsons(hits: int, n: int) -> None:
    share = share_of(np.arange(n) < hits, np.ones(n))
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    heavier = share_of(np.arange(n) < hits, np.full(n, 7.0))
    assert (heavier.low, heavier.high) == pytest.approx((share.low, share.high), abs=1e-12)


@pytest.mark.parametrize("goal", [Goal(), Goal("precision", 0.9)], ids=str)
def test_intervals_of_cross_validated_shares_cover_what_new_pairs_get(goal: Goal) -> None:
    """The true precision and recall of the threshold that all 150 pairs choose, where scores are normal."""
    covered, cases = np.zeros(2), 200
    for seed in range(1000, 1000 + cases):
        generator = np.random.default_rng(seed)
        share = generator.uniform(0.2, 0.8)
        positive = generator.random(150) < share
        scores = generator.normal(size=150) + 1.5 * positive
        threshold, told = threshold_for(goal, positive, scores), cross_validated(goal, positive, scores)
        recall, false = norm.sf(threshold - 1.5), norm.sf(threshold)
        assert told.precision is not None
        truths = share * recall / (share * recall + (1 - share) * false), recall
        covered += [interval.low <= truth <= interval.high for interval, truth in zip((told.precision, told.recall), truths, strict=True)]
    assert (covered >= 0.9 * cases).all(), covered


def test_errors_of_calibration_are_of_pairs_that_had_no_say() -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(size=500)
    noise = generator.normal(size=500)
    useful, useless = calibrated_error(scores * 2 + 1, scores), calibrated_error(noise, scores)
    assert useful.error < 0.1 < useful.of_mean
    assert useless.error >= 0.98 * useless.of_mean
    assert useful.folds == 10


@pytest.mark.parametrize(("of", "least"), [("f1", 0.5), ("precision", None), ("recall", 0.0), ("precision", 1.5)])
def test_a_goal_that_is_none_is_refused(of: str, least: float | None) -> None:
    with pytest.raises(ValueError, match=r"goal|share"):
        Goal(of, least)  # type: ignore[arg-type]


def test_a_pair_that_is_there_several_times_is_one() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=60)
    gold = scores + 1.5 * generator.normal(size=60)
    once = cross_validated(Goal(), gold > 0.5, scores), calibrated_error(gold, scores)
    units = np.repeat(np.arange(60), 8)
    again = (
        cross_validated(Goal(), gold[units] > 0.5, scores[units], units=units),
        calibrated_error(gold[units], scores[units], units=units),
    )
    for mine, theirs in zip(once, again, strict=True):
        for name, value in vars(mine).items():
            if isinstance(value, float | int):
                assert getattr(theirs, name) == pytest.approx(value, abs=1e-12)
    assert once[0].precision is not None
    assert again[0].precision is not None
    for mine, theirs in ((once[0].precision, again[0].precision), (once[0].recall, again[0].recall)):
        assert vars(theirs) == pytest.approx(vars(mine), abs=1e-12)
    told = calibrated_error(gold[units], scores[units])
    assert told.error < once[1].error - 0.05  # as if new pairs were there before


def test_one_pair_many_times_is_too_few() -> None:
    with pytest.raises(ValueError, match="two positive and two negative pairs"):
        cross_validated(Goal(), np.repeat([True, False], 9), np.arange(18.0), units=np.repeat([0, 1], 9))
    with pytest.raises(ValueError, match="two pairs at least"):
        calibrated_error(np.arange(5.0), np.arange(5.0), units=np.zeros(5, dtype=np.intp))
