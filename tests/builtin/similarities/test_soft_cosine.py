from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from stsbench.builtin.plugin import stsbench_similarities
from stsbench.builtin.similarities import padded
from stsbench.builtin.similarities.idf import Idf
from stsbench.builtin.similarities.softcosine import soft_cosine_terms
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import FitData, Tokens
from stsbench.errors import OptionError

Array = NDArray[np.float64]
COMPONENTS: dict[str, Component[Any]] = {component.name: component for component in stsbench_similarities()}
S = np.array([[1, 0.5, 0.8, 0.3], [0.5, 1, 0.3, 0.8], [0.8, 0.3, 1, 0.4], [0.3, 0.8, 0.4, 1]])


def gensim(a: Array, b: Array, s: Array) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gensim.similarities import SparseTermSimilarityMatrix
    matrix = SparseTermSimilarityMatrix(sparse.csc_matrix(s))
    bag: Callable[[Array], list[tuple[int, float]]] = lambda row: [(int(term), float(row[term])) for term in np.flatnonzero(row)]  # noqa: E731
    return float(matrix.inner_product(bag(a), bag(b), normalized=(True, True)))


def bags(rows: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    row, terms = np.nonzero(rows)
    return np.searchsorted(row, np.arange(len(rows) + 1)), terms, rows[row, terms]


def soft_cosine(a: Array, b: Array, s: Array) -> Array:
    """Of rows of weights, float64[n, v]."""
    return soft_cosine_terms(bags(a), bags(b), s)


def tokens(seed: int, n: int, *, dim: int = 9, vocabulary: int = 30, longest: int = 11) -> Tokens:
    """Texts of 0 to `longest` tokens with one vector per id, as static vectors have; the first token of most is special."""
    random = np.random.default_rng(seed)
    table = np.random.default_rng(99).normal(size=(vocabulary, dim)).astype(np.float32)
    lengths = random.integers(0, longest + 1, n)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    ids = random.integers(2, vocabulary, offsets[-1])
    special = np.zeros(len(ids), dtype=bool)
    starts = offsets[:-1][lengths > 2]
    ids[starts], special[starts] = 1, True
    return Tokens(table[ids], offsets, ids, special)


def texts_of(*texts: list[int], value: float = 1) -> Tokens:
    """Texts of tokens by id, all with one vector and none special."""
    ids = np.array([token for text in texts for token in text], dtype=np.intp)
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.intp)
    return Tokens(np.full((len(ids), 2), value, np.float32), offsets, ids, np.zeros(len(ids), np.bool_))


def naive(left: Tokens, right: Tokens, row: int, weight: Any = lambda token: 1.0, power: float = 2.0, threshold: float = 0.0) -> float:
    """The definition, term by term."""

    def terms(side: Tokens) -> list[tuple[float, list[float]]]:
        rows = range(side.offsets[row], side.offsets[row + 1])
        return [(weight(int(side.ids[at])), side.values[at].astype(float).tolist()) for at in rows if not side.special[at]]

    def cosine(u: list[float], v: list[float]) -> float:
        inner: Callable[[list[float], list[float]], float] = lambda x, y: math.fsum(p * q for p, q in zip(x, y, strict=True))  # noqa: E731
        return inner(u, v) / math.sqrt(inner(u, u) * inner(v, v))

    def form(x: list[tuple[float, list[float]]], y: list[tuple[float, list[float]]]) -> float:
        total = 0.0
        for p, u in x:
            for q, v in y:
                c = cosine(u, v)
                total += p * q * (c**power if c > threshold else 0.0)
        return total

    x, y = terms(left), terms(right)
    norms = form(x, x) * form(y, y)
    return form(x, y) / math.sqrt(norms) if norms > 0 else 0.0


