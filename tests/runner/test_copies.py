"""What a plugin does to its input, and what it goes on doing to its output, reaches no key, no other component and no store."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.evaluate import evaluate
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings, Pairs, Tokens
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.host.registry import Registry
from stsbench.leaderboard.rendering import rendered
from stsbench.stores.cache import verify
from stsbench.testing.boards import board


def embed(texts: Sequence[str]) -> Any:
    rows = [np.random.default_rng([*map(ord, text), 1]).normal(size=6) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(-1, 6)


@dataclass(frozen=True)
class Double:
    """An encoder that does `then(texts)` to its list once it has the vectors, or answers with `answer(vectors)`."""

    then: Callable[[list[str]], None] = lambda _: None
    answer: Callable[[Any], Any] = lambda vectors: vectors
    stored: bool = True

    views = ("sentence",)
    token_views = ()

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint.of(double=1)

    def encode(self, texts: Any, *, views: Sequence[str], prompt: str = "") -> Embeddings:
        vectors = embed(texts)
        self.then(texts)
        return Embeddings({"sentence": self.answer(vectors)})


def edited(array: Any) -> None:
    """Overwrites an array by every way that numpy leaves open, read-only or not."""
    while array is not None:
        with suppress(ValueError):
            array.flags.writeable = True
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = 7.0
        array = getattr(array, "base", None)


class Careless:
    """A similarity, a fitted one and a transform in one, that overwrites all that it is given."""

    def __init__(self, centre: Any = 0.0) -> None:
        self.centre, self.buffer = centre, np.empty((0, 6))

    def fit(self, data: Any) -> Any:
        vectors = data if isinstance(data, np.ndarray) else data.vectors
        fitted = type(self)(vectors.mean(axis=0))
        edited(vectors)
        return fitted

    def score(self, left: Any, right: Any) -> Any:
        scores = ((left - self.centre) * (right - self.centre)).sum(axis=1)
        edited(left)
        edited(right)
        return scores

    def transform(self, vectors: Any) -> Any:
        if len(self.buffer) < len(vectors):
            self.buffer = np.empty_like(vectors)
        self.buffer[:] = np.nan  # what was returned before
        found = self.buffer[: len(vectors)]
        found[:] = vectors - self.centre
        edited(vectors)
        return found


class Careful(Careless):
    """The same, well-behaved."""

    def fit(self, data: Any) -> Any:
        return type(self)((data if isinstance(data, np.ndarray) else data.vectors).mean(axis=0))

    def score(self, left: Any, right: Any) -> Any:
        return ((left - self.centre) * (right - self.centre)).sum(axis=1)

    def transform(self, vectors: Any) -> Any:
        return vectors - self.centre


def figures(report: Any) -> list[float]:
    return [cell["spearman"] for cell in report.cells()]


def with_encoder(registry_of: Callable[..., Registry], double: Double) -> Registry:
    return registry_of(("doubles", "1.0", {"encoders": [Component("double", lambda: double)]}))


@pytest.mark.parametrize("then", [list.sort, list.reverse, list.clear, lambda texts: texts.append("one more")])
def test_an_encoder_that_edits_its_list_changes_no_figure_and_no_key(
    registry_of: Callable[..., Registry], tmp_path: Path, then: Callable[[list[str]], None]
) -> None:
    expected = figures(evaluate("double", registry=with_encoder(registry_of, Double()), cache=False))
    registry = with_encoder(registry_of, Double(then))
    assert figures(evaluate("double", registry=registry, cache=tmp_path)) == expected
    assert figures(evaluate("double", registry=registry, cache=tmp_path)) == expected  # from the store
    assert [(sound > 0, damaged) for _, sound, damaged in verify(tmp_path)] == [(True, [])]


@pytest.mark.parametrize("fits", ["none", "texts"])
@pytest.mark.parametrize("transforms", ["none", "moving", "moving//moving"])
def test_components_that_overwrite_their_input_change_nothing(registry_of: Callable[..., Registry], fits: Any, transforms: str) -> None:
    def of(kind: type[Careless]) -> Registry:
        hooks = {
            "encoders": [Component("double", lambda: Double())],
            "similarities": [Component("first", lambda: kind(), fits=fits), Component("second", lambda: kind(), fits=fits)],
            "transforms": [Component("moving", lambda: kind(), fits=fits)],
        }
        return registry_of(("doubles", "1.0", hooks))

    asked: dict[str, Any] = {"similarities": ["first", "second"], "transforms": transforms, "cache": False}
    careful, careless = (figures(evaluate("double", registry=of(kind), **asked)) for kind in (Careful, Careless))
    assert careless == careful
    assert len(set(careful)) == 1


MASKED = [
    lambda vectors: np.ma.masked_array(vectors, mask=np.zeros_like(vectors, dtype=bool)),
    lambda vectors: vectors.view(np.matrix),
    lambda vectors: vectors.view(np.recarray),
]


@pytest.mark.parametrize("answer", MASKED)
def test_arrays_that_are_more_than_arrays_are_refused(registry_of: Callable[..., Registry], answer: Callable[[Any], Any]) -> None:
    (cell,) = evaluate("double", registry=with_encoder(registry_of, Double(answer=answer))).cells()
    assert cell["status"] == "failed"
    assert "not a plain numpy array; convert it to float32" in cell["reason"]

    class Similar(Careful):
        def score(self, left: Any, right: Any) -> Any:
            return answer(super().score(left, right))

        def transform(self, vectors: Any) -> Any:
            return answer(vectors)

    hooks = {
        "encoders": [Component("double", lambda: Double())],
        "similarities": [Component("similar", lambda: Similar())],
        "transforms": [Component("moving", lambda: Similar())],
    }
    registry = registry_of(("doubles", "1.0", hooks))
    for asked, where in ((("similar", "none"), "scoring"), (("cosine", "moving"), "transforming")):
        (cell,) = evaluate("double", asked[0], transforms=asked[1], registry=registry, cache=False).cells()
        assert cell["status"] == "failed"
        assert f"failed while it was {where}: it returned numpy." in cell["reason"]


def test_a_memory_map_is_an_array(registry_of: Callable[..., Registry], tmp_path: Path) -> None:
    def mapped(vectors: Any) -> Any:
        found = np.memmap(tmp_path / "vectors", dtype=np.float32, mode="w+", shape=vectors.shape)
        found[:] = vectors
        return found

    plain, own = (evaluate("double", registry=with_encoder(registry_of, one), cache=False) for one in (Double(), Double(answer=mapped)))
    assert figures(plain) == figures(own)


def test_masked_arrays_are_refused_in_pairs_tokens_and_of_plain_objects() -> None:
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    with pytest.raises(TypeError, match=r"numpy\.ma\.MaskedArray is no plain numpy array"):
        Pairs(("a", "b"), ("c", "d"), masked)
    with pytest.raises(TypeError, match="is no plain numpy array"):
        Tokens(masked.reshape(2, 1).astype(np.float32), np.array([0, 2]), np.array([1, 2]), np.array([False, False]))
    with pytest.raises(TypeError, match="complex128 cannot be taken for float64"):
        Pairs(("a", "b"), ("c", "d"), np.array([1.0, 2.0 + 1.0j]))

    class Object:
        def __init__(self, answer: Callable[[Any], Any]) -> None:
            self.answer = answer

        def encode(self, texts: list[str]) -> Any:
            return self.answer(embed(texts))

    class WithUnits:
        def __init__(self, vectors: Any) -> None:
            self.magnitude = vectors

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return self.magnitude

    (expected,) = figures(evaluate([Object(list)], cache=False))
    for answer in (lambda vectors: vectors, lambda vectors: vectors.tolist(), tuple, lambda vectors: vectors.astype(np.float64)):
        assert figures(evaluate([Object(answer)], cache=False)) == [expected]
    for answer in (*MASKED, WithUnits, lambda vectors: [np.ma.masked_array(row) for row in vectors], lambda vectors: vectors + 1j):
        (cell,) = evaluate([Object(answer)], cache=False).cells()
        assert cell["status"] == "failed"
        assert re.search("is no plain numpy array|a plain array, a tensor or a list of rows is expected|complex", cell["reason"]), cell[
            "reason"
        ]


def test_pairs_are_their_own_whatever_becomes_of_what_they_were_made_of() -> None:
    left, gold = ["a", "b"], np.array([1.0, 2.0])
    pairs = Pairs(left, ("c", "d"), gold)  # type: ignore[arg-type]
    left.reverse()
    gold[:] = 0.0
    assert pairs.left == ("a", "b")
    assert pairs.gold.tolist() == [1.0, 2.0]


def test_a_writer_that_edits_the_board_edits_its_own(registry_of: Callable[..., Registry]) -> None:
    class Editing:
        def render(self, shown: Any) -> dict[str, bytes]:
            for row in shown.rows:
                row.aggregates["borda"] = 99.0
            return {"a.txt": b"done"}

    registry = registry_of(("doubles", "1.0", {"writers": [Component("editing", lambda: Editing())]}))
    shown = board()
    before = shown.model_copy(deep=True)
    assert rendered(registry.resolve("writer", "editing"), shown) == {"a.txt": b"done"}
    assert shown == before
