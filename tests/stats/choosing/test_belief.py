"""What labels say of candidates: against exact figures, a dense calculation, and simulated pools."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from stsbench.contracts.data import Float64
from stsbench.stats.choosing import belief as beliefs
from stsbench.stats.choosing.belief import Belief, believe
from stsbench.stats.choosing.drawing import propose
from stsbench.stats.choosing.labels import Labelled
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.choosing.standing import forecast, standing


def made(pairs: int, systems: int, generator: np.random.Generator) -> tuple[Float64, Float64]:
    """Gold, and scores of systems that err by more and more, partly together."""
    gold = generator.standard_normal(pairs)
    together = 0.4 * generator.standard_normal((pairs, 1))
    return gold, gold[:, None] + together + np.linspace(0.4, 1.2, systems) * generator.standard_normal((pairs, systems))


def evenly(pool: PairPool, gold: Float64, number: int, generator: np.random.Generator) -> Labelled:
    rows = generator.choice(len(gold), number, replace=False)
    return Labelled(rows, np.zeros(number, dtype=np.intp), np.full(number, number / len(gold)), gold[rows])


def standardised(gold: Float64) -> Float64:
    """Ranks with mean 0 and variance 1."""
    ranks: Float64 = rankdata(gold)
    result: Float64 = (ranks - ranks.mean()) / ranks.std()
    return result


def test_a_pool_that_is_labelled_is_known() -> None:
    gold, scores = made(400, 4, np.random.default_rng(0))
    pool = PairPool.of(scores)
    belief = believe(pool, evenly(pool, gold, 400, np.random.default_rng(1)), np.random.default_rng(2))
    exact = [spearmanr(gold, column)[0] for column in scores.T]
    np.testing.assert_allclose(belief.means, exact, atol=1e-9)
    np.testing.assert_allclose(belief.draws, np.broadcast_to(belief.means, belief.draws.shape))


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The regression alone, of normal coefficients."""
    monkeypatch.setattr(beliefs, "TAILS", 1e9)
    monkeypatch.setattr(beliefs, "BESIDE", 0.0)
    monkeypatch.setattr(beliefs, "WIDER", 1.0)


@pytest.mark.usefixtures("plain")
def test_the_posterior_is_that_of_a_dense_calculation(monkeypatch: pytest.MonkeyPatch) -> None:
    """One strength: gold as one multivariate normal with a nearly flat prior of intercept and consensus."""
    monkeypatch.setattr(beliefs, "STRENGTHS", np.array([0.3]))
    generator = np.random.default_rng(3)
    gold, scores = made(300, 3, generator)
    pool = PairPool.of(scores)
    drawn = propose(pool, np.array([], dtype=np.intp), 40, None, generator)
    labels = Labelled(drawn.rows, np.zeros(40, dtype=np.intp), drawn.chances, gold[drawn.rows])
    weights = labels.weights()
    ranks = np.array([weights[labels.gold < one].sum() + weights[labels.gold == one].sum() / 2 for one in labels.gold])
    ranks -= np.average(ranks, weights=weights)
    ranks /= np.sqrt(np.average(ranks**2, weights=weights))
    weights = beliefs.tempered(weights)
    prior = np.diag(np.concatenate([[1e6, 1e6], 0.3 * pool.variances / pool.variances.sum()]))
    design = np.column_stack([np.ones(300), pool.features[:, 0], pool.features])
    gain = prior @ design[drawn.rows].T @ np.linalg.inv(design[drawn.rows] @ prior @ design[drawn.rows].T + np.diag(1 / weights))
    predicted = design @ gain @ ranks
    predicted[drawn.rows] = ranks
    expected = pool.ranks.T @ predicted / 300
    belief = believe(pool, labels, np.random.default_rng(0), draws=20_000)
    np.testing.assert_allclose(belief.means, expected, atol=1e-5)
    left = np.linalg.inv(np.linalg.inv(prior) + design[drawn.rows].T * weights @ design[drawn.rows])
    residual = ranks @ np.linalg.inv(design[drawn.rows] @ prior @ design[drawn.rows].T + np.diag(1 / weights)) @ ranks
    rest = np.setdiff1d(np.arange(300), drawn.rows)  # of these neither the line is known nor what lies off it
    outward = pool.ranks[rest].T @ design[rest] / 300
    off = pool.ranks[rest].T @ pool.ranks[rest] / 300**2
    exact = (outward @ left @ outward.T + off) * residual / (weights.sum() - 4)  # a t varies by more than its scale
    np.testing.assert_allclose(belief.covariance, exact, rtol=0.03, atol=2e-6)