def test_known_answer() -> None:
    a, b = np.array([[1.0, 1, 0, 0]]), np.array([[0.0, 0, 1, 1]])
    assert soft_cosine(a, b, np.eye(4))[0] == 0
    assert soft_cosine(a, b, S)[0] == pytest.approx(0.7590721152765897, abs=1e-12)
    assert soft_cosine(a, b, S)[0] == pytest.approx(2.2 / math.sqrt(3 * 2.8), abs=1e-12)
    assert gensim(a[0], b[0], S) == pytest.approx(0.7590721152765897, abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_gensim_on_random_sparse_vocabularies(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = int(random.integers(5, 120))
    s = sparse.random(size, size, density=0.1, random_state=random, dtype=np.float64).toarray()
    s = np.maximum(s, s.T)
    np.fill_diagonal(s, 1.0)
    a, b = (random.random((20, size)) * (random.random((20, size)) < 0.2) for _ in range(2))
    a[:, 0] += 0.1  # no empty row: gensim's is 0 by another road
    expected = [gensim(x, y, s) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(soft_cosine(a, b, s), expected, rtol=0, atol=1e-9)


def test_identities() -> None:
    random = np.random.default_rng(0)
    a, b, unit = random.random((30, 6)), random.random((30, 6)), random.normal(size=(6, 4))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosine: Callable[[Array, Array], Array] = lambda u, v: (u * v).sum(axis=1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)  # noqa: E731
    gram = unit @ unit.T
    np.testing.assert_allclose(soft_cosine(a, b, np.eye(6)), cosine(a, b), atol=1e-12)
    np.testing.assert_allclose(soft_cosine(a, b, gram), cosine(a @ unit, b @ unit), atol=1e-12)
    moments: Callable[[Array], Array] = lambda rows: np.einsum("nv,vi,vj->nij", rows, unit, unit).reshape(30, -1)  # noqa: E731
    np.testing.assert_allclose(soft_cosine(a, b, gram**2), cosine(moments(a), moments(b)), atol=1e-12)


def test_negative_and_zero_norms_score_zero() -> None:
    clipped = np.array([[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]])
    a = np.array([[1, -1.2, 1], [0, 0, 0], [1, 0, 0]])
    assert a[0] @ clipped @ a[0] == pytest.approx(-0.88)
    assert soft_cosine(a, a, clipped).tolist() == [0, 0, 1]
    huge = np.array([[1e150, 0, 0]])
    assert soft_cosine(huge, huge, clipped).tolist() == [1]


@pytest.mark.parametrize(("power", "threshold"), [(2.0, 0.0), (1.0, 0.0), (4.0, 0.3), (2.0, 0.9)])
def test_pairs_equal_the_double_loop(power: float, threshold: float) -> None:
    left, right = tokens(1, 40), tokens(2, 40)
    found = COMPONENTS["soft-cosine"].build(power=power, threshold=threshold).score(left, right)
    expected = [naive(left, right, row, power=power, threshold=threshold) for row in range(40)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert found.std() > 0.05


def test_pairs_equal_gensim_with_a_vocabulary_of_the_pair() -> None:
    left, right = tokens(3, 25), tokens(4, 25)
    found = COMPONENTS["soft-cosine"].build().score(left, right)
    x, y = left.content(), right.content()
    for row in range(25):
        ids = [side.ids[side.offsets[row] : side.offsets[row + 1]] for side in (x, y)]
        if not len(ids[0]) or not len(ids[1]):
            assert found[row] == 0
            continue
        vocabulary, first = np.unique(np.concatenate(ids), return_index=True)
        table = np.concatenate([side.values[side.offsets[row] : side.offsets[row + 1]] for side in (x, y)])[first].astype(float)
        table /= np.linalg.norm(table, axis=1, keepdims=True)
        s = np.maximum(table @ table.T, 0) ** 2
        counts = [(one[:, None] == vocabulary).sum(axis=0).astype(float) for one in ids]
        assert found[row] == pytest.approx(gensim(counts[0], counts[1], s), abs=1e-9)
        assert found[row] == pytest.approx(soft_cosine(counts[0][None], counts[1][None], s)[0], abs=1e-12)


def test_idf_known_answer_and_double_loop() -> None:
    left, right, corpus = tokens(5, 30), tokens(6, 30), tokens(7, 12)
    before = COMPONENTS["soft-cosine-idf"].build()
    fitted = before.fit(FitData(tuple(map(str, range(12))), "0", tokens=corpus))
    content = corpus.content()
    texts = [set(content.ids[a:b].tolist()) for a, b in zip(content.offsets[:-1], content.offsets[1:], strict=True)]
    weight: Callable[[int], float] = lambda token: math.log((12 + 1) / (sum(token in text for text in texts) + 1))  # noqa: E731
    assert min(sum(token in text for text in texts) for token in range(2, 30)) == 0  # some ids are new to it
    expected = [naive(left, right, row, weight) for row in range(30)]
    np.testing.assert_allclose(fitted.score(left, right), expected, rtol=0, atol=1e-12)
    plain = COMPONENTS["soft-cosine"].build().score(left, right)
    assert np.abs(fitted.score(left, right) - plain).max() > 0.01
    with pytest.raises(OptionError, match="fit=self"):  # fitting left the original as it was
        before.score(left, right)
    assert fitted != before


def test_idf_of_three_texts() -> None:
    three = texts_of([7, 7], [7, 8], [7])
    idf = Idf.of(three)
    query = texts_of([7, 8, 9])
    np.testing.assert_allclose(idf(query), [0, math.log(4 / 2), math.log(4)], atol=1e-15)
    nothing = Idf.of(texts_of([]))
    np.testing.assert_allclose(nothing(query), math.log(2))


def test_fit_needs_tokens() -> None:
    with pytest.raises(ValueError, match="hold none"):
        COMPONENTS["soft-cosine-idf"].build().fit(FitData(("a",), "0"))


@pytest.mark.parametrize("name", ["soft-cosine", "soft-cosine-idf"])
def test_a_score_depends_on_its_row_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = tokens(8, 60, dim=65, longest=40), tokens(9, 60, dim=65, longest=40)
    similarity = COMPONENTS[name].build()
    if name == "soft-cosine-idf":
        similarity = similarity.fit(FitData((), "0", tokens=left))
    whole = similarity.score(left, right)
    for row in range(60):
        one = np.array([row])
        assert similarity.score(left.take(one), right.take(one)).tobytes() == whole[one].tobytes()
    order = np.random.default_rng(0).permutation(60)
    assert similarity.score(left.take(order), right.take(order)).tobytes() == whole[order].tobytes()
    monkeypatch.setattr(padded, "CHUNK", 1)
    assert similarity.score(left, right).tobytes() == whole.tobytes()
    np.testing.assert_allclose(similarity.score(right, left), whole, rtol=0, atol=1e-13)


def test_identical_texts_empty_texts_and_zero_vectors() -> None:
    similarity = COMPONENTS["soft-cosine"].build()
    left = tokens(10, 50)
    found = similarity.score(left, left)
    np.testing.assert_allclose(found, (left.content().lengths > 0).astype(float), atol=1e-12)
    assert found.max() <= 1
    empty = texts_of([], [])
    assert similarity.score(empty, empty).tolist() == [0, 0]
    null = texts_of([1], [2], value=0)
    assert similarity.score(null, null).tolist() == [0, 0]
    with pytest.raises(ValueError, match="as many texts"):
        similarity.score(empty, left)


def test_special_tokens_count_only_if_asked() -> None:
    left, right = tokens(11, 30), tokens(12, 30)
    build = COMPONENTS["soft-cosine"].build
    without, counted = build().score(left, right), build(special=True).score(left, right)
    assert (without != counted).any()
    plain: Callable[[Tokens], Tokens] = lambda side: Tokens(side.values, side.offsets, side.ids, np.zeros(len(side.ids), dtype=bool))  # noqa: E731
    assert build().score(plain(left), plain(right)).tobytes() == counted.tobytes()


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_scale_of_token_vectors_does_not_matter(scale: float) -> None:
    left, right = tokens(13, 30), tokens(14, 30)
    scaled: Callable[[Tokens], Tokens] = lambda side: Tokens(side.values * np.float32(scale), side.offsets, side.ids, side.special)  # noqa: E731
    similarity = COMPONENTS["soft-cosine"].build()
    np.testing.assert_allclose(similarity.score(scaled(left), scaled(right)), similarity.score(left, right), atol=1e-6)


@pytest.mark.parametrize(
    ("option", "value"), [("power", 0.0), ("power", -1.0), ("power", math.inf), ("threshold", 1.0), ("threshold", -0.1)]
)
@pytest.mark.parametrize("name", ["soft-cosine", "soft-cosine-idf"])
def test_impossible_options_are_named(name: str, option: str, value: float) -> None:
    with pytest.raises(OptionError, match=f"option '{option}' takes .*not {value}"):
        COMPONENTS[name].build(**{option: value})
