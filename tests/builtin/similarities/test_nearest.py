"""Cosines to the nearest token: both kernels against loops that follow the definition, and against each other."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stsbench.builtin.similarities import compiled, matching
from stsbench.builtin.similarities.idf import occurrence
from stsbench.builtin.similarities.kernels import settled
from stsbench.builtin.similarities.matching import by_blocks, nearest
from stsbench.contracts.data import Tokens

Found = tuple[NDArray[np.float64], NDArray[np.float64]]


def by_code(left: Tokens, right: Tokens, threads: int | None = None) -> Found:
    code = compiled.code()
    if code is None:
        pytest.skip("the token kernel is not compiled here: no C compiler when the package was installed, or an old processor")
    return compiled.nearest(code, left, right, threads)


BOTH = pytest.mark.parametrize("kernel", [by_blocks, pytest.param(by_code, marks=pytest.mark.compiled)])


def tokens(generator: np.random.Generator, lengths: Any, dim: int, scale: float = 1.0) -> Tokens:
    """Random vectors, of which one in eight is zero and one in eight a copy of the first."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
    values = generator.normal(size=(offsets[-1], dim)) * scale
    kinds = generator.integers(0, 8, len(values))
    values[kinds == 0] = 0.0
    values[kinds == 1] = values[:1]
    return Tokens(values.astype(np.float32), offsets, np.arange(len(values)), np.zeros(len(values), dtype=np.bool_))


def sides(dim: int, scale: float = 1.0, pairs: int = 40) -> tuple[Tokens, Tokens]:
    generator = np.random.default_rng(dim)
    left, right = (tokens(generator, generator.integers(0, 12, pairs), dim, scale) for _ in range(2))
    return left, right


def looped(left: Tokens, right: Tokens) -> tuple[list[float], list[float]]:
    """Sums without rounding errors, one token after the other."""

    def cosine(u: Any, v: Any) -> float:
        norms = math.sqrt(math.fsum(u * u)) * math.sqrt(math.fsum(v * v))
        return math.fsum(u * v) / norms if norms else 0.0

    def of(side: Tokens, other: Tokens) -> list[float]:
        pairs = zip(side, other, strict=True)
        wide = ((x.astype(np.float64), y.astype(np.float64)) for x, y in pairs)
        return [max((cosine(u, v) for v in y), default=0.0) for x, y in wide for u in x]

    return of(left, right), of(right, left)


@BOTH
@pytest.mark.parametrize("dim", [1, 3, 16, 33, 100])
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
def test_loops_over_tokens(kernel: Callable[..., Found], dim: int, scale: float) -> None:
    left, right = sides(dim, scale)
    assert (left.lengths == 0).any()
    for found, expected in zip(kernel(left, right), looped(left, right), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-15)


@BOTH
def test_known_answers(kernel: Callable[..., Found]) -> None:
    values = np.array([[1, 0], [0, 2], [3, 0], [3, 4], [0, -1], [-5, 0]], dtype=np.float32)
    some = Tokens(values[:2], np.array([0, 2, 2]), np.arange(2), np.zeros(2, dtype=np.bool_))
    other = Tokens(values[2:], np.array([0, 3, 4]), np.arange(4), np.zeros(4, dtype=np.bool_))
    there, back = kernel(some, other)
    assert there.tolist() == pytest.approx([1.0, 0.8], abs=1e-15)
    assert back.tolist() == pytest.approx([1.0, 0.8, 0.0, 0.0], abs=1e-15)  # the last is beside a text without tokens


@BOTH
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_no_rounding_error_leaves_the_range(kernel: Callable[..., Found], sign: float) -> None:
    values = np.random.default_rng(1).normal(size=(200, 33)).astype(np.float32)
    wide = values.astype(np.float64)
    squares = np.vecdot(wide, wide)
    assert (squares * (1 / np.sqrt(squares)) ** 2 > 1).any(), "without a bound some would"
    one = Tokens(values, np.arange(201), np.arange(200), np.zeros(200, dtype=np.bool_))
    for found in kernel(one, Tokens(sign * values, one.offsets, one.ids, one.special)):
        assert (np.abs(found) <= 1.0).all()
        np.testing.assert_allclose(found, sign, rtol=0, atol=1e-15)


