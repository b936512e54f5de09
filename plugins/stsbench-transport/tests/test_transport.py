"""Known answers, a linear programme as oracle, bounds, and the conformance kit."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import ot
import pytest
from scipy.optimize import linprog
from scipy.spatial.distance import cdist

from stsbench.host.registry import Registry
from stsbench.plugin import FitData, OptionError, Tokens
from stsbench.testing import Check, parametrize, similarity_checks

REGISTRY = Registry.installed()
X, Y = [[1, 0], [0, 1]], [[1, 0], [0.6, 0.8], [0, -1]]


def as_tokens(texts: Sequence[Any], ids: Sequence[Sequence[int]] | None = None) -> Tokens:
    values = np.concatenate([np.asarray(text, dtype=np.float32).reshape(len(text), -1) for text in texts if len(text)])
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.intp)
    flat = np.array([one for text in ids for one in text] if ids is not None else range(len(values)), dtype=np.int64)
    return Tokens(values, offsets, flat, np.zeros(len(flat), dtype=bool))


def build(ref: str) -> Any:
    return REGISTRY.resolve("similarity", ref).build()


def sample(seed: int, n: int = 25) -> tuple[Tokens, Tokens]:
    random = np.random.default_rng(seed)
    table = random.normal(size=(20, 5)) * random.uniform(0.2, 3, (20, 1))
    left, right = ([table[random.integers(0, 20, size)] for size in random.integers(1, 8, n)] for _ in range(2))
    return as_tokens(left), as_tokens(right)


def programme(p: Any, q: Any, costs: Any) -> float:
    """The least cost by linear programming."""
    m, n = costs.shape
    rows = np.zeros((m + n, m * n))
    for i in range(m):
        rows[i, i * n : (i + 1) * n] = 1
    for j in range(n):
        rows[m + j, j::n] = 1
    return float(linprog(costs.ravel(), A_eq=rows, b_eq=np.concatenate([p, q]), method="highs").fun)


def uniform(x: Any) -> Any:
    return np.full(len(x), 1 / len(x))


def norms(x: Any) -> Any:
    lengths = np.linalg.norm(x, axis=1)
    return lengths / lengths.sum()


@pytest.mark.parametrize(("ref", "expected"), [("wmd", -0.7798541044067412), ("wrd", -0.5666666666666667)])
def test_known_answers(ref: str, expected: float) -> None:
    scores = build(ref).score(as_tokens([X, Y]), as_tokens([Y, X]))
    assert scores.tolist() == pytest.approx([expected] * 2, abs=1e-7)  # .6 and .8 are float32 here


@pytest.mark.parametrize(
    ("ref", "weights", "metric"),
    [("wmd", uniform, "euclidean"), ("wmd,distance=cosine", uniform, "cosine"), ("wrd", norms, "cosine")],
)
def test_linear_programming(ref: str, weights: Any, metric: str) -> None:
    left, right = sample(1)
    sides = [(np.asarray(x, dtype=float), np.asarray(y, dtype=float)) for x, y in zip(left, right, strict=True)]
    expected = [-programme(weights(x), weights(y), cdist(x, y, metric)) for x, y in sides]
    np.testing.assert_allclose(build(ref).score(left, right), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("ref", ["wmd", "wrd", "sinkhorn"])
def test_the_scale_of_vectors_changes_no_order(ref: str) -> None:
    left, right = sample(4)
    small, plain = (
        build(ref).score(*(replace(side, values=side.values * np.float32(scale)) for side in (left, right))) for scale in (2.0**-100, 1)
    )
    np.testing.assert_allclose(small, plain * (1 if ref == "wrd" else 2.0**-100), rtol=1e-9)


def test_bounds_from_below() -> None:
    left, right = sample(2)
    moved, relaxed, centroid = (-build(ref).score(left, right) for ref in ("wmd", "relaxed-wmd", "word-centroid"))
    assert (relaxed <= moved + 1e-9).all()
    assert (centroid <= moved + 1e-9).all()


def test_sinkhorn_tends_to_the_exact_cost() -> None:
    left, right = sample(3)
    exact, near, far = (build(ref).score(left, right) for ref in ("wmd", "sinkhorn,reg=0.002", "sinkhorn,reg=1.0"))
    np.testing.assert_allclose(near, exact, atol=0.02)
    assert (near <= exact + 1e-6).all()
    assert (far <= near + 1e-6).all()


def test_sinkhorn_by_its_fixed_point() -> None:
    x, y = np.array(X, dtype=float), np.array([[1, 0], [0, -1]], dtype=float)
    costs = cdist(x, y)
    kernel, u, v = np.exp(-costs / costs.max() / 0.5), np.ones(2), np.ones(2)
    for _ in range(5000):
        u = 0.5 / (kernel @ v)
        v = 0.5 / (kernel.T @ u)
    scores = build("sinkhorn,reg=0.5").score(as_tokens([x]), as_tokens([y]))
    assert scores[0] == pytest.approx(-(u[:, None] * kernel * v * costs).sum(), abs=1e-7)


def pot(left: Tokens, right: Tokens, reg: float) -> tuple[Any, Any]:
    """The entropic costs by POT, one pair at a time, negated, and by how much each plan's weights are off in the end."""
    measured = []
    for x, y in zip(left, right, strict=True):
        costs = cdist(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        options = {"method": "sinkhorn_log", "numItermax": 2000, "warn": False}
        plan = ot.sinkhorn(uniform(x), uniform(y), costs / costs.max(), reg, **options)
        measured.append((-(plan * costs).sum(), np.linalg.norm(plan.sum(axis=0) - uniform(y))))
    scores, off = np.array(measured).T
    return scores, off


@pytest.mark.parametrize("reg", [1.0, 0.1, 0.05])
def test_sinkhorn_by_pot(reg: float) -> None:
    left, right = sample(4, 60)
    assert len({(len(x), len(y)) for x, y in zip(left, right, strict=True)}) > 10  # many sizes, padded to few
    expected, off = pot(left, right, reg)
    assert off.max() < 1e-9
    np.testing.assert_allclose(build(f"sinkhorn,reg={reg}").score(left, right), expected, rtol=1e-9, atol=1e-9)


def test_sinkhorn_where_it_does_not_converge() -> None:
    left, right = sample(4, 3)
    expected, off = pot(left, right, 0.002)
    assert off.max() > 1e-6
    np.testing.assert_allclose(build("sinkhorn,reg=0.002").score(left, right), expected, rtol=1e-9, atol=1e-9)


def test_idf_weights() -> None:
    fit = as_tokens([[[0.0], [5.0]], [[0.0]], [[0.0]]], [[1, 2], [1], [1]])
    fitted = build("wmd-idf").fit(FitData((), "", tokens=fit))
    # token 1 is everywhere and weighs nothing, token 2 weighs log 2 and the unknown token 3 log 4: 5 and 2 are moved to 0
    scores = fitted.score(as_tokens([[[0.0], [5.0], [2.0]]], [[1, 2, 3]]), as_tokens([[[0.0]]], [[1]]))
    assert scores[0] == pytest.approx(-(math.log(2) * 5 + math.log(4) * 2) / math.log(8))
    with pytest.raises(OptionError, match="no document frequencies yet"):
        build("wmd-idf").score(fit, fit)
    with pytest.raises(OptionError, match="reg"):
        build("sinkhorn,reg=0")


def test_texts_without_tokens() -> None:
    left, right = as_tokens([[[3, 4]], [], []]), as_tokens([[], [[3, 4]], []])
    for ref, expected in (("wmd", [-5, -5, 0]), ("wrd", [-1, -1, 0]), ("sinkhorn", [-5, -5, 0])):
        assert build(ref).score(left, right).tolist() == pytest.approx(expected)


@parametrize(check for ref in ("wmd", "wmd,distance=cosine", "wmd-idf", "wrd", "sinkhorn") for check in similarity_checks(ref))
def test_conformance(check: Check) -> None:
    check()


SCRIPT = """
import os, sys
import numpy as np
from stsbench_transport.movers import exact
half = np.array([0.5, 0.5])
print(exact(half, half, np.array([[0.0, 2.0], [1.0, 4.0]])), "torch" in sys.modules, any(name.startswith("POT_") for name in os.environ))
"""


def test_no_array_library_is_imported_to_move_tokens() -> None:
    """POT imports all that are installed; what this process does with POT besides finds the environment as it was."""
    if find_spec("torch") is None:
        pytest.skip("torch, which POT would import, is not installed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POT_")}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["1.5", "False", "False"]
