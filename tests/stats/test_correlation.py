from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from stsbench.stats.aggregation import aggregate, ranked_together
from stsbench.stats.correlation import rankable, tie_ceiling
from stsbench.stats.metrics import Measured, measure


def correlations(spearman: float, pearson: float, kendall: float) -> dict[str, Any]:
    return {"spearman": pytest.approx(spearman), "pearson": pytest.approx(pearson), "kendall": pytest.approx(kendall)}


OK = Measured(10, {"spearman": 0.5, "pearson": 0.25, "kendall": 0.75}, None, 2)


@pytest.mark.parametrize(
    ("largest", "exponent"),
    [(1.0, 0), (10.0, 1), (100.0, 2), (1e15, 15), (0.1, -1), (1e-8, -8), (1.0000001, 1), (0.99, 0), (9.9, 1), (0.0, 0), (5e-324, -323)],
)
def test_scores_are_divided_by_the_power_of_ten_at_or_above_the_largest(largest: float, exponent: int) -> None:
    stored, found = rankable(np.array([-largest, largest / 2, 0.0]))
    assert found == exponent
    assert stored.dtype == np.float32
    assert abs(stored[0]) <= 1
    assert stored[0] == pytest.approx(-largest / 10.0**exponent if exponent > -300 else -0.4940656458, rel=1e-7)


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-6, 1e-8])
@pytest.mark.parametrize("n", [2, 60, 2000])
def test_float32_makes_no_tie_that_a_correlation_shows(spread: float, n: int) -> None:
    generator = np.random.default_rng(n)
    scores = 1.0 - spread * generator.random(n)
    gold = scores + spread * generator.normal(size=n)
    expected = stats.spearmanr(scores.round(10), gold).statistic
    stored, _ = rankable(scores)
    assert measure(gold, stored).figures["spearman"] == pytest.approx(expected, abs=1e-6)
    if n == 2000:
        assert stored.dtype == (np.float32 if spread == 1.0 else np.float64)
    if (n, spread) == (2000, 1e-6):
        assert abs(measure(gold, scores.astype(np.float32)).figures["spearman"] - expected) > 1e-4, "what float32 alone would say"


@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-4, 1e-5])
@pytest.mark.parametrize("n", [9, 40, 2000])
def test_float32_moves_no_pearson_either(spread: float, n: int) -> None:
    """Rounding to 1e-10 of the largest score may move it by some 1e-10 / (spread sqrt(n)), and float32 alone by hundreds as much."""
    generator = np.random.default_rng(n)
    scores, gold = 0.999 + spread * generator.normal(size=n), generator.normal(size=n)
    for factor in (1.0, 1e-30):
        found = measure(gold, rankable(scores * factor)[0]).figures["pearson"]
        assert found == pytest.approx(np.corrcoef(scores, gold)[0, 1], abs=1e-6 + 5e-10 / (spread * math.sqrt(n)))


@pytest.mark.parametrize("stands_for_none", [-9999.0, -1e9, -1e10, -1e30, float(np.finfo(np.float32).min), -1e280, 1e25])
@pytest.mark.parametrize(("n", "missing"), [(20, 1), (60, 1), (500, 5)])
def test_a_number_that_stands_for_no_score_ties_no_others(stands_for_none: float, n: int, missing: int) -> None:
    generator = np.random.default_rng(n)
    gold = generator.normal(size=n)
    scores = gold + generator.normal(size=n)
    scores[-3:] = scores[0], scores[0] + 1e-13, scores[0] * (1 + 1e-13)  # the same but for rounding
    tied = scores.copy()
    tied[-3:] = scores[0]
    for some in (scores, tied):
        some[1 : 1 + missing] = stands_for_none
    for factor in (1.0, 1e-8):
        stored, _ = rankable(scores * factor)
        assert np.abs(stored).max() <= 1.0
        assert measure(gold, stored).figures["spearman"] == pytest.approx(stats.spearmanr(gold, tied).statistic, abs=1e-9)


def test_what_rounding_leaves_of_zeros_is_tied_beside_few_scores_as_beside_many() -> None:
    generator = np.random.default_rng(0)
    for few in (1, 5, 200):
        scores = 1e-16 * generator.normal(size=500)
        scores[:few] = generator.uniform(0.5, 1.0, few)
        assert len(np.unique(rankable(scores)[0])) == few + 1


