"""Doubles, named as such: encoders and similarities that misbehave in one way each, and benchmarks made in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from stsbench.contracts.component import Component, Views
from stsbench.contracts.data import Embeddings, FitData, Pairs, Part, Source
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.host.registry import Registry

CALLS: list[tuple[tuple[str, ...], tuple[str, ...], str]] = []


def embed(texts: Sequence[str], prompt: str, dim: int = 6) -> np.ndarray:
    rows = [np.random.default_rng([ord(char) for char in prompt + text] or [0]).normal(size=dim) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(len(rows), dim)


@dataclass(frozen=True)
class DoubleEncoder:
    views: tuple[str, ...] = ("a", "b")
    token_views: tuple[str, ...] = ()
    answer: Callable[[list[str], str], Any] | None = None
    prompts: dict[str, str] = field(default_factory=dict)
    fingerprint: Fingerprint = field(default_factory=lambda: Fingerprint.of(weights="double"))

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Any:
        CALLS.append((tuple(texts), tuple(views), prompt))
        if self.answer is not None:
            return self.answer(list(texts), prompt)
        return Embeddings({view: embed(texts, prompt + view) for view in views}, truncated=np.array([len(text) > 40 for text in texts]))


def double(*, view: Views[Sequence[str]] = ("a", "b"), scale: float = 1.0) -> Any:
    """A well-behaved double with two views."""
    del scale
    return DoubleEncoder(views=tuple(view))


def prompted() -> Any:
    """A double whose configuration holds prompts."""
    return DoubleEncoder(prompts={"query": "query: "})


@dataclass(frozen=True)
class MadeForDot(DoubleEncoder):
    made_for: str = "dot"
    decided: dict[str, str] = field(default_factory=lambda: {"pooling": "mean"})


def made_for_dot() -> Any:
    """A double whose model names the dot product."""
    return MadeForDot()


def misbehaving(name: str, answer: Callable[[list[str], str], Any]) -> Component[Any]:
    def build() -> Any:
        """A double that breaks the contract in one way."""
        return DoubleEncoder(views=("a",), answer=answer)

    return Component(name, build)


def raising(texts: list[str], prompt: str) -> Any:
    raise RuntimeError("out of luck")


class Tensor:
    """A double for a torch tensor: not a numpy array."""


Tensor.__module__ = "torch"

BAD: dict[str, Callable[[list[str], str], Any]] = {
    "few-rows": lambda texts, prompt: Embeddings({"a": embed(texts[1:], prompt)}),
    "nan-rows": lambda texts, prompt: Embeddings({"a": np.full((len(texts), 3), np.nan, np.float32)}),
    "flat": lambda texts, prompt: Embeddings({"a": np.zeros(len(texts), np.float32)}),
    "float64": lambda texts, prompt: Embeddings({"a": embed(texts, prompt).astype(np.float64)}),
    "tensor": lambda texts, prompt: Embeddings({"a": Tensor()}),  # type: ignore[dict-item]
    "bare-array": lambda texts, prompt: embed(texts, prompt),
    "more-views": lambda texts, prompt: Embeddings({"a": embed(texts, prompt), "surplus": embed(texts, prompt, 3)}),
    "no-view": lambda texts, prompt: Embeddings({"z": embed(texts, prompt)}),
    "raises": raising,
}


@dataclass(frozen=True)
class Made:
    """A benchmark double."""

    card: BenchmarkCard
    parts: tuple[Part, ...]

    def load(self) -> tuple[Part, ...]:
        return self.parts


def part(
    n: int = 12,
    *,
    split: str = "test",
    subset: str = "default",
    salt: str = "",
    gold: Sequence[float] | None = None,
    differs: str | None = None,
) -> Part:
    left = tuple(f"left text {salt}{row % 7}" for row in range(n))
    right = tuple(f"right text {salt}{row}" for row in range(n))
    scores = np.array(gold if gold is not None else [(row * 5) % n for row in range(n)], dtype=float)
    return Part(split, subset, Pairs(left, right, scores), Source("file", differs=differs))


def benchmark(name: str, *parts: Part, **card: Any) -> Component[Any]:
    def build() -> Any:
        """A benchmark double."""
        return Made(BenchmarkCard(name, **card), parts)

    return Component(name, build)


@dataclass(frozen=True)
class Fitted:
    """A similarity double: dot product with the mean of what it was fitted on taken away."""

    mean: Any = None

    def fit(self, data: FitData) -> Fitted:
        FITS.append(data)
        assert data.vectors is not None
        return Fitted(data.vectors.mean(axis=0))

    def score(self, left: Any, right: Any) -> Any:
        return ((left - self.mean) * (right - self.mean)).sum(axis=1)


FITS: list[FitData] = []


def fitted() -> Any:
    """A similarity double that is fitted on texts."""
    return Fitted()


def scoring(name: str, score: Callable[[Any, Any], Any], **declared: Any) -> Component[Any]:
    @dataclass(frozen=True)
    class Scorer:
        def score(self, left: Any, right: Any) -> Any:
            return score(left, right)

    def build() -> Any:
        """A similarity double."""
        return Scorer()

    return Component(name, build, **declared)


@pytest.fixture
def registry(registry_of: Callable[..., Registry]) -> Registry:
    CALLS.clear()
    FITS.clear()
    hooks = {
        "encoders": [
            Component("double", double),
            Component("prompted", prompted),
            Component("made-for-dot", made_for_dot),
            *(misbehaving(name, answer) for name, answer in BAD.items()),
        ],
        "similarities": [
            Component("fitted", fitted, fits="texts"),
            scoring("failing", lambda left, right: 1 / 0),
            scoring("nan", lambda left, right: np.full(len(left), np.nan)),
            scoring("short", lambda left, right: np.zeros(1)),
            scoring("float32", lambda left, right: np.zeros(len(left), np.float32)),
            scoring(
                "lengths",
                lambda left, right: np.array([-abs(len(a) - len(b)) - 0.001 * len(a) for a, b in zip(left, right, strict=True)]),
                needs="texts",
            ),
        ],
        "benchmarks": [
            benchmark("one", part()),
            benchmark("two", part(salt="x")),
            benchmark("sharing", part(8)),
            benchmark("parts", part(10, subset="s1"), part(30, subset="s2", salt="y")),
            benchmark("parts-wmean", part(10, subset="s1"), part(30, subset="s2", salt="y"), aggregation="wmean"),
            benchmark("parts-all", part(10, subset="s1"), part(30, subset="s2", salt="y"), aggregation="all"),
            benchmark("half-constant", part(10, subset="s1"), part(5, subset="s2", gold=[1] * 5)),
            benchmark("constant", part(5, gold=[1] * 5)),
            benchmark("single", part(1)),
            benchmark("long", Part("test", "default", Pairs(("x" * 50, "y", " "), ("b", "z", ""), np.array([1.0, 2, 3])), Source("file"))),
            benchmark("other", part(differs="other differs from its definition")),
        ],
    }
    return registry_of(("stsbench-double", "0.9", hooks))


@pytest.fixture
def calls() -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    return CALLS


@pytest.fixture
def fits() -> list[FitData]:
    return FITS
