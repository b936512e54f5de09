"""Sparse vectors from an encoder to its scores: as their dense selves in every figure, kept as few bytes, and never written out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from stsbench.api.audit import audit_encoder
from stsbench.api.caching import forget_benchmarks
from stsbench.api.encoding import encode_pairs
from stsbench.api.evaluate import evaluate
from stsbench.api.matrix import similarity_matrix
from stsbench.api.planning import describe_plan
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import PlanError, UsageError
from stsbench.host.registry import Registry
from stsbench.runner.encoding.recall import SparseRows
from stsbench.runner.request import Request, Setup
from stsbench.runner.system import Choice
from stsbench.stores.cache import inspect, verify
from tests.runner.conftest import benchmark, part

WIDTH = 300
READ = ("cosine", "cosine,zero=sklearn", "dot", "jaccard", "euclidean", "sqeuclidean", "manhattan", "chebyshev")
READERS = (
    "which these similarities read: cosine, dot, jaccard, euclidean, sqeuclidean, manhattan, chebyshev; "
    "and these transforms: normalise, half, narrow, beyond"
)


def weigh(texts: Sequence[str]) -> csr_array:
    """A weight for each character of a text, in a place of its own; none for `right text 3`, the same for all of `left text 5`."""
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in enumerate(texts):
        for place, character in enumerate(text):
            rows[row, ord(character) % WIDTH] += np.float32(0.1 + place / 7)
    rows[[text == "right text 3" for text in texts]] = 0
    rows[[text == "left text 5" for text in texts]] = 1.5
    return csr_array(rows)


@dataclass
class Sparse:
    """A double with a sparse view, and the same vectors as a dense one."""

    views: tuple[str, ...] = ()
    sparse_views: tuple[str, ...] = ("words",)
    token_views: tuple[str, ...] = ()
    answer: Callable[[Sequence[str]], Any] = weigh
    calls: list[int] = field(default_factory=list)
    fingerprint = Fingerprint.of(weights="words")

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        self.calls.append(len(texts))
        given = self.answer([prompt + text for text in texts])
        dense = {view: given.toarray() for view in views if view in self.views}
        return Embeddings(dense, sparse={view: given for view in views if view in self.sparse_views}, truncated=np.zeros(len(texts), bool))


class Half:
    """A transform double: half of each value, whatever it is given."""

    def transform(self, vectors: Any) -> Any:
        return vectors * 0.5


class Beyond:
    """A transform double: sparse vectors of which one has a place outside of their width."""

    def transform(self, vectors: Any) -> Any:
        rows = vectors.copy()
        rows.indices[0] = WIDTH + 7
        return rows


class Narrow:
    """A transform double: sparse vectors to dense ones of two components."""

    def transform(self, vectors: Any) -> Any:
        return vectors @ np.array([[1.0, 0.0], [0.0, 1.0]] * (WIDTH // 2))


CALLS: list[int] = []


@pytest.fixture
def words(registry_of: Callable[..., Registry]) -> Registry:
    CALLS.clear()

    def sparse() -> Any:
        """A double with a sparse view."""
        return Sparse(calls=CALLS)

    def dense() -> Any:
        """A double with the same vectors as a dense view."""
        return Sparse(views=("words",), sparse_views=())

    def both() -> Any:
        """A double with both."""
        return Sparse(views=("dense",))

    def given(name: str, answer: Callable[[Sequence[str]], Any]) -> Component[Any]:
        def build() -> Any:
            """A double that breaks the contract in one way."""
            return Sparse(answer=answer)

        return Component(name, build, gives=frozenset({"sparse"}))

    def spoilt(texts: Sequence[str]) -> Any:
        rows = weigh(texts)
        rows.data[-1] = np.nan
        return rows

    def broken(texts: Sequence[str]) -> Any:
        rows = weigh(texts)
        rows.indices[0] = WIDTH + 7
        return rows

    offered = {
        "encoders": [
            Component("sparse", sparse, gives=frozenset({"sparse"})),
            Component("dense", dense),
            Component("both", both, gives=frozenset({"vectors", "sparse"})),
            given("arrays", lambda texts: np.zeros((len(texts), 3), np.float32)),
            given("columns", lambda texts: weigh(texts).tocsc()),
            given("float64", lambda texts: weigh(texts).astype(np.float64)),
            given("short", lambda texts: weigh(texts)[1:]),
            given("spoilt", spoilt),
            given("broken", broken),
            given("untidy", lambda texts: csr_array((weigh(texts) + weigh(texts)) * np.float32(0.5))),
            given("older", lambda texts: csr_matrix(weigh(texts))),
        ],
        "transforms": [
            Component("half", Half, sparse=True, gives=frozenset({"vectors", "sparse"})),
            Component("narrow", Narrow, sparse=True),
            Component("beyond", Beyond, sparse=True, gives=frozenset({"sparse"})),
        ],
        "benchmarks": [benchmark("one", part(), part(20, subset="more", salt="y"))],
    }
    return registry_of(("stsbench-double", "0.9", offered))


def scores(registry: Registry, encoder: str, similarity: str, transform: str = "none", **more: Any) -> Any:
    report = evaluate(encoder, similarity, "one", registry=registry, transforms=transform, **more)
    assert report.failures() == []
    return [[entry.record.figures, entry.record.counts] for entry in report.entries]


@pytest.mark.parametrize("similarity", READ)
def test_every_figure_and_count_is_that_of_the_same_vectors_written_out(words: Registry, similarity: str) -> None:
    sparse, dense = (scores(words, encoder, similarity) for encoder in ("sparse", "dense"))
    assert sparse == dense
    assert sparse[0][1].zero_vectors == sparse[0][1].constant_vectors == 1, "the row of no value, and the one of equal values"


@pytest.mark.parametrize("similarity", READ)
def test_each_raw_score_is_that_of_the_same_vectors_written_out(words: Registry, similarity: str) -> None:
    texts = ["a man", "a mam", "right text 3", "left text 5", "a man"]
    session = Session(words)
    sparse, dense = (similarity_matrix(texts, encoder, session, similarity=similarity).scores for encoder in ("sparse", "dense"))
    np.testing.assert_allclose(sparse, dense, rtol=1e-12, atol=1e-12)
    assert sparse[0, 4] == sparse[0, 0], "equal texts tie to the last bit"


@pytest.mark.parametrize("transform", ["normalise", "half", "half//normalise", "narrow", "half//narrow//centre"])
def test_a_transform_that_takes_sparse_vectors_makes_the_same_of_them(words: Registry, transform: str) -> None:
    for (sparse, _), (dense, _) in zip(*(scores(words, one, "dot", transform) for one in ("sparse", "dense")), strict=True):
        assert sparse == pytest.approx(dense, abs=1e-6)


def test_what_reads_dense_vectors_is_left_out_before_anything_is_encoded(words: Registry) -> None:
    for similarity, transform, name in (
        ("pearson", "none", "pearson"),
        ("dot", "centre", "centre"),
        ("dot", "half//centre", "centre"),
        ("pearson", "half", "pearson"),
    ):
        with pytest.raises(PlanError, match=f": {name} reads dense vectors, and sparse gives sparse ones, {READERS}$"):
            evaluate("sparse", similarity, "one", registry=words, transforms=transform)
    report = evaluate(["sparse", "dense"], ["cosine", "pearson"], "one", registry=words)
    assert [one.reason for one in report.left_out] == [f"pearson reads dense vectors, and sparse gives sparse ones, {READERS}"]
    assert CALLS, "cosine was scored"


def test_all_that_reads_dense_vectors_is_refused_in_one_sentence_that_says_what_reads_these(words: Registry) -> None:
    rest = f"read dense vectors, and sparse gives sparse ones, {READERS}"
    with pytest.raises(PlanError) as refused:
        evaluate("sparse", ["dot", "pearson"], "one", registry=words, transforms=["centre", "half//whiten"])
    assert str(refused.value) == f"encoder sparse ends up in no system: centre and whiten {rest}"
    choices = [Choice(name, ("dot", "pearson"), transforms=("none", "centre", "whiten")) for name in ("sparse", "dense")]
    assert describe_plan(Request(tuple(choices), ("one",)), Session(words))["left_out"] == [f"pearson and centre and whiten {rest}"]


def test_of_an_encoder_with_both_each_similarity_takes_the_views_that_it_reads(words: Registry) -> None:
    report = evaluate("both", ["cosine", "pearson"], "one", registry=words)
    taken = {(cell["view"], cell["similarity"]) for cell in report.cells()}
    assert taken == {("dense", "cosine"), ("words", "cosine"), ("dense", "pearson")}


def test_a_run_that_finds_them_in_the_store_scores_the_same(words: Registry, tmp_path: Path) -> None:
    first = scores(words, "sparse", "cosine", cache=tmp_path)
    calls = len(CALLS)
    assert scores(words, "sparse", "cosine", cache=tmp_path) == first
    assert len(CALLS) == calls, "nothing was encoded again"
    (store,) = inspect(tmp_path)
    (path,) = tmp_path.rglob("vectors.sqlite")
    with sqlite3.connect(path) as connection:
        sizes = [size for (size,) in connection.execute("SELECT length(data) FROM vector")]
    assert max(sizes) == 4 + 8 * WIDTH, "a width, and eight bytes a value that is not 0"
    assert sorted(sizes)[len(sizes) // 2] < 4 + 8 * 12
    assert min(sizes) == 4, "and nothing but the width where none is"
    assert [(sound, damaged) for _, sound, damaged in verify(tmp_path)] == [(store.vectors, [])]


def test_a_flipped_bit_is_found_and_the_vector_encoded_anew(words: Registry, tmp_path: Path) -> None:
    first = scores(words, "sparse", "cosine", cache=tmp_path)
    (path,) = tmp_path.rglob("vectors.sqlite")
    with sqlite3.connect(path) as connection:
        number, data = connection.execute("SELECT rowid, data FROM vector WHERE length(data) > 20 LIMIT 1").fetchone()
        connection.execute("UPDATE vector SET data = ? WHERE rowid = ?", (data[:9] + bytes([data[9] ^ 1]) + data[10:], number))
    assert scores(words, "sparse", "cosine", cache=tmp_path) == first
    assert [damaged for *_, damaged in verify(tmp_path)] == [[]], "it was replaced"


def test_forgetting_a_benchmark_takes_its_sparse_vectors_too(words: Registry, tmp_path: Path) -> None:
    scores(words, "sparse", "cosine", cache=tmp_path)
    session = Session(words, Setup(cache=tmp_path))
    assert forget_benchmarks(["one"], session) == 46
    assert inspect(tmp_path)[0].vectors == 0


def test_what_a_vector_takes_is_told_by_its_values(words: Registry) -> None:
    session = Session(words)
    plan = session.plan(Request.of("sparse", "cosine", "one"))
    with session.encoded(plan, plan.jobs[0]) as running:
        space = running.space(plan.jobs[0].systems[0], plan.benchmarks[0].parts[0])
        held: Any = running.encoded.vectors["words"]  # type: ignore[union-attr]
        assert space.size() == {"dimension": WIDTH, "bytes": round(8 * held.nnz / held.shape[0])}


@pytest.mark.parametrize(
    ("encoder", "says"),
    [
        ("arrays", "it returned numpy.ndarray of float32 and shape "),
        ("columns", "it returned scipy.sparse._csc.csc_array of float32 and shape "),
        ("float64", "it returned scipy.sparse._csr.csr_array of float64 and shape "),
        ("short", "a csr_array of float32 with a row for each of "),
        ("spoilt", "it returned NaN or infinity for view 'words', the first in row "),
        ("broken", "it returned a broken csr_array for view 'words': "),
    ],
)
def test_what_breaks_the_contract_costs_its_cells_in_a_sentence(words: Registry, encoder: str, says: str) -> None:
    ((_, reason), *_) = evaluate(encoder, "cosine", "one", registry=words).failures()
    assert reason.startswith(f"encoder {encoder!r} of stsbench-double 0.9 failed while it was encoding: ")
    assert says in reason


def test_a_transform_that_breaks_the_contract_costs_its_cells_in_a_sentence(words: Registry) -> None:
    ((_, reason), *_) = evaluate("sparse", "dot", "one", registry=words, transforms="beyond").failures()
    assert reason.startswith("transform 'beyond' of stsbench-double 0.9 failed while it was transforming: it returned a broken csr_array: ")


@pytest.mark.parametrize("encoder", ["untidy", "older"])
def test_rows_are_taken_in_any_order_and_of_either_kind(words: Registry, encoder: str) -> None:
    assert scores(words, encoder, "cosine") == scores(words, "sparse", "cosine")


def test_what_measures_or_writes_dense_vectors_says_so(words: Registry) -> None:
    session = Session(words)
    with pytest.raises(PlanError, match="read dense vectors, and sparse gives sparse ones, which these similarities read: cosine"):
        audit_encoder("sparse", session, ["one"])
    with pytest.raises(UsageError, match=r"^an audit measures dense vectors, and view 'words' of both is sparse"):
        audit_encoder("both", session, ["one"])
    with pytest.raises(UsageError, match=r"^vectors are written as lists of one length, and view 'words' of sparse is sparse"):
        encode_pairs("sparse", "one", session)


def test_rows_come_and_go_in_any_order_and_stay_zero_until_they_are_set() -> None:
    dense = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32) * np.random.default_rng(1).integers(0, 2, (6, 9))
    rows = SparseRows(6, 9)
    order = np.array([4, 1, 5, 2])
    for some in (order[:1], order[1:3], order[3:], order[:2]):
        rows[some] = csr_array(dense[some].astype(np.float32))
        assert rows[some].toarray().tolist() == dense[some].tolist()
    dense[[0, 3]] = 0
    assert rows[:].toarray().tolist() == dense.tolist()
    assert rows.shape == (6, 9)