@pytest.mark.parametrize("spread", [1.0, 20.0, 90.0])
def test_scores_as_exact_as_they_are_small_are_ranked_by_their_own_digits(spread: float) -> None:
    generator = np.random.default_rng(3)
    logits = spread * generator.normal(size=400)
    gold, scores = logits + spread * generator.normal(size=400), np.exp(logits - logits.max())
    scores[-3:] = scores[0], scores[0] * (1 + 2.0**-50), scores[1]
    logits[-3:] = logits[0], logits[0], logits[1]
    halves = [rankable(scores[part : part + 200], relative=True) for part in (0, 200)]
    for stored in (rankable(scores, relative=True)[0], ranked_together(halves)):
        assert measure(gold, stored).figures["spearman"] == pytest.approx(stats.spearmanr(gold, logits).statistic, abs=1e-9)
    assert (rankable(scores)[0] == 0).any() == (spread > 1.0)


def test_float32_ties_no_groups_either() -> None:
    near = np.concatenate([np.full(500, 0.9), np.full(500, 0.9 + 1e-9), np.linspace(0, 0.8, 2000)])
    stored, _ = rankable(near)
    assert len(np.unique(stored)) == len(np.unique(near.round(10)))


def test_the_largest_float_is_rankable() -> None:
    stored, exponent = rankable(np.array([1.7e308, -1.7e308]))
    assert exponent == 309
    assert stored.tolist() == pytest.approx([0.17, -0.17])


def test_scores_are_rounded_to_ten_decimals() -> None:
    stored, _ = rankable(np.array([1.0, 1.2e-10, 1.4e-10, 1.6e-10]))
    assert stored.tolist() == np.array([1.0, 1e-10, 1e-10, 2e-10], dtype=np.float32).tolist()


def test_negative_zero_is_stored_as_zero() -> None:
    stored, _ = rankable(np.array([-0.0, -1e-30, 1.0]))
    assert not np.signbit(stored).any()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_scores_must_be_finite(bad: float) -> None:
    with pytest.raises(ValueError, match=r"score 1 is .*finite"):
        rankable(np.array([0.0, bad]))


scores = st.lists(st.floats(-1000, 1000).map(lambda value: round(value, 3)), min_size=1, max_size=30)


@given(scores, st.integers(-16, 16))
def test_scale_by_a_power_of_ten_only_moves_the_exponent(values: list[float], power: int) -> None:
    array = np.array(values)
    before, exponent = rankable(array)
    after, moved = rankable(array * 10.0**power)
    assert moved == (exponent + power if array.any() else 0)
    # one unit in the last place of float32, or of the tenth decimal, where a score lies between two
    np.testing.assert_allclose(after, before, rtol=1.2e-7, atol=1.01e-10)


@given(scores, st.floats(1e-16, 1e16))
def test_ties_stay_ties_at_any_scale(values: list[float], scale: float) -> None:
    array = np.array(values)
    stored, _ = rankable(array * scale)
    same = array[:, None] == array
    assert (stored[:, None] == stored)[same].all()


def test_input_is_left_as_it_was() -> None:
    gold, array = np.array([1.0, 2.0, 4.0]), np.array([30.0, 10.0, 20.0])
    for one in (gold, array):
        one.flags.writeable = False
    measure(gold, rankable(array)[0])
    assert array.tolist() == [30.0, 10.0, 20.0]


def test_known_correlations() -> None:
    # four pairs, two of them tied in gold: midranks (1, 2.5, 2.5, 4) and (1, 3, 2, 4)
    found = measure(np.array([1.0, 2.0, 2.0, 4.0]), np.array([0.1, 0.3, 0.2, 0.4], dtype=np.float32))
    assert found.figures["spearman"] == pytest.approx(4.5 / math.sqrt(4.5 * 5), abs=1e-12)
    assert found.figures["kendall"] == pytest.approx(5 / math.sqrt(5 * 6), abs=1e-12)
    assert found.figures["pearson"] == pytest.approx(0.9233805168766388, abs=1e-7)
    assert (found.n, found.reason, found.tied) == (4, None, 0)


@pytest.mark.parametrize("levels", [2, 6, 1000])
@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_metrics_equal_definitions_on_midranks(levels: int, scale: float) -> None:
    random = np.random.default_rng(levels)
    gold = random.integers(0, levels, 200) / levels
    values = (gold + random.normal(size=200)).round(1)
    stored, _ = rankable(values)
    found = measure(gold * scale, stored)
    ranks = [stats.rankdata(gold), stats.rankdata(stored)]
    assert found.figures["spearman"] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-12)
    assert found.figures["pearson"] == pytest.approx(np.corrcoef(gold, stored.astype(float))[0, 1], abs=1e-12)
    signs = [np.sign(one[:, None] - one) for one in (gold, stored)]
    assert found.figures["kendall"] == pytest.approx(
        (signs[0] * signs[1]).sum() / math.sqrt(abs(signs[0]).sum() * abs(signs[1]).sum()), abs=1e-12
    )
    assert found.tied == sum(1 for one in stored if (stored == one).sum() > 1)


