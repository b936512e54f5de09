"""Similarities that are fitted, or that rank components: known answers and independent direct formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import distance
from scipy.special import logsumexp
from scipy.stats import spearmanr
from sklearn.covariance import ledoit_wolf as sklearn_ledoit_wolf
from sklearn.linear_model import Ridge, RidgeCV

import stsbench
from stsbench.builtin.plugin import stsbench_similarities
from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.context import MeanOfNearest, ledoit_wolf
from stsbench.builtin.similarities.learned import ALPHAS, gaps_and_products, products
from stsbench.contracts.data import FitData
from stsbench.errors import OptionError

Array = NDArray[np.float64]
COMPONENTS = {component.name: component for component in stsbench_similarities()}


def data(vectors: Array, gold: Array | None = None) -> FitData:
    names = tuple(map(str, range(len(vectors))))
    if gold is None:
        return FitData(names, "", vectors=vectors)
    rows = np.arange(len(vectors), dtype=np.intp)
    return FitData(names, "", vectors=vectors, left=rows[::2], right=rows[1::2], gold=gold)


def fitted(name: str, vectors: Array, gold: Array | None = None, **options: Any) -> Any:
    built: Any = COMPONENTS[name].build(**options)
    return built.fit(data(vectors, gold))


@pytest.fixture
def vectors() -> Array:
    random = np.random.default_rng(11)
    return random.normal(size=(60, 9)) @ random.normal(size=(9, 9))


@pytest.mark.parametrize("dimensions", [1, 2, 9, 384, 1030])
def test_kendall_over_dimensions_equals_scipy_with_and_without_ties(dimensions: int) -> None:
    from scipy.stats import kendalltau

    random = np.random.default_rng(dimensions)
    left, right = random.normal(size=(2, 12, dimensions))
    left[3:6], right[5:8] = left[3:6].round(), right[5:8].round()
    left[9], right[10] = 1.5, -2.0
    kendall: Any = COMPONENTS["kendall-dims"].build()
    defined = (left.std(axis=1) > 0) & (right.std(axis=1) > 0)
    expected = [
        kendalltau(u, v, method="asymptotic").statistic if one and dimensions > 2 else float(one) * np.sign((u[-1] - u[0]) * (v[-1] - v[0]))
        for u, v, one in zip(left, right, defined, strict=True)
    ]
    np.testing.assert_allclose(kendall.score(left, right), expected, atol=1e-12)


def test_kendall_over_dimensions() -> None:
    random = np.random.default_rng(1)
    left, right = random.integers(0, 6, (40, 15)).astype(float), random.integers(0, 6, (40, 15)).astype(float)
    left[0] = right[1] = 2.0
    expected = []
    for u, v in zip(left, right, strict=True):
        signs = np.sign(u[:, None] - u), np.sign(v[:, None] - v)
        norms = math.sqrt((signs[0] ** 2).sum() * (signs[1] ** 2).sum())
        expected.append((signs[0] * signs[1]).sum() / norms if norms else 0.0)
    kendall: Any = COMPONENTS["kendall-dims"].build()
    np.testing.assert_allclose(kendall.score(left, right), expected, atol=1e-12)
    assert kendall.score(np.array([[1.0, 2, 3, 4]]), np.array([[1.0, 3, 2, 4]])).tolist() == [pytest.approx(2 / 3)]
    assert (
        kendall.score(left[:, :2], right[:, :2]).tolist()
        == (np.sign(left[:, 1] - left[:, 0]) * np.sign(right[:, 1] - right[:, 0])).tolist()
    )


def test_minkowski_between_manhattan_and_chebyshev() -> None:
    left, right = np.random.default_rng(2).normal(size=(2, 30, 8))
    build: Any = COMPONENTS["minkowski"].build
    np.testing.assert_allclose(build(p=1.0).score(left, right), kernels.manhattan(left, right), rtol=1e-12)
    np.testing.assert_allclose(build(p=2.0).score(left, right), kernels.euclidean(left, right), rtol=1e-12)
    np.testing.assert_allclose(build(p=400.0).score(left, right), kernels.chebyshev(left, right), rtol=1e-2)
    with pytest.raises(OptionError, match="at least 1"):
        build(p=0.5)


@pytest.mark.parametrize("n", [4, 12, 500])
def test_ledoit_wolf_of_scikit_learn(n: int) -> None:
    random = np.random.default_rng(n)
    rows = random.normal(size=(n, 10)) @ random.normal(size=(10, 10)) + 3.0
    covariance, shrinkage = ledoit_wolf(rows)
    expected, expected_shrinkage = sklearn_ledoit_wolf(rows)
    np.testing.assert_allclose(covariance, expected, rtol=1e-9, atol=1e-12)
    assert shrinkage == pytest.approx(expected_shrinkage, rel=1e-9)


def test_mahalanobis(vectors: Array) -> None:
    left, right = vectors[:20], vectors[20:40]
    inverse = np.linalg.inv(sklearn_ledoit_wolf(vectors)[0])
    expected = [-distance.mahalanobis(u, v, inverse) for u, v in zip(left, right, strict=True)]
    scorer = fitted("mahalanobis", vectors)
    np.testing.assert_allclose(scorer.score(left, right), expected, rtol=1e-9)
    np.testing.assert_allclose(np.diagonal(scorer.matrix(left, right)), expected, rtol=1e-9)
    with pytest.raises(OptionError, match="hardly vary"):
        fitted("mahalanobis", np.ones((5, 3)))


def test_mahalanobis_of_uncorrelated_directions() -> None:
    square = np.array([[2.0, 1], [2, -1], [-2, 1], [-2, -1]] * 500)  # variances 4 and 1; so many that hardly anything is shrunk
    found = fitted("mahalanobis", square).score(np.array([[2.0, 0], [0, 0]]), np.array([[0.0, 0], [0, 3]]))
    np.testing.assert_allclose(found, [-1, -3], rtol=1e-3)


RGB = np.array([[255.0, 0, 0], [255, 105, 180], [0, 255, 0]])


def test_attention_among_three_colours() -> None:
    first, second, third = RGB[[0]], RGB[[1]], RGB[[2]]
    raw = fitted("attention-softmax", RGB, root=False)
    assert raw.score(first, second).tolist() == [pytest.approx(0.25)]  # (.5 + 0) / 2
    assert raw.score(first, first).tolist() == [pytest.approx(0.5)]
    assert raw.score(third, third).tolist() == [1.0]
    unit = fitted("attention-softmax", RGB, root=False, unit=True)
    assert unit.score(first, second).tolist() == [pytest.approx(0.3573899539598607, abs=1e-12)]
    assert unit.score(second, third).tolist() == [pytest.approx((0.219630183536 + 0.270039845755) / 2, abs=1e-11)]
    assert unit.score(third, third).tolist() == [pytest.approx(0.533643632819, abs=1e-12)]


def test_attention_by_the_definition(vectors: Array) -> None:
    candidates, left, right = vectors[:30], vectors[20:50], vectors[30:]
    found = fitted("attention-softmax", candidates, temperature=2.0).score(left, right)
    scale = 2.0 * 3.0

    def weight(u: Array, v: Array) -> float:
        among = list(candidates) if any((v == one).all() for one in candidates) else [*candidates, v]
        return math.exp(u @ v / scale) / math.fsum(math.exp(u @ one / scale) for one in among)

    expected = [(weight(u, v) + weight(v, u)) / 2 for u, v in zip(left, right, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_attention_between_two_unit_vectors_is_a_monotone_map_of_cosine() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        pair = random.normal(size=(2, 5))
        cosine = kernels.cosine(pair[:1], pair[1:])[0]
        found = fitted("attention-softmax", pair, root=False, unit=True, temperature=0.7).score(pair[:1], pair[1:])[0]
        assert found == pytest.approx(1 / (1 + math.exp((1 - cosine) / 0.7)), abs=1e-12)


def test_csls_by_the_definition(vectors: Array) -> None:
    left, right = vectors[:20], vectors[40:] + 0.1
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def density(row: Array) -> float:
        cosines = sorted((float(row @ other / np.linalg.norm(row)) for other in units), reverse=True)
        return math.fsum([one for one in cosines if one < 1 - 1e-12][:4]) / 4

    expected = [2 * (1 - distance.cosine(u, v)) - density(u) - density(v) for u, v in zip(left, right, strict=True)]
    np.testing.assert_allclose(fitted("csls", vectors, k=4).score(left, right), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("apart", [1.0, 1e-2, 1e-4, 5e-6])
def test_neighbours_are_found_where_float32_cannot_tell_them_apart(apart: float) -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=24) + apart * random.normal(size=(300, 24))
    rows[200:] = rows[100:200] * (1 + 1e-15)  # the same directions, up to rounding
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = units @ units.T
    cosines[cosines >= 1 - 1e-12] = -np.inf
    nearest = np.sort(cosines, axis=1)[:, -5:]
    expected = nearest.sum(axis=1, where=np.isfinite(nearest)) / np.maximum(1, np.isfinite(nearest).sum(axis=1))
    model = fitted("csls", rows, k=5)
    found, _ = model.density(units)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    assert (expected > 0).all()  # or there would be no neighbour to find


@pytest.mark.parametrize("apart", [1.0, 1e-1, 1e-3])
def test_few_candidates_are_computed_though_all_vectors_point_one_way(apart: float) -> None:
    random = np.random.default_rng(4)
    rows = random.normal(size=512) + apart * random.normal(size=(600, 512))
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    row, column = MeanOfNearest(10, units).candidates(units[:100])
    assert 11 <= np.bincount(row).min() <= np.bincount(row).max() <= 60
    assert set(zip(range(100), range(100), strict=True)) <= set(zip(row.tolist(), column.tolist(), strict=True))


def test_csls_of_a_square() -> None:
    square = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    # each corner's two nearest are at a right angle: r = 0
    assert fitted("csls", square, k=2).score(square[[0, 0]], square[[0, 2]]).tolist() == [2, -2]
    assert fitted("csls", square, k=3).score(square[[0]], square[[1]]).tolist() == [pytest.approx(2 / 3)]  # r = (0 + 0 - 1) / 3


@pytest.mark.parametrize(("name", "features"), [("learned-diagonal", products), ("ridge", gaps_and_products)])
def test_ridge_regression_of_scikit_learn(name: str, features: Any) -> None:
    random = np.random.default_rng(4)
    rows, gold = random.normal(size=(160, 6)), random.uniform(0, 5, 80)
    x, new = features(rows[::2], rows[1::2]), random.normal(size=(2, 30, 6))
    found = fitted(name, rows, gold, alpha=0.3).score(*new)
    np.testing.assert_allclose(found, Ridge(alpha=0.3).fit(x, gold).predict(features(*new)), rtol=1e-9, atol=1e-9)
    chosen, oracle = fitted(name, rows, gold), RidgeCV(alphas=ALPHAS).fit(x, gold)
    assert chosen.model.alpha == oracle.alpha_
    np.testing.assert_allclose(chosen.score(*new), oracle.predict(features(*new)), rtol=1e-9, atol=1e-9)


def test_a_learned_diagonal_finds_the_dimension_that_people_look_at() -> None:
    random = np.random.default_rng(5)
    rows = random.normal(size=(400, 5))
    gold = products(rows[::2], rows[1::2])[:, 2] * 4 + 2
    model = fitted("learned-diagonal", rows, gold).model
    np.testing.assert_allclose(model.weights, [0, 0, 4, 0, 0], atol=1e-3)


@pytest.mark.parametrize("name", ["mahalanobis", "csls", "attention-softmax", "learned-diagonal", "ridge"])
def test_not_fitted_yet(name: str, vectors: Array) -> None:
    unfitted: Any = COMPONENTS[name].build()
    with pytest.raises(OptionError, match=f"{name} is not fitted yet"):
        unfitted.score(vectors, vectors)
    with pytest.raises(ValueError, match="the data hold none"):
        unfitted.fit(FitData(("a",), ""))


@pytest.mark.parametrize(
    ("name", "options"),
    [("csls", {"k": 0}), ("attention-softmax", {"temperature": 0.0}), ("ridge", {"alpha": 0.0}), ("minkowski", {"p": float("inf")})],
)
def test_options_out_of_range(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        COMPONENTS[name].build(**options)


def test_weights_far_below_one_are_ranked_as_their_logarithms_are() -> None:
    """At a temperature of .01 most are below 1e-10 of the largest, which would be ties of cosines."""
    generator = np.random.default_rng(5)
    texts = {f"text {row}": vector for row, vector in enumerate(generator.normal(size=(120, 8)))}

    class Drawn:
        def encode(self, asked: list[str]) -> Array:
            return np.array([texts[text] for text in asked])

    rows = [(f"text {row}", f"text {row + 60}", float(gold)) for row, gold in enumerate(generator.normal(size=60))]
    (cell,) = stsbench.evaluate(Drawn(), "attention-softmax,unit=true,root=false,temperature=0.01", [rows]).cells()
    vectors = np.array(list(texts.values())).astype(np.float32).astype(np.float64)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    logits = 100 * units @ units.T
    weights = logits - logsumexp(logits, axis=1)[:, None]
    both = [np.logaddexp(weights[row, row + 60], weights[row + 60, row]) for row in range(60)]
    assert cell["spearman"] == pytest.approx(spearmanr(both, [gold for _, _, gold in rows]).statistic, abs=1e-9)
    assert np.sort(both)[30] < np.max(both) - 10 * np.log(10)
