"""The learned map: its gradient, what it learns, and that it learns the same everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.builtin.transforms.learned import Cosines, LearnedMap
from stsbench.contracts.data import FitData, Float64
from stsbench.errors import OptionError
from stsbench.stats.losses import cosine_slopes
from stsbench.stats.metrics.spearman import spearman

SIZE, SEEN = 12, 4  # dimensions, of which gold depends on the first


def data(pairs: int = 400, seed: int = 0) -> FitData:
    """Pairs whose gold is the cosine of the first dimensions, which are shorter than the others."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(2 * pairs, SIZE))
    left = np.arange(pairs, dtype=np.intp)
    vectors[pairs:, :SEEN] += 2.0 * random.uniform(size=(pairs, 1)) * vectors[:pairs, :SEEN]
    gold = cosines(vectors[:pairs, :SEEN], vectors[pairs:, :SEEN])
    vectors[:, SEEN:] *= 2.0
    return FitData(tuple(map(str, range(2 * pairs))), "digest", vectors, left=left, right=left + pairs, gold=gold)


def cosines(left: Float64, right: Float64) -> Float64:
    scores: Float64 = (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    return scores


def correlation(learned: Any, on: FitData) -> float:
    assert isinstance(on.vectors, np.ndarray)
    assert on.gold is not None
    vectors = learned.transform(on.vectors) if learned else on.vectors
    return spearman(on.gold, cosines(vectors[on.left], vectors[on.right]), np.ones(len(on.gold)))


def test_the_gradient_is_that_of_finite_differences() -> None:
    random = np.random.default_rng(1)
    left, right = random.normal(size=(2, 30, SIZE))
    left[:2] = right[1:3] = 0.0  # texts without a vector, and a pair of two
    axes = np.linalg.qr(random.normal(size=(SIZE, 3)))[0]
    pairs, loss, m = Cosines.of(left, right, axes), cosine_slopes(random.uniform(size=30)), random.normal(size=(3, 3))
    mapped = [x + x @ axes @ m.T @ axes.T for x in (left, right)]
    np.testing.assert_allclose(pairs.at(m)[0], [0.0] * 3 + cosines(*(x[3:] for x in mapped)).tolist(), atol=1e-12)
    step = 1e-6 * np.eye(9).reshape(9, 3, 3)
    moved = [(pairs.slope(m + by, loss)[0] - pairs.slope(m - by, loss)[0]) / 2e-6 for by in step]
    np.testing.assert_allclose(pairs.slope(m, loss)[1].ravel(), moved, atol=1e-8)


@pytest.mark.parametrize("loss", ["cosine", "contrastive", "cosent"])
def test_what_it_learns_holds_of_other_pairs(loss: Any) -> None:
    learned, other = LearnedMap(loss=loss).fit(data()), data(seed=1)
    assert correlation(None, other) < 0.6
    assert correlation(learned, other) > 0.9


def test_triplets_of_pairs_that_share_texts() -> None:
    given = data()
    assert given.left is not None
    assert isinstance(given.vectors, np.ndarray)
    vectors, left = given.vectors, given.left % 40
    shared = replace(given, left=left, gold=cosines(vectors[left, :SEEN], vectors[given.right, :SEEN]))
    assert correlation(LearnedMap(loss="triplet").fit(shared), shared) > correlation(None, shared) + 0.2
    with pytest.raises(OptionError, match="cannot learn with loss=triplet: no two pairs share a text"):
        LearnedMap(loss="triplet").fit(given)


def test_a_ridge_draws_it_to_the_identity_and_its_rank_is_bounded() -> None:
    given = data()
    moved = [LearnedMap(ridge=ridge).fit(given).transform(np.eye(SIZE)) - np.eye(SIZE) for ridge in (0.001, 1.0, 1e9)]
    sizes = [np.linalg.norm(by) for by in moved]
    assert sizes[0] > 10 * sizes[1] > 0
    assert sizes[2] < 1e-6
    assert np.linalg.matrix_rank(LearnedMap(rank=3).fit(given).transform(np.eye(SIZE)) - np.eye(SIZE), 1e-9) == 3


def test_it_stays_the_identity_where_nothing_is_to_be_learnt() -> None:
    given = data()
    assert isinstance(given.vectors, np.ndarray)
    known = replace(given, gold=cosines(given.vectors[given.left], given.vectors[given.right]))
    assert np.array_equal(LearnedMap().fit(known).transform(np.eye(SIZE)), np.eye(SIZE))


PROGRAM = """
import sys, numpy
from stsbench.builtin.transforms.learned import LearnedMap
from tests.builtin.transforms.test_learned import SIZE, data
numpy.save(sys.argv[1], LearnedMap(rank=8).fit(data(3000)).transform(numpy.eye(SIZE)))
"""


def test_runs_change_nothing_and_threads_the_last_digits_at_most(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    def learned(threads: str) -> Float64:
        settings = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)}
        file = tmp_path / f"{threads}.npy"
        subprocess.run([sys.executable, "-c", PROGRAM, str(file)], env=settings, cwd=pytestconfig.rootpath, check=True)
        found: Float64 = np.load(file)
        return found

    np.testing.assert_allclose(learned("1"), learned("2"), atol=1e-11, rtol=0)
    first, again, other = (LearnedMap(seed=seed).fit(data()).transform(np.eye(SIZE)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=1e-3)


def test_what_it_cannot_learn_from() -> None:
    given = data(40)
    assert given.gold is not None
    with pytest.raises(OptionError, match="holds back 4 of 40 pairs, which must differ in gold; fit it on more pairs"):
        LearnedMap().fit(replace(given, gold=np.ones(40)))
    with pytest.raises(OptionError, match="learns from pairs of dense vectors with gold scores"):
        LearnedMap().fit(replace(given, gold=None))
    with pytest.raises(OptionError, match="option 'ridge' takes a number of at least 0, not -1"):
        LearnedMap(ridge=-1.0)
    with pytest.raises(OptionError, match="is not fitted yet"):
        LearnedMap().transform(np.eye(3))