@pytest.mark.usefixtures("plain")
def test_strengths_are_averaged_by_the_restricted_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(7)
    gold, scores = made(300, 3, generator)
    pool = PairPool.of(scores)
    labels = evenly(pool, gold, 40, generator)
    ranks = standardised(labels.gold)
    fixed = np.column_stack([np.ones(40), pool.features[labels.rows, 0]])
    free = pool.features[labels.rows] * np.sqrt(pool.variances / pool.variances.sum())
    likelihoods, means = [], []
    for strength in (0.3, 2.0):
        variance = strength * free @ free.T + np.eye(40)
        inverse = np.linalg.inv(variance)
        precision = fixed.T @ inverse @ fixed
        left = ranks - fixed @ np.linalg.solve(precision, fixed.T @ inverse @ ranks)
        logarithms = [np.linalg.slogdet(variance)[1], np.linalg.slogdet(precision)[1], 38 * np.log(left @ inverse @ left)]
        likelihoods.append(np.exp(-sum(logarithms) / 2))
        monkeypatch.setattr(beliefs, "STRENGTHS", np.array([strength]))
        means.append(believe(pool, labels, generator, draws=2).means)
    monkeypatch.setattr(beliefs, "STRENGTHS", np.array([0.3, 2.0]))
    assert np.abs(means[0] - means[1]).max() > 1e-3
    shares = np.array(likelihoods) / sum(likelihoods)
    np.testing.assert_allclose(believe(pool, labels, generator, draws=2).means, shares @ np.array(means), atol=1e-9)