@BOTH
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_undefined(kernel: Callable[..., Found], bad: float) -> None:
    values = np.array([[bad, 1], [1, 0], [0, 1], [1, 1]], dtype=np.float32)
    left = Tokens(values[:2], np.array([0, 2]), np.arange(2), np.zeros(2, dtype=np.bool_))
    right = Tokens(values[2:], left.offsets, left.ids, left.special)
    with np.errstate(invalid="ignore"):
        there, back = kernel(left, right)
    assert np.isnan(there).tolist() == [True, False]
    assert np.isnan(back).all()


@BOTH
@pytest.mark.parametrize("dim", [0, 5])
def test_no_pairs_no_tokens_no_dimensions(kernel: Callable[..., Found], dim: int) -> None:
    none, left, right = (tokens(np.random.default_rng(0), lengths, dim) for lengths in ([], [0, 0, 2], [0, 3, 0]))
    assert [side.tolist() for side in kernel(none, none)] == [[], []]
    assert [side.tolist() for side in kernel(left, right)] == [[0.0] * 2, [0.0] * 3]


@pytest.mark.compiled
def test_compiled_is_as_exact_as_numpy_and_depends_on_nothing_but_the_pair() -> None:
    left, right = sides(384, pairs=300)
    whole = by_code(left, right)
    for found, expected in zip(whole, by_blocks(left, right), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-15)
    for threads in (1, 2, 5, 301):
        assert [side.tobytes() for side in by_code(left, right, threads)] == [side.tobytes() for side in whole]
    assert [side.tobytes() for side in by_code(right, left)] == [side.tobytes() for side in whole[::-1]]
    alone = [by_code(left.take(one), right.take(one))[0] for one in np.arange(300)[:, None]]
    assert np.concatenate(alone).tobytes() == whole[0].tobytes()
    apart = Tokens(np.asfortranarray(left.values), left.offsets, left.ids, left.special)
    assert by_code(apart, right)[1].tobytes() == whole[1].tobytes()


@pytest.mark.compiled
def test_what_was_compiled_from_another_source_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_code(*sides(3))
    load, original, source = compiled.code.__wrapped__, compiled.SOURCE, tmp_path / "nearest.c"
    (built,) = original.parent.glob("nearest-*.so")
    shutil.copy(built, tmp_path)
    monkeypatch.setattr(compiled, "SOURCE", source)
    assert load() is None, "no source"
    source.write_bytes(original.read_bytes())
    assert load() is not None
    source.write_bytes(original.read_bytes() + b" ")
    assert load() is None, "the library is that of another source"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    shutil.copy(original, foreign)
    (foreign / built.name).write_bytes(b"of another kind of machine")
    monkeypatch.setattr(compiled, "SOURCE", foreign / original.name)
    assert load() is None


def test_without_compiled_code_numpy_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = sides(33)
    weights = occurrence(left), occurrence(right)
    measures = (matching.recall, matching.precision, matching.f1, matching.mean_recall, matching.sum_of_nearest)
    found = [measure(left, right, weights) for measure in measures]
    monkeypatch.setattr(compiled, "code", lambda: None)
    assert nearest(left, right)[0].tobytes() == settled(by_blocks(left, right)[0]).tobytes()
    for one, expected in zip([measure(left, right, weights) for measure in measures], found, strict=True):
        np.testing.assert_allclose(one, expected, rtol=0, atol=1e-14)


def test_unequal_sides() -> None:
    left, right = sides(3)
    with pytest.raises(ValueError, match="not 40 and 2"):
        nearest(left, right.take(np.array([0, 1])))
    with pytest.raises(ValueError, match="same dimensions, not 3 and 5"):
        nearest(left, sides(5)[1])
