from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import distance
from sklearn.metrics import pairwise

from stsbench.builtin.plugin import stsbench_similarities
from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.vectors import Cosine, euclidean
from stsbench.contracts.components.component import Component
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import measure

Array = NDArray[np.float64]
VECTORS: dict[str, Component[Any]] = {
    component.name: component
    for component in stsbench_similarities()
    if component.needs == "vectors" and component.fits == "none" and component.name != "kendall-dims"
}
COSINES = ("cosine", "pearson")
ONES = (*COSINES, "angular", "spearman-dims", "jaccard")
DISTANCES = ("euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski")
any_similarity = pytest.mark.parametrize("name", VECTORS)


def build(name: str) -> Any:
    return VECTORS[name].build()


def score(name: str, left: object, right: object) -> float:
    found = build(name).score(np.array([left], dtype=np.float64), np.array([right], dtype=np.float64))
    assert found.dtype == np.float64
    assert found.shape == (1,)
    return float(found[0])


def sample(seed: int, n: int = 60, d: int = 17) -> tuple[Array, Array]:
    """Rows of widely differing length, among them identical, repeated, opposite and zero ones."""
    random = np.random.default_rng(seed)
    left = random.normal(size=(n, d)) * 10.0 ** random.uniform(-3, 3, (n, 1))
    right = left + random.normal(size=(n, d)) * random.uniform(0, 3, (n, 1)) * np.linalg.norm(left, axis=1, keepdims=True)
    right[:6] = left[:6]
    left[6:9], right[6:9] = left[9], right[9]
    right[10] = -left[10]
    left[11] = right[12] = left[13] = right[13] = 0.0
    return left, right


RGB = {"red": (255, 0, 0), "pink": (255, 105, 180), "green": (0, 255, 0)}


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("cosine", (6, 4), (2, 8), 0.7399400733959437),
        ("dot", (6, 4), (2, 8), 44),
        ("euclidean", (6, 4), (2, 8), -5.656854249492381),
        ("sqeuclidean", (6, 4), (2, 8), -32),
        ("manhattan", (6, 4), (2, 8), -8),
        ("chebyshev", (6, 4), (2, 8), -4),
        ("cosine", (3, 2, 5), (4, 5, 2), 0.7738413334506791),
        ("dot", (3, 2, 5), (4, 5, 2), 32),
        ("euclidean", (3, 2, 5), (4, 5, 2), -4.358898943540674),
        ("sqeuclidean", (3, 2, 5), (4, 5, 2), -19),
        ("manhattan", (3, 2, 5), (4, 5, 2), -7),
        ("chebyshev", (3, 2, 5), (4, 5, 2), -3),
        ("pearson", (3, 2, 5), (4, 5, 2), -1),
        ("cosine", RGB["red"], RGB["pink"], 0.7743287817462707),
        ("dot", RGB["red"], RGB["pink"], 65025),
        ("manhattan", RGB["red"], RGB["pink"], -285),
        ("pearson", RGB["red"], RGB["pink"], 0.8660254037844387),
        ("cosine", RGB["red"], RGB["green"], 0),
        ("dot", RGB["red"], RGB["green"], 0),
        ("manhattan", RGB["red"], RGB["green"], -510),
        ("pearson", RGB["red"], RGB["green"], -0.5),
        ("cosine", RGB["pink"], RGB["green"], 0.31884126307199384),
        ("dot", RGB["pink"], RGB["green"], 26775),
        ("manhattan", RGB["pink"], RGB["green"], -585),
        ("pearson", RGB["pink"], RGB["green"], -0.8660254037844387),
        ("angular", (6, 4), (2, 8), 1 - math.radians(42.27368900609373) / math.pi),
        ("angular", (1, 0), (0, 1), 0.5),
        ("angular", (1, 0), (-2, 0), 0),
        ("jaccard", (6, 4), (2, 8), 6 / 14),
        ("jaccard", (1, 1, 0, 1), (1, 0, 0, 1), 2 / 3),
        ("jaccard", (1, 0), (0, 1), 0),
        ("jaccard", (2, -1), (1, -3), 2 / 5),
        ("jaccard", (1, -1), (-1, -1), 1 / 3),
        ("minkowski", (6, 4), (2, 8), -(128 ** (1 / 3))),
        ("spearman-dims", (1, 2, 3, 4), (10, 30, 20, 40), 0.8),
        ("cosine", (1, 0), (0, 1), 0),
        ("cosine", (3, -2, 5), (-3, 2, -5), -1),
    ],
)
def test_known_answers(name: str, left: tuple[float, ...], right: tuple[float, ...], expected: float) -> None:
    assert score(name, left, right) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert score(name, right, left) == score(name, left, right)