@pytest.mark.usefixtures("plain")
def test_coefficients_have_tails_as_a_gibbs_sampler_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gold far off the consensus along one feature: means and spread of the figures beside 20,000 draws of the whole model."""
    monkeypatch.setattr(beliefs, "STRENGTHS", np.array([1.0]))
    generator = np.random.default_rng(8)
    scores = generator.standard_normal((400, 1)) + 0.5 * generator.standard_normal((400, 6))
    pool = PairPool.of(scores)
    gold = pool.features[:, 0] + 0.8 * pool.features[:, 3] + 0.3 * generator.standard_normal(400)
    labels = evenly(pool, gold, 60, generator)
    normal = believe(pool, labels, np.random.default_rng(0), draws=20_000)
    tails = 1.0
    monkeypatch.setattr(beliefs, "TAILS", tails)
    belief = believe(pool, labels, np.random.default_rng(0), draws=20_000)

    ranks = standardised(labels.gold)
    scales = np.concatenate([[np.inf, np.inf], pool.variances / pool.variances.sum()])
    design = np.column_stack([np.ones(400), pool.features[:, 0], pool.features])
    known = design[labels.rows]
    rest = np.setdiff1d(np.arange(400), labels.rows)
    residual, closer, figures = 0.3, np.ones(len(scales)), []
    for step in range(21_000):
        root = np.linalg.cholesky(np.linalg.inv(known.T @ known + np.diag(closer / scales) + 1e-9 * np.eye(len(scales))))
        line = root @ (root.T @ known.T @ ranks + np.sqrt(residual) * generator.standard_normal(len(scales)))
        off = ranks - known @ line
        residual = 1 / generator.gamma((60 + 6) / 2, 2 / (off @ off + (closer * line**2 / scales).sum()))
        closer = generator.gamma((tails + 1) / 2, 2 / (tails + line**2 / (residual * scales)))
        if step >= 1000:
            predicted = design[rest] @ line + np.sqrt(residual) * generator.standard_normal(340)
            figures.append((pool.ranks[labels.rows].T @ ranks + pool.ranks[rest].T @ predicted) / 400)
    np.testing.assert_allclose(belief.means, np.mean(figures, axis=0), atol=0.004)
    assert np.abs(normal.means - np.mean(figures, axis=0)).max() > 0.008
    np.testing.assert_allclose(belief.draws.std(axis=0), np.std(figures, axis=0), rtol=0.1)


@pytest.mark.usefixtures("plain")
def test_a_share_of_what_each_label_shows_beside_the_line_through_the_others_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beliefs, "STRENGTHS", np.array([0.3]))
    generator = np.random.default_rng(9)
    gold, scores = made(300, 3, generator)
    pool = PairPool.of(scores)
    labels = evenly(pool, gold, 40, generator)
    ranks = standardised(labels.gold)
    design = np.column_stack([np.ones(300), pool.features[:, 0], pool.features])[labels.rows]
    prior = np.diag(np.concatenate([[1e6, 1e6], 0.3 * pool.variances / pool.variances.sum()]))
    missed = []
    for place in range(40):
        others = np.delete(np.arange(40), place)
        line = prior @ design[others].T @ np.linalg.solve(design[others] @ prior @ design[others].T + np.eye(39), ranks[others])
        missed.append(ranks[place] - design[place] @ line)
    parts = 0.4 * np.array(missed)[:, None] * pool.ranks[labels.rows] * (300 / 40 - 1) / 300
    without = believe(pool, labels, np.random.default_rng(0), draws=40_000)
    monkeypatch.setattr(beliefs, "BESIDE", 0.4)
    belief = believe(pool, labels, np.random.default_rng(0), draws=40_000)
    np.testing.assert_allclose(belief.means, without.means + parts.sum(axis=0), atol=1e-5)
    np.testing.assert_allclose(belief.covariance, without.covariance + parts.T @ parts, rtol=0.05, atol=5e-6)


def test_a_candidates_likeness_elsewhere_helps_where_the_task_is_alike_and_fades_where_it_is_not() -> None:
    generator = np.random.default_rng(4)
    gold, scores = made(600, 12, generator)
    pool = PairPool.of(scores)
    exact = np.array([spearmanr(gold, column)[0] for column in scores.T])
    errors: dict[str, list[float]] = {"none": [], "true": [], "false": []}
    for seed in range(15):
        labels = evenly(pool, gold, 40, np.random.default_rng(seed))
        for name, elsewhere in (("none", None), ("true", exact), ("false", exact[::-1])):
            means = believe(pool, labels, np.random.default_rng(0), elsewhere, draws=50).means
            errors[name].append(float(((means - means.mean() - exact + exact.mean()) ** 2).mean()))
    none, true, false = (np.sqrt(np.mean(errors[name])) for name in ("none", "true", "false"))
    assert true < none
    assert false < 1.1 * none


def test_figures_from_elsewhere_are_worth_so_many_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    gold, scores = made(600, 6, generator)
    pool = PairPool.of(scores)
    labels = evenly(pool, gold, 60, generator)

    def means(worth: float, elsewhere: Float64 | None) -> Float64:
        monkeypatch.setattr(beliefs, "WORTH", worth)
        return believe(pool, labels, np.random.default_rng(0), elsewhere, draws=50).means

    figures = np.linspace(0.9, 0.4, 6)
    whole, none = means(1e12, figures), means(0, figures)
    np.testing.assert_allclose(none, means(20, None), rtol=1e-12)
    assert np.abs(whole - none).max() > 0.01
    worth = 20 / (1 + 60 / 80)
    np.testing.assert_allclose(means(20, figures), none + (whole - none) * worth / (worth + 60), rtol=1e-9)


def test_few_labels_and_equal_gold_are_refused() -> None:
    gold, scores = made(60, 2, np.random.default_rng(0))
    pool = PairPool.of(scores)
    with pytest.raises(ValueError, match="19 labels say too little"):
        believe(pool, evenly(pool, gold, 19, np.random.default_rng(0)), np.random.default_rng(0))
    with pytest.raises(ValueError, match="constant"):
        believe(pool, evenly(pool, np.ones(60), 30, np.random.default_rng(0)), np.random.default_rng(0))


def test_a_lead_is_over_the_best_that_is_no_double_of_the_leader() -> None:
    generator = np.random.default_rng(4)
    middle, apart = generator.standard_normal((2, 2000))
    near, far = (middle + spread * generator.standard_normal(2000) for spread in (0.1, 0.19))
    pool = PairPool.of(np.column_stack([far, middle, near, apart]))
    assert pool.first.tolist() == [0, 0, 2, 3], "the second is of the first one's set, and more like the third"
    means = np.array([0.5, 0.79, 0.8, 0.6])
    known = standing(pool, Belief(50, means, np.tile(means, (100, 1))))
    assert (known.leader, known.other) == (2, 3)
    assert known.ahead == pytest.approx(0.2)


def test_a_lead_over_one_other_is_the_difference_of_the_figures_however_few_the_draws() -> None:
    gold, scores = made(300, 2, np.random.default_rng(6))
    pool = PairPool.of(scores)
    belief = believe(pool, evenly(pool, gold, 40, np.random.default_rng(7)), np.random.default_rng(8), draws=7)
    now = standing(pool, belief)
    assert now.other is not None
    assert now.ahead == pytest.approx(belief.means[now.leader] - belief.means[now.other], abs=1e-12)


def test_candidates_that_are_all_alike_have_one_figure_and_no_other() -> None:
    gold, scores = made(60, 1, np.random.default_rng(0))
    pool = PairPool.of(scores.repeat(3, axis=1))
    belief = believe(pool, evenly(pool, gold, 30, np.random.default_rng(0)), np.random.default_rng(0))
    now = standing(pool, belief)
    assert (now.other, now.ahead, now.lead, now.stop) == (None, None, None, True)
    assert now.regret == pytest.approx(0)
    np.testing.assert_allclose(now.chances, 1 / 3)


def test_a_lead_is_no_wider_than_two_correlations_are_apart() -> None:
    pool = PairPool.of(np.array([[1.0, 4], [2, 3], [3, 2], [4, 1]]))
    draws = np.tile([[1.0, -0.95], [1.0, -0.9], [0.9, -1.0], [-0.7, 0.8]], (50, 1))
    now = standing(pool, Belief(20, draws.mean(axis=0), draws))
    assert now.lead is not None
    assert now.ahead == pytest.approx(1.0625)
    assert now.lead == (-2, 2)  # draws of -1.5 and 1.95 are the limits, and a fifth further from the lead are -2.0125 and 2.1275


def test_a_standing_by_hand() -> None:
    pool = PairPool.of(np.array([[1.0, 1, 3], [2, 2, 1], [3, 3, 4], [4, 4, 2]]))  # the second repeats the first
    draws = np.array([[0.9, 0.9, 0.8], [0.9, 0.9, 0.8], [0.9, 0.9, 0.8], [0.9, 0.9, 0.92]])
    now = standing(pool, Belief(50, draws.mean(axis=0), draws))
    assert (now.leader, now.other) == (0, 2)
    assert now.lead is not None
    # of 0.9 less 0.83; of four draws the limits are the outermost, -0.02 and 0.1, a fifth further from it
    assert (now.ahead, *now.lead) == pytest.approx((0.07, -0.038, 0.106))
    np.testing.assert_allclose(now.chances, [0.375, 0.375, 0.25])
    assert now.regret == pytest.approx(0.005)
    assert now.beyond == 0.25
    assert not now.stop
    three = np.array([[0.9, 0.7, 0.8], [0.9, 0.7, 0.8], [0.9, 0.7, 0.8], [0.9, 0.95, 0.8]])
    every = standing(PairPool.of(np.array([[1.0, 4, 3], [2, 1, 1], [3, 2, 4], [4, 3, 2]])), Belief(50, three.mean(axis=0), three))
    assert (every.leader, every.other) == (0, 2)
    assert every.lead is not None
    assert (every.ahead, *every.lead) == pytest.approx((0.0625, -0.0725, 0.1075)), "of the best of all others, the second in the last draw"
    assert standing(pool, Belief(50, draws.mean(axis=0), draws), regret=0.03).stop
    assert forecast(Belief(50, draws.mean(axis=0), draws), 10**9) == pytest.approx(0, abs=1e-9)
    assert forecast(Belief(50, draws.mean(axis=0), draws), 0) == pytest.approx(0.005)


def test_intervals_of_simulated_pools_cover() -> None:
    """The lead of the first system over the second, 60 labels of 500 pairs, drawn by `propose`."""
    covered = []
    for seed in range(80):
        generator = np.random.default_rng([seed, 1])
        gold, scores = made(500, 4, generator)
        pool = PairPool.of(scores)
        drawn = propose(pool, np.array([], dtype=np.intp), 60, None, generator)
        labels = Labelled(drawn.rows, np.zeros(60, dtype=np.intp), drawn.chances, gold[drawn.rows])
        draws = believe(pool, labels, generator, draws=400).draws
        low, high = np.quantile(draws[:, 0] - draws[:, 2], [0.025, 0.975])
        covered.append(low <= spearmanr(gold, scores[:, 0])[0] - spearmanr(gold, scores[:, 2])[0] <= high)
    assert np.mean(covered) >= 0.9  # 0.95 less 2 standard errors
