"""Norms, isotropy, hubness and the figures of pairs, each against its definition written out, or another library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from stsbench.audit.cosines import isotonic_share, measure_pairs, uniformity
from stsbench.audit.geometry import (
    k_occurrence,
    measure_hubness,
    measure_isotropy,
    measure_norms,
    overlap,
    random_cosine_by_dimension,
    word_statistics,
)
from stsbench.contracts.data import Pairs
from stsbench.stats.intervals import partial_spearman, spearman

Array = NDArray[np.float64]
RANDOM = np.random.default_rng(3)
VECTORS = RANDOM.normal(size=(60, 7)) * [5, 3, 1, 1, 1, 1, 0.2] + [4, 0, 0, 1, 0, 0, 0]


def cosines(vectors: Array) -> Array:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(units @ units.T)


def different(matrix: Array) -> Array:
    return matrix[~np.eye(len(matrix), dtype=bool)]


def test_anisotropy_is_the_mean_cosine_of_different_texts() -> None:
    found = measure_isotropy(VECTORS)
    assert found.anisotropy == pytest.approx(different(cosines(VECTORS)).mean(), abs=1e-12)
    units = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    by_dimension = [different(np.outer(column, column)).mean() for column in units.T]
    np.testing.assert_allclose(random_cosine_by_dimension(VECTORS), by_dimension, atol=1e-12)
    assert found.rogue[0][0] == 0
    assert found.rogue[0][1] == pytest.approx(by_dimension[0] / sum(by_dimension), abs=1e-12)
    assert [share for _, share in found.rogue] == sorted((share for _, share in found.rogue), reverse=True)


def test_no_share_of_an_anisotropy_that_is_next_to_nothing() -> None:
    opposite = np.vstack([np.eye(4), -np.eye(4)])
    found = measure_isotropy(opposite)
    assert found.anisotropy == pytest.approx(-1 / 7, abs=1e-12)  # the least there is
    assert found.rogue == ()
    assert found.top_share is None
    assert found.isoscore == pytest.approx(1.0, abs=1e-12)
    assert found.partition == pytest.approx(1.0, abs=1e-12)


def test_isoscore_as_its_authors_define_it() -> None:
    variances = np.linalg.eigvalsh(np.cov(VECTORS, rowvar=False))
    n = len(variances)
    normalised = math.sqrt(n) * variances / np.linalg.norm(variances)
    defect = np.linalg.norm(normalised - 1) / math.sqrt(2 * (n - math.sqrt(n)))
    share = (n - defect**2 * (n - math.sqrt(n))) ** 2 / n**2
    assert measure_isotropy(VECTORS).isoscore == pytest.approx((n * share - 1) / (n - 1), abs=1e-12)


def test_ranks_of_the_space() -> None:
    found = measure_isotropy(VECTORS)
    values = np.linalg.svd(VECTORS, compute_uv=False)
    assert found.effective_rank == pytest.approx(math.exp(stats.entropy(values / values.sum())), abs=1e-9)
    axes = np.linalg.eigh(VECTORS.T @ VECTORS)[1]
    sums = [np.exp(VECTORS @ (sign * axis)).sum() for axis in axes.T for sign in (1, -1)]
    assert found.partition == pytest.approx(min(sums) / max(sums), rel=1e-9)
    line = measure_isotropy(np.outer(RANDOM.normal(size=20), [1.0, 2, 3]))
    assert line.participation == pytest.approx(1.0)
    assert line.isoscore == pytest.approx(0.0, abs=1e-12)


def test_hubness_against_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    vectors = RANDOM.normal(size=(80, 6)) + 0.5
    nearest = NearestNeighbors(n_neighbors=10, metric="cosine").fit(vectors).kneighbors(return_distance=False)
    counts = np.bincount(nearest.ravel(), minlength=80)
    assert k_occurrence(vectors, 10).tolist() == counts.tolist()
    found = measure_hubness(vectors)
    assert found is not None
    assert found.skewness == pytest.approx(stats.skew(counts), abs=1e-12)
    assert found.robin_hood == pytest.approx(np.abs(counts - 10).sum() / 2 / counts.sum())
    assert found.antihubs == pytest.approx((counts == 0).mean())
    assert found.largest == counts.max()
    assert measure_hubness(vectors[:11]) is None


def test_correlations_with_something_held_fixed() -> None:
    third = RANDOM.normal(size=50)
    one, other = third + RANDOM.normal(size=50), third + RANDOM.normal(size=50)
    ranks = [stats.rankdata(values) for values in (one, other, third)]
    design = np.column_stack([np.ones(50), ranks[2]])
    rest = [values - design @ np.linalg.lstsq(design, values, rcond=None)[0] for values in ranks[:2]]
    found = partial_spearman(one, other, third)
    assert found.value == pytest.approx(stats.pearsonr(*rest).statistic, abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high  # type: ignore[operator]
    assert spearman(one, other).value == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-12)
    assert spearman(one, np.ones(50)).value is None
    assert partial_spearman(one, other, one).reason == "one of them follows from what is held fixed"


def test_norms_of_unit_vectors_carry_nothing() -> None:
    units = (VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    left, right = np.arange(30), np.arange(30, 60)
    texts = [f"word {'more ' * (row % 5)}" for row in range(60)]
    found = measure_norms(units, texts, left, right, np.linspace(0, 1, 30), RANDOM.normal(size=30))
    assert found.constant
    assert found.gold.reason == found.length.reason == "norms are constant"


def test_rounding_of_norms_carries_nothing_beside_a_zero_vector() -> None:
    units = (VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    units[0] = 0
    norms = np.linalg.norm(units, axis=1)
    texts = ["word " * int(1 + (norms < one).sum()) for one in norms]  # as long as the rounding of the norm says
    found = measure_norms(units, texts, np.arange(30), np.arange(30, 60), np.linspace(0, 1, 30), RANDOM.normal(size=30))
    assert (found.zero, found.constant) == (1, False)
    assert found.gold.reason == found.length.reason == "norms are constant"


def test_norms_that_are_lengths_are_found_to_be() -> None:
    texts = [" ".join(["word"] * (1 + row % 9)) for row in range(60)]
    vectors = np.eye(7)[np.arange(60) % 7] * [[1.0 + row % 9] for row in range(60)]
    vectors[0] = 0
    left, right = np.arange(30), np.arange(30, 60)
    gold = np.log(1.0 + left % 9) + np.log(1.0 + right % 9)
    found = measure_norms(vectors, texts, left, right, RANDOM.normal(size=30), gold)
    assert (found.zero, found.least, found.constant) == (1, 0.0, False)
    assert found.length.value == pytest.approx(1.0)
    assert found.gold.value == pytest.approx(1.0)  # the pair with the zero vector is left out
    assert found.largest == pytest.approx(9.0)


def test_words() -> None:
    lengths, rarities = word_statistics(["A cat", "a dog", "…"])
    assert lengths.tolist() == [2, 2, 0]
    assert rarities.tolist() == pytest.approx([(math.log(1.5) + math.log(3)) / 2] * 2 + [0.0])
    assert overlap(["A cat", ""], ["a dog", ""]).tolist() == pytest.approx([1 / 3, 0.0])


def test_figures_of_pairs() -> None:
    from sklearn.isotonic import IsotonicRegression

    scores, gold = RANDOM.integers(0, 12, size=40) / 12, RANDOM.integers(0, 6, size=40).astype(float)
    fitted = IsotonicRegression().fit_transform(scores, gold)
    expected = 1 - ((gold - fitted) ** 2).sum() / ((gold - gold.mean()) ** 2).sum()
    assert isotonic_share(scores, gold) == pytest.approx(expected, abs=1e-9)
    assert isotonic_share(scores, np.ones(40)) is None
    chords = 2 - 2 * cosines(VECTORS)
    assert uniformity(VECTORS) == pytest.approx(math.log(different(np.exp(-2 * chords)).mean()), abs=1e-12)
    empty = np.vstack([VECTORS[:9], np.zeros((2, VECTORS.shape[1]))])  # vectors of empty texts, which are of length 0
    units = empty / np.maximum(np.linalg.norm(empty, axis=1, keepdims=True), 1e-9)
    gaps = ((units[:, None] - units[None]) ** 2).sum(axis=2)
    assert uniformity(empty) == pytest.approx(math.log(different(np.exp(-2 * gaps)).mean()), abs=1e-12)
    left, right = VECTORS[:30], VECTORS[30:]
    own = (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    gold = np.arange(30, dtype=np.float64) % 6.0
    texts = tuple(f"text {row}" for row in range(60))
    found = measure_pairs(Pairs(texts[:30], texts[30:], gold), own, left, right, VECTORS, (0.0, 5.0))
    assert found.alignment == pytest.approx((2 - 2 * own[gold >= 4]).mean(), abs=1e-12)
    assert found.gap == pytest.approx(stats.pearsonr(own, gold).statistic - stats.spearmanr(own, gold).statistic, abs=1e-7)
    assert found.deviation == pytest.approx(own.std())
    assert found.length.value is None  # all texts have two words
    assert measure_pairs(Pairs(texts[:30], texts[30:], gold), own, left, right, VECTORS, None).alignment is None