def test_identities_of_the_known_answers() -> None:
    left, right = np.array([[3.0, 2, 5]]), np.array([[4.0, 5, 2]])
    assert math.degrees(math.acos(score("cosine", (6, 4), (2, 8)))) == pytest.approx(42.2737, abs=5e-5)
    assert math.degrees(math.acos(score("cosine", left[0], right[0]))) == pytest.approx(
        39.299898347542516, abs=1e-10
    )  # a cosine has 12 decimals
    assert np.sqrt((left**2).sum()) == pytest.approx(6.164414002968976, abs=1e-12)
    units = kernels.unit(left), kernels.unit(right)
    assert -kernels.sqeuclidean(*units)[0] == pytest.approx(2 - 2 * 0.7738413334506791, abs=1e-12)
    assert 1 - score("cosine", (6, 4), (2, 8)) == pytest.approx(0.2600599266040563, abs=1e-12)


SCIPY: dict[str, Callable[[Array, Array], float]] = {
    "cosine": lambda u, v: 1 - distance.cosine(u, v),
    "dot": lambda u, v: math.fsum(u * v),
    "euclidean": lambda u, v: -distance.euclidean(u, v),
    "sqeuclidean": lambda u, v: -distance.sqeuclidean(u, v),
    "manhattan": lambda u, v: -distance.cityblock(u, v),
    "chebyshev": lambda u, v: -distance.chebyshev(u, v),
    "pearson": lambda u, v: stats.pearsonr(u, v).statistic,
    "spearman-dims": lambda u, v: stats.spearmanr(u, v).statistic,
    "minkowski": lambda u, v: -distance.minkowski(u, v, 3),
    "jaccard": lambda u, v: (
        sum(min(abs(a), abs(b)) for a, b in zip(u, v, strict=True) if a * b > 0)
        / sum(max(abs(a), abs(b)) if a * b > 0 else abs(a) + abs(b) for a, b in zip(u, v, strict=True))
    ),
    "angular": lambda u, v: 1 - math.acos(max(-1, min(1, 1 - distance.cosine(u, v)))) / math.pi,
}


@any_similarity
@pytest.mark.parametrize("d", [2, 17, 384])
def test_scipy_row_by_row(name: str, d: int) -> None:
    left, right = sample(d, d=d)
    left, right = left[14:], right[14:]
    expected = [SCIPY[name](u, v) for u, v in zip(left, right, strict=True)]
    np.testing.assert_allclose(build(name).score(left, right), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("euclidean", pairwise.paired_euclidean_distances),
        ("manhattan", pairwise.paired_manhattan_distances),
        ("cosine", pairwise.paired_cosine_distances),
    ],
)
def test_scikit_learn_paired_distances(name: str, oracle: Callable[[Array, Array], Array]) -> None:
    left, right = sample(1)
    if name == "cosine":  # scikit-learn's cosine of zero vectors is the option's
        found = VECTORS["cosine"].build(zero="sklearn").score(left, right)
        assert found[[11, 12, 13]].tolist() == [0.5, 0.5, 1.0]
        np.testing.assert_allclose(found, 1 - oracle(left, right), rtol=0, atol=1e-12)
    else:
        np.testing.assert_allclose(build(name).score(left, right), -oracle(left, right), rtol=1e-12)


@pytest.mark.parametrize("zero", ["zero", "sklearn"])
def test_policy_of_zero_vectors(zero: str) -> None:
    cosine = VECTORS["cosine"].build(zero=zero)
    found = cosine.score(np.array([[0.0, 0], [1, 2], [0, 0], [-0.0, 0]]), np.array([[1.0, 2], [0, 0], [0, 0], [1, 2]]))
    assert found.tolist() == ([0, 0, 0, 0] if zero == "zero" else [0.5, 0.5, 1, 0.5])


def test_constant_vectors_have_no_correlation() -> None:
    tenths = [0.1] * 7  # whose mean, as computed, is not 0.1
    assert score("pearson", tenths, [1, 2, 3, 4, 5, 6, 7]) == 0
    assert score("pearson", tenths, tenths) == 0
    assert score("pearson", np.array(tenths) * 1e-8, [0] * 7) == 0


@any_similarity
def test_identical_vectors(name: str) -> None:
    left, _ = sample(2)
    left = left[left.any(axis=1)]
    expected = (left**2).sum(axis=1) if name == "dot" else np.full(len(left), 1.0 if name in ONES else 0.0)
    found = build(name).score(left, left.copy())
    assert (found == expected).all() or name == "dot"
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@any_similarity
def test_negative_zero_is_never_returned(name: str) -> None:
    left = np.array([[0.0, 0.0], [1.0, 2.0], [-1.0, 0.0]])
    right = np.array([[0.0, -0.0], [1.0, 2.0], [0.0, 0.0]])
    found = build(name).score(left, right)
    assert not np.signbit(found[found == 0]).any()
    found = build(name).matrix(left, right)
    assert not np.signbit(found[found == 0]).any()


