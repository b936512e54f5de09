"""Similarities of token sets: known answers, and loops over tokens that follow the definitions as oracles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stsbench.builtin.plugin import stsbench_similarities
from stsbench.builtin.similarities import padded
from stsbench.contracts.data import FitData, Tokens
from stsbench.errors import OptionError

Array = NDArray[np.float64]
COMPONENTS = {component.name: component for component in stsbench_similarities() if component.needs == "tokens"}
PLAIN = ("bertscore", "bertscore-precision", "bertscore-recall", "maxsim", "maxsim-sum", "relaxed-wmd", "word-centroid", "dynamax", "cka", "max-pool")  # fmt: skip


def as_tokens(texts: Sequence[Any], ids: Sequence[Sequence[int]] | None = None, special: Sequence[int] = ()) -> Tokens:
    """One array of token vectors a text; a token whose id is in `special` is one that a model adds."""
    values = np.concatenate([np.asarray(text, dtype=np.float32) for text in texts])
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.intp)
    flat = np.array([one for text in ids for one in text] if ids is not None else range(len(values)), dtype=np.int64)
    return Tokens(values, offsets, flat, np.isin(flat, special))


def build(name: str, **options: Any) -> Any:
    return COMPONENTS[name].build(**options)


def score(name: str, left: Any, right: Any, **options: Any) -> float:
    return float(build(name, **options).score(as_tokens([left]), as_tokens([right]))[0])


X, Y = [[1, 0], [0, 1]], [[1, 0], [0.6, 0.8], [0, -1]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bertscore-recall", 0.9),
        ("bertscore-precision", 0.6),
        ("bertscore", 0.72),
        ("maxsim-sum", 1.8),
        ("maxsim", 0.75),
        ("dynamax", 0.72),
        ("relaxed-wmd", -0.6822230314689236),
        ("word-centroid", -0.5676462121975466),
    ],
)
def test_known_answers(name: str, expected: float) -> None:
    assert score(name, X, Y) == pytest.approx(expected, abs=1e-7)  # .6 and .8 are float32 here


def test_known_answers_of_numbers_that_float32_holds() -> None:
    assert score("maxsim-sum", Y, X) == pytest.approx(1.8, abs=1e-7)
    assert score("cka", [[1, 2, 3, 4], [2, 1, 0, 5]], [[1, 0, 2, 2], [0, 3, 1, 1], [2, 2, 2, 9]]) == pytest.approx(
        0.9334082758864298, abs=1e-12
    )
    assert score("max-pool", [[3, 0], [1, 4]], [[0, 5]]) == pytest.approx(0.8, abs=1e-15)
    assert score("max-pool", [[-3, -1], [-5, -2]], [[-3, -1]]) == 1.0
    assert score("relaxed-wmd", [[0, 0], [3, 4]], [[0, 0]]) == -2.5
    assert score("word-centroid", [[0, 0], [6, 8]], [[0, 0]]) == -5.0


def cosine(u: Array, v: Array) -> float:
    norms = math.sqrt(math.fsum(u * u)) * math.sqrt(math.fsum(v * v))
    return math.fsum(u * v) / norms if norms else 0.0


def recall(x: Array, y: Array) -> float:
    return math.fsum(max(cosine(u, v) for v in y) for u in x) / len(x)


def f1(x: Array, y: Array) -> float:
    both = recall(x, y), recall(y, x)
    return 2 * both[0] * both[1] / sum(both) if sum(both) > 0 else 0.0


def relaxed(x: Array, y: Array) -> float:
    there, back = (math.fsum(min(math.dist(u, v) for v in b) for u in a) / len(a) for a, b in ((x, y), (y, x)))
    return -max(there, back)


def dynamax(x: Array, y: Array) -> float:
    universe = [*x, *y]
    left, right = ([max(0.0, max(math.fsum(u * one) for u in side)) for one in universe] for side in (x, y))
    most = math.fsum(map(max, left, right))
    return math.fsum(map(min, left, right)) / most if most else 0.0


def cka(x: Array, y: Array) -> float:
    x, y = (side - side.mean(axis=1, keepdims=True) for side in (x, y))
    own = [np.linalg.norm(side.T @ side) for side in (x, y)]  # d x d, the form with observations as rows
    return float(np.sum((x.T @ x) * (y.T @ y)) / (own[0] * own[1]))


ORACLES: dict[str, Callable[[Array, Array], float]] = {
    "bertscore-recall": recall,
    "bertscore-precision": lambda x, y: recall(y, x),
    "bertscore": f1,
    "maxsim": lambda x, y: (recall(x, y) + recall(y, x)) / 2,
    "maxsim-sum": lambda x, y: recall(x, y) * len(x),
    "relaxed-wmd": relaxed,
    "word-centroid": lambda x, y: -math.dist(x.mean(axis=0), y.mean(axis=0)),
    "dynamax": dynamax,
    "cka": cka,
    "max-pool": lambda x, y: cosine(x.max(axis=0), y.max(axis=0)),
}


def sample(seed: int, n: int = 60, d: int = 10) -> tuple[list[Array], list[Array]]:
    """Texts of 1 to 14 tokens, of which many are shared or nearly so."""
    random = np.random.default_rng(seed)
    table = random.normal(size=(25, d)) * random.uniform(0.1, 5, (25, 1))
    sides: list[list[Array]] = []
    for _ in range(2):
        texts = [table[random.integers(0, 25, size)] for size in random.integers(1, 15, n)]
        sides.append([(text + 1e-7 * random.normal(size=text.shape) * random.integers(0, 2)).astype(np.float32).astype(np.float64) for text in texts])  # fmt: skip
    return sides[0], sides[1]


@pytest.mark.parametrize("name", PLAIN)
def test_loops_over_tokens(name: str) -> None:
    left, right = sample(3)
    found = build(name).score(as_tokens(left), as_tokens(right))
    np.testing.assert_allclose(found, [ORACLES[name](x, y) for x, y in zip(left, right, strict=True)], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", PLAIN)
def test_a_score_depends_on_its_pair_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = map(as_tokens, sample(4, d=33))
    whole = build(name).score(left, right)
    alone = [build(name).score(left.take(one), right.take(one))[0] for one in np.arange(60)[:, None]]
    assert whole.tolist() == alone
    monkeypatch.setattr(padded, "CHUNK", 1)
    assert build(name).score(left, right).tobytes() == whole.tobytes()


def test_tokens_that_a_model_adds() -> None:
    ids = [[0, 5, 6]]
    left, right = as_tokens([[[1, 0], [0, 1], [1, 1]]], ids, special=[0]), as_tokens([[[0, 1], [1, 0]]], [[0, 7]], special=[0])
    found = {special: float(build("bertscore-recall", special=special).score(left, right)[0]) for special in ("none", "match", "all")}
    half = math.sqrt(0.5)
    assert found == pytest.approx({"none": (0 + half) / 2, "match": (1 + half) / 2, "all": (1 + 1 + half) / 3})
    only = as_tokens([[[0, 1]]], [[0]], special=[0])
    assert build("bertscore").score(left, only).tolist() == [0]
    assert build("relaxed-wmd").score(only, only).tolist() == [0]
    assert build("word-centroid").score(as_tokens([[[3, 4]]]), only).tolist() == [-5]


def test_idf_weights_of_bertscore() -> None:
    fit = as_tokens([[[1, 0], [0, 1]], [[1, 0]], [[1, 0]]], [[1, 2], [1], [1]])
    fitted = build("bertscore-idf").fit(FitData((), "", tokens=fit))
    left, right = as_tokens([[[1, 0], [0, 1]]], [[1, 2]]), as_tokens([[[1, 0]]], [[3]])
    # token 1 is in all texts and weighs log(4 / 4) = 0, token 2 weighs log 2: recall 0; token 3 weighs log 4: precision 1
    assert fitted.score(left, right).tolist() == [0]
    both = as_tokens([[[0.6, 0.8], [0, 1]]], [[4, 2]])
    weights = math.log(4), math.log(2)
    recall_of_both = (weights[0] * 0.6 + weights[1] * 0) / sum(weights)
    assert fitted.score(both, right)[0] == pytest.approx(2 * recall_of_both * 0.6 / (recall_of_both + 0.6), abs=1e-7)
    with pytest.raises(OptionError, match="bertscore-idf is not fitted yet"):
        build("bertscore-idf").score(left, right)


def test_the_vocabulary_version_of_soft_cosine_is_gensims() -> None:
    gensim = pytest.importorskip("gensim")
    from gensim.similarities.termsim import SparseTermSimilarityMatrix, TermSimilarityIndex

    random = np.random.default_rng(9)
    table = random.normal(size=(20, 6)).astype(np.float32)
    texts = [random.integers(0, 20, size).tolist() for size in random.integers(1, 9, 40)]
    tokens = as_tokens([table[text] for text in texts], texts)
    fitted = build("soft-cosine-vocabulary").fit(FitData((), "", tokens=tokens))
    found = fitted.score(tokens, tokens.take(np.roll(np.arange(40), 1)))

    units = table.astype(np.float64) / np.linalg.norm(table.astype(np.float64), axis=1, keepdims=True)
    dictionary = gensim.corpora.Dictionary([[str(one) for one in text] for text in texts])

    class Index(TermSimilarityIndex):  # type: ignore[misc]
        def most_similar(self, t1: str, topn: int = 10) -> Any:
            scores = [(t2, max(0.0, float(units[int(t1)] @ units[int(t2)])) ** 2) for t2 in dictionary.token2id if t2 != t1]
            return [pair for pair in sorted(scores, key=lambda pair: -pair[1]) if pair[1] > 0][:topn]

    matrix = SparseTermSimilarityMatrix(Index(), dictionary, nonzero_limit=None, dtype=np.float64)
    frequency = {one: sum(one in text for text in texts) for one in range(20)}

    def bag(text: list[int]) -> list[tuple[int, float]]:
        counts = dictionary.doc2bow([str(one) for one in text])
        return [(number, count * math.log(41 / (frequency[int(dictionary[number])] + 1))) for number, count in counts]

    expected = [matrix.inner_product(bag(text), bag(texts[row - 1]), normalized=(True, True)) for row, text in enumerate(texts)]
    np.testing.assert_allclose(found, expected, atol=1e-6)  # a type's vector is kept as float32
    with pytest.raises(OptionError, match="soft-cosine-vocabulary is not fitted yet"):
        build("soft-cosine-vocabulary").score(tokens, tokens)
    unknown = as_tokens([[[1.0] * 6]], [[99]])
    assert fitted.score(unknown, tokens.take(np.array([0]))).tolist() == [0]


def test_bounds() -> None:
    left, right = map(as_tokens, sample(6))
    assert (build("word-centroid").score(left, right) <= 0).all()
    assert np.abs(build("relaxed-wmd").score(left, left)).max() == 0
    np.testing.assert_allclose(build("cka").score(left, left), 1.0, atol=1e-12)
    np.testing.assert_allclose(build("dynamax").score(left, left), 1.0, atol=1e-12)


@pytest.mark.parametrize("limit", [0, 1, 3, 19])
def test_a_limit_of_similarities_is_gensims(limit: int) -> None:
    gensim = pytest.importorskip("gensim")
    from gensim.similarities.termsim import SparseTermSimilarityMatrix, TermSimilarityIndex

    from stsbench.builtin.similarities.softcosine import nearest_terms, soft_cosine_terms

    random = np.random.default_rng(limit)
    units = random.normal(size=(20, 6))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    s = np.maximum(0.0, units @ units.T) ** 2
    s = (s + s.T) / 2
    dictionary = gensim.corpora.Dictionary([[f"{one:02d}" for one in range(20)]])

    class Index(TermSimilarityIndex):  # type: ignore[misc]
        def most_similar(self, t1: str, topn: int = 10) -> Any:
            scores = [(t2, s[int(t1), int(t2)]) for t2 in dictionary.token2id if t2 != t1]
            return [pair for pair in sorted(scores, key=lambda pair: -pair[1]) if pair[1] > 0][:topn]

    theirs = SparseTermSimilarityMatrix(Index(), dictionary, nonzero_limit=limit, dtype=np.float64)
    ours = nearest_terms(s, limit, np.arange(20))
    np.testing.assert_allclose(ours, theirs.matrix.toarray() - np.eye(20) + np.diag(np.diag(s)), atol=1e-12)
    np.fill_diagonal(ours, 1.0)
    bags = [[random.integers(0, 20, size) for size in random.integers(1, 9, 50)] for _ in range(2)]
    sides = [(np.cumsum([0, *map(len, side)]), np.concatenate(side), np.ones(sum(map(len, side)))) for side in bags]
    counts = [[dictionary.doc2bow([f"{one:02d}" for one in bag]) for bag in side] for side in bags]
    expected = [theirs.inner_product(x, y, normalized=(True, True)) for x, y in zip(*counts, strict=True)]
    np.testing.assert_allclose(soft_cosine_terms(sides[0], sides[1], ours), expected, atol=1e-9)


def test_the_matrix_and_the_pairs_own_block_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    from stsbench.builtin.similarities import tokens as module

    left, right = map(as_tokens, sample(8))
    data = FitData((), "", tokens=left)
    at_once = build("soft-cosine-vocabulary").fit(data).score(left, right)
    monkeypatch.setattr(module, "DENSE", 0)
    np.testing.assert_allclose(build("soft-cosine-vocabulary").fit(data).score(left, right), at_once, rtol=0, atol=1e-12)
    with pytest.raises(OptionError, match="nonzero_limit"):
        build("soft-cosine-vocabulary", nonzero_limit=-1)
