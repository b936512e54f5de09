"""Where all true scores are the same, what rounding leaves of them must not rank the pairs: every installed similarity."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench import evaluate
from stsbench.builtin.similarities import kernels
from stsbench.builtin.similarities.learned import LinearModel, learned_diagonal, ridge
from stsbench.contracts.data import FitData, Float64, Tokens
from stsbench.contracts.fingerprint import digest
from stsbench.host.registry import Registry
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import measure

PAIRS, BLOCK = 40, 20
REGISTRY = Registry.installed()

ORTHOGONAL = {  # what they score for vectors that are orthogonal, of mean 0, and of ranks that do not correlate
    **dict.fromkeys(("cosine", "dot", "pearson", "spearman-dims", "kendall-dims", "csls"), 0.0),
    **dict.fromkeys(("soft-cosine", "soft-cosine-idf", "soft-cosine-vocabulary", "bertscore", "bertscore-precision"), 0.0),
    **dict.fromkeys(("bertscore-recall", "bertscore-idf", "maxsim", "maxsim-sum", "dynamax", "cka", "max-pool", "aligned"), 0.0),
    "angular": 0.5,
}
REORDERED = ("relaxed-wmd", "word-centroid", "wmd", "wmd-idf", "wrd")  # 0 for the same tokens in another order
IDENTICAL = ("euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski", "mahalanobis")  # by differences: exactly 0 for these
SUMS_OF_POSITIVE_TERMS = {  # nothing cancels, so that the smallest score is as accurate as the largest
    "attention-softmax", "jaccard", "sinkhorn", "token-jaccard", "token-overlap", "token-cosine", "whitespace-cosine", "char-jaccard",
    "length-gap", "idf-jaccard", "bm25", "chrf", "count-cosine", "tfidf",
}  # fmt: skip
TRAINED = {"learned-diagonal", "ridge"}  # what they score depends on their weights, which are set here
GIVEN = {"cross-encoder", "scores", "mteb-predictions"}  # what a model, or a file, says


def orthogonal() -> tuple[Float64, Float64]:
    """Pairs of float32 values, each pair in dimensions of its own: (a, -a, b, -b) and (b, -b, -a, a), a and b of five numbers."""
    random = np.random.default_rng(5)
    left, right = np.zeros((2, PAIRS, PAIRS * BLOCK))
    for pair in range(PAIRS):
        own = slice(pair * BLOCK, (pair + 1) * BLOCK)
        a, b = (random.normal(size=(2, BLOCK // 4)) * 10.0 ** random.uniform(-1, 1, (2, BLOCK // 4))).astype(np.float32)
        left[pair, own], right[pair, own] = np.concatenate([a, -a, b, -b]), np.concatenate([b, -b, -a, a])
    return left, right


@cache
def turned() -> Float64:
    """Other axes."""
    return np.linalg.qr(np.random.default_rng(3).normal(size=(PAIRS * BLOCK, PAIRS * BLOCK)))[0]


def tokens(rows: Float64, lengths: int = 1) -> Tokens:
    offsets = np.arange(0, len(rows) + 1, lengths)
    ids = np.array([int(digest([row.tobytes()])[:15], 16) for row in rows.astype(np.float32)])
    return Tokens(rows.astype(np.float32), offsets, ids, np.zeros(len(rows), dtype=np.bool_), {})


def scores(name: str, left: Any, right: Any) -> Float64:
    """One score a pair, of a similarity that was fitted on both sides, and on gold that says nothing."""
    resolved = REGISTRY.resolve("similarity", name)
    built: Any = resolved.build()
    if resolved.component.fits != "none":
        number = len(left)
        sides: dict[str, Any] = {"left": np.arange(number), "right": np.arange(number) + number, "gold": np.ones(number)}
        if isinstance(left, Tokens):
            width = len(left.values) // number
            given: dict[str, Any] = {"tokens": tokens(np.concatenate([left.values, right.values]).astype(np.float64), width)}
        else:
            given = {"vectors": np.concatenate([left, right])}
        built = built.fit(FitData(tuple(map(str, range(2 * number))), "d", **given, **sides))
    found: Float64 = built.score(left, right)
    return found


def test_every_similarity_is_looked_at() -> None:
    named = {component.name for component, _ in REGISTRY.offers("similarity")}
    assert named == {*ORTHOGONAL, *REORDERED, *IDENTICAL, *SUMS_OF_POSITIVE_TERMS, *TRAINED, *GIVEN}


@pytest.mark.parametrize("name", ORTHOGONAL)
def test_pairs_of_no_similarity_are_ties(name: str) -> None:
    left, right = orthogonal()
    needs_tokens = REGISTRY.resolve("similarity", name).component.needs == "tokens"
    stored, _ = rankable(scores(name, tokens(left), tokens(right)) if needs_tokens else scores(name, left, right))
    assert set(stored.tolist()) == {ORTHOGONAL[name]}


@pytest.mark.parametrize("name", ["cosine", "cosine,zero=sklearn", "dot", "angular", "csls"])
def test_they_are_in_any_coordinates(name: str) -> None:
    turn = turned()
    left, right = (side @ turn for side in orthogonal())
    stored, _ = rankable(scores(name, left, right))
    assert set(stored.tolist()) == {ORTHOGONAL[name.split(",")[0]]}
    if name != "csls":
        built: Any = REGISTRY.resolve("similarity", name).build()
        assert set(rankable(np.diag(built.matrix(left, right)))[0].tolist()) == {ORTHOGONAL[name.split(",")[0]]}


@pytest.mark.parametrize("name", REORDERED)
def test_the_same_tokens_in_another_order_are_ties(name: str) -> None:
    random = np.random.default_rng(8)
    left = random.normal(size=(PAIRS, 7, 24)).astype(np.float32)
    right = np.array([own[random.permutation(7)] for own in left])
    stored, _ = rankable(scores(name, tokens(left.reshape(-1, 24).astype(float), 7), tokens(right.reshape(-1, 24).astype(float), 7)))
    assert set(stored.tolist()) == {0.0}


@pytest.mark.parametrize("name", IDENTICAL)
def test_identical_vectors_have_no_distance(name: str) -> None:
    rows = np.random.default_rng(2).normal(size=(PAIRS, 24))
    assert set(scores(name, rows, rows.copy()).tolist()) == {0.0}


def test_products_of_which_nothing_is_left_are_ties() -> None:
    turn = turned()
    left, right = (side @ turn for side in orthogonal())
    plain = replace(learned_diagonal(), model=LinearModel(np.ones(PAIRS * BLOCK), 0.0, 1.0))
    both = replace(ridge(), model=LinearModel(np.repeat([0.0, 1.0], PAIRS * BLOCK), 0.0, 1.0))
    for one in (plain, both):
        assert set(rankable(one.score(left, right))[0].tolist()) == {0.0}


def test_opposite_vectors_are_ties() -> None:
    """The arc sine of half a chord, 1 up to a rounding error, is off by 1e-8."""
    rows = np.random.default_rng(2).normal(size=(PAIRS, 24))
    assert set(scores("angular", rows, -3.0 * rows).tolist()) == {0.0}
    assert set(scores("cosine", rows, -3.0 * rows).tolist()) == {-1.0}


def test_what_is_small_but_no_rounding_error_stays() -> None:
    """Pearson of disjoint vectors is as small as 1e-6, and right to 6 digits."""
    left, right = np.zeros((2, 30, 200_000))
    for row in range(30):
        left[row, : 2 + row], right[row, 100 : 103 + row % 7] = 1.0, 1.0
    a, b, n = left.sum(axis=1), right.sum(axis=1), left.shape[1]
    exact = -a * b / np.sqrt(a * (n - a) * b * (n - b))
    np.testing.assert_allclose(kernels.pearson(left, right), exact, rtol=1e-6)
    tiny = kernels.dot(1e-9 * left[:, :2], left[:, :2])
    np.testing.assert_allclose(tiny, 2e-9, rtol=1e-12)


def test_a_benchmark_without_common_words_has_no_figure(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    lines = [f"{'a' * (1 + row)} {'b' * (1 + row)},{'y' * (1 + row)} {'z' * (2 + row)},{random.uniform(0, 5):.2f}" for row in range(20)]
    (tmp_path / "pairs.csv").write_text("\n".join(["sentence1,sentence2,score", *lines]), encoding="utf-8")
    report = evaluate(
        "hashing,dim=200000", ["cosine", "dot", "angular", "soft-cosine", "bertscore"], f"csv:{tmp_path}/pairs.csv", cache=False
    )
    wholes = [entry.record for entry in report.entries if entry.record.is_whole]
    assert [(one.status, one.reason) for one in wholes] == [("undefined", "constant scores")] * 5


def test_rounding_is_seen_without_it() -> None:
    """The pairs above do show the fault: cosine of the text book gives them several values, and a figure."""
    turn = turned()
    left, right = (kernels.unit(side @ turn) for side in orthogonal())
    raw = 1.0 - kernels.total((left - right) ** 2) / 2.0
    assert measure(np.arange(PAIRS, dtype=float), rankable(raw)[0]).reason is None