@any_similarity
def test_a_score_depends_on_its_row_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = sample(3, n=50, d=33)
    whole = build(name).score(left, right)
    one_by_one = np.concatenate([build(name).score(left[row : row + 1], right[row : row + 1]) for row in range(50)])
    assert whole.tobytes() == one_by_one.tobytes()
    order = np.random.default_rng(0).permutation(50)
    assert build(name).score(left[order], right[order]).tobytes() == whole[order].tobytes()
    assert build(name).score(np.asfortranarray(left), np.repeat(right, 2, axis=1)[:, ::2]).tobytes() == whole.tobytes()
    monkeypatch.setattr(kernels, "CHUNK", 100)
    assert build(name).score(left, right).tobytes() == whole.tobytes()


@any_similarity
def test_symmetric_to_the_last_bit(name: str) -> None:
    left, right = sample(4)
    assert build(name).score(left, right).tobytes() == build(name).score(right, left).tobytes()


@any_similarity
def test_inputs_are_left_as_they_were(name: str) -> None:
    left, right = sample(5)
    before = left.copy(), right.copy()
    left.flags.writeable = right.flags.writeable = False
    build(name).score(left, right)
    build(name).matrix(left, right)
    assert (left == before[0]).all()
    assert (right == before[1]).all()


@any_similarity
def test_matrix_holds_the_scores_of_all_pairs(name: str) -> None:
    left, right = sample(6, n=20)
    right = right[:-3]
    found = build(name).matrix(left, right)
    assert found.shape == (20, 17)
    expected = [build(name).score(np.repeat(left[row : row + 1], 17, axis=0), right) for row in range(20)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_matrix_keeps_the_policy_of_zero_vectors() -> None:
    left, right = np.array([[0.0, 0], [1, 0]]), np.array([[0.0, 0], [0, 1]])
    assert Cosine(zero="zero").matrix(left, right).tolist() == [[0, 0], [0, 0]]
    assert Cosine(zero="sklearn").matrix(left, right).tolist() == [[1, 0.5], [0.5, 0]]


@pytest.mark.parametrize("scale", [1e-160, 1e-8, 1e8, 1e160, 5e-324, 1e300])
@pytest.mark.parametrize("name", COSINES)
def test_cosine_of_vectors_of_any_magnitude(name: str, scale: float) -> None:
    whole = np.random.default_rng(7).integers(-9, 10, (40, 12)).astype(float)  # times any scale, exact enough even below normal numbers
    other = np.roll(whole, 1, axis=0)
    expected = build(name).score(whole, other)
    np.testing.assert_allclose(build(name).score(whole * scale, other * scale), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(build(name).score(whole * scale, other), expected, rtol=0, atol=1e-12)


def test_near_duplicates_keep_their_order() -> None:
    steps = np.arange(1, 6) * 1e-9
    left = np.full((5, 8), 1e3)
    right = left.copy()
    right[:, 0] += steps
    found = euclidean().score(left, right)
    assert (np.diff(found) < 0).all()


@any_similarity
@pytest.mark.parametrize("scale", [1e-8, 1e8, 3e-8, 7e8])
@pytest.mark.parametrize("seed", range(5))
def test_spearman_does_not_depend_on_the_scale_of_vectors(name: str, scale: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    left = random.normal(size=(200, 16)).astype(np.float32).astype(np.float64)
    right = (left + random.normal(size=(200, 16)) * random.uniform(0.1, 3, (200, 1))).astype(np.float32).astype(np.float64)
    right[:20] = left[:20]
    left[20:40], right[20:40] = left[0], right[40]
    right[50], left[51] = 0.0, 0.0
    gold = random.integers(0, 11, 200) / 2
    before = measure(gold, rankable(build(name).score(left, right))[0])
    after = measure(gold, rankable(build(name).score(left * scale, right * scale))[0])
    assert after.figures["spearman"] == pytest.approx(before.figures["spearman"], abs=1e-9 if scale in (1e-8, 1e8) else 1e-6)
    assert after.tied >= 20


@any_similarity
def test_shapes_must_agree(name: str) -> None:
    with pytest.raises(ValueError, match=r"not \(2, 3\) and \(1, 3\)"):
        build(name).score(np.ones((2, 3)), np.ones((1, 3)))
    assert build(name).score(np.ones((0, 3)), np.ones((0, 3))).shape == (0,)


def test_declarations() -> None:
    declared = {component.name: (component.needs, component.fits, component.symmetric) for component in stsbench_similarities()}
    assert {name for name, declaration in declared.items() if declaration == ("vectors", "none", True)} == {*VECTORS, "kendall-dims"}
    assert {name for name, (needs, fits, _) in declared.items() if needs == "vectors" and fits == "texts"} == {
        "mahalanobis",
        "csls",
        "attention-softmax",
    }
    assert {name for name, (_, fits, _) in declared.items() if fits == "pairs"} == {"learned-diagonal", "ridge"}
    assert all(component.help for component in stsbench_similarities())
    assert VECTORS["cosine"].build() == VECTORS["cosine"].build(zero="zero") != VECTORS["cosine"].build(zero="sklearn")