@pytest.mark.parametrize(
    ("gold", "stored", "reason"),
    [
        ([1.0], [0.5], "one pair only"),
        ([2.0, 2.0, 2.0], [0.1, 0.2, 0.3], "constant gold"),
        ([1.0, 2.0, 3.0], [0.5, 0.5, 0.5], "constant scores"),
        ([2.0, 2.0], [0.5, 0.5], "constant gold"),
    ],
)
def test_undefined_is_none_with_a_reason(gold: list[float], stored: list[float], reason: str) -> None:
    found = measure(np.array(gold), np.array(stored, dtype=np.float32))
    assert (found.figures, found.reason) == ({}, reason)
    assert found.tied == (len(stored) if len(set(stored)) == 1 < len(stored) else 0)


def test_nearly_constant_values_warn_of_nothing() -> None:
    found = measure(
        np.array([1.0, np.nextafter(1.0, 2.0), 1.0]), np.array([1.0, 1.0, np.nextafter(np.float32(1), np.float32(0))], np.float32)
    )
    assert found.figures["spearman"] == pytest.approx(0.5)
    assert found.figures["pearson"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("gold", "stored", "message"),
    [
        ([], [], "at least one pair"),
        ([1.0], [1.0, 2.0], "as long as"),
        ([1.0, math.nan], [1.0, 2.0], "finite"),
        ([1.0, 2.0], [1.0, math.inf], "finite"),
    ],
)
def test_metrics_of_impossible_input(gold: list[float], stored: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure(np.array(gold), np.array(stored))


def test_mean_and_weighted_mean() -> None:
    parts = [OK, Measured(30, {"spearman": 0.9, "pearson": 0.65, "kendall": -0.25}, None, 5)]
    assert aggregate(parts, "mean") == Measured(40, correlations(0.7, 0.45, 0.25), None, 7)
    assert aggregate(parts, "wmean") == Measured(40, correlations(0.8, 0.55, 0.0), None, 7)
    assert aggregate([OK], "wmean") == OK


def test_an_undefined_part_is_never_left_out_of_a_mean() -> None:
    undefined = Measured(1, {}, "one pair only", 0)
    assert aggregate([OK, undefined, OK], "mean") == Measured(21, {}, "part 2 of 3: one pair only", 4)
    with pytest.raises(ValueError, match="no part"):
        aggregate([], "mean")


def test_ceiling_known_answer() -> None:
    gold = np.array([1.0, 1, 2, 3, 3, 3])
    assert tie_ceiling(gold) == pytest.approx(0.9258200997725515, abs=1e-15)
    assert measure(gold, rankable(np.arange(6.0))[0]).figures["spearman"] == pytest.approx(tie_ceiling(gold), abs=1e-15)
    assert tie_ceiling(np.arange(5.0)) == 1.0
    assert tie_ceiling(np.ones(5)) == 0.0
    with pytest.raises(ValueError, match="two pairs"):
        tie_ceiling(np.ones(1))


@pytest.mark.parametrize(
    ("file", "without", "ceiling"),
    [
        ("stsbenchmark-sts/test", "", 0.99882),
        ("stsbenchmark-sts/validation", "", 0.99911),
        ("stsbenchmark-sts/train", "", 0.99925),
        ("sts16-sts/test", "", 0.98581),
        ("sts12-sts/test", "MSRvid", 0.99615),
        ("sts12-sts/test", "", 0.99774),
    ],
)
def test_ceilings_of_real_benchmarks(rows_of: Callable[[str], list[dict[str, Any]]], file: str, without: str, ceiling: float) -> None:
    gold = np.array([row["score"] for row in rows_of(f"mteb/{file}") if not without or row["subset"] != without])
    assert tie_ceiling(gold) == pytest.approx(ceiling, abs=5e-6)
    untied = gold.argsort(kind="stable").argsort()  # the best that untied scores can do
    assert tie_ceiling(gold) == pytest.approx(stats.spearmanr(gold, untied).statistic, abs=1e-12)
