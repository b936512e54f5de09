"""Doubles, named as such: encoders and similarities that misbehave in one way each, and benchmarks made in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Views
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Embeddings, FitData, Pairs, Part, Source
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.host import provider
from stsbench.host.registry import Registry
from tests.conftest import Made

Call = tuple[tuple[str, ...], tuple[str, ...], str]  # the texts, the views and the prompt


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
    watched: Watched = field(default_factory=lambda: Watched())

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Any:
        self.watched.calls.append((tuple(texts), tuple(views), prompt))
        if self.answer is not None:
            return self.answer(list(texts), prompt)
        vectors = {view: embed(texts, prompt + view) * np.float32(self.watched.scales.get(view, 1.0)) for view in views}
        return Embeddings(vectors, truncated=np.array([len(text) > 40 for text in texts]))


@dataclass(frozen=True)
class MadeForDot(DoubleEncoder):
    made_for: str = "dot"
    decided: dict[str, str] = field(default_factory=lambda: {"pooling": "mean"})


def misbehaving(name: str, watched: Watched, answer: Callable[[list[str], str], Any]) -> Component[Any]:
    def build() -> Any:
        """A double that breaks the contract in one way."""
        return DoubleEncoder(views=("a",), answer=answer, watched=watched)

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

    fits: list[FitData]
    mean: Any = None

    def fit(self, data: FitData) -> Fitted:
        self.fits.append(data)
        assert data.vectors is not None
        return Fitted(self.fits, data.vectors.mean(axis=0))

    def score(self, left: Any, right: Any) -> Any:
        return ((left - self.mean) * (right - self.mean)).sum(axis=1)


@dataclass
class Watched:
    """The doubles of a test, and what they were given; `scales` by view is what their vectors are multiplied with."""

    calls: list[Call] = field(default_factory=list)
    fits: list[FitData] = field(default_factory=list)
    scales: dict[str, float] = field(default_factory=dict)

    def double(self, *, view: Views[Sequence[str]] = ("a", "b"), scale: float = 1.0) -> Any:
        """A well-behaved double with two views."""
        del scale
        return DoubleEncoder(views=tuple(view), watched=self)

    def prompted(self) -> Any:
        """A double whose configuration holds prompts."""
        return DoubleEncoder(prompts={"query": "query: "}, watched=self)

    def made_for_dot(self) -> Any:
        """A double whose model names the dot product."""
        return MadeForDot(watched=self)

    def fitted(self) -> Any:
        """A similarity double that is fitted on texts."""
        return Fitted(self.fits)


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
def watched() -> Watched:
    """Of the doubles of `registry`."""
    return Watched()


@pytest.fixture
def registry(registry_of: Callable[..., Registry], watched: Watched) -> Registry:
    hooks = {
        "encoders": [
            Component("double", watched.double),
            Component("prompted", watched.prompted),
            Component("made-for-dot", watched.made_for_dot),
            *(misbehaving(name, watched, answer) for name, answer in BAD.items()),
        ],
        "similarities": [
            Component("fitted", watched.fitted, fits="texts"),
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
def calls(watched: Watched) -> list[Call]:
    return watched.calls


@pytest.fixture
def fits(watched: Watched) -> list[FitData]:
    return watched.fits


@pytest.fixture
def torch_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Say which torch is installed beneath the doubles: `torch_is("2.13")`."""
    monkeypatch.syspath_prepend(tmp_path / "installed")

    def forget() -> None:
        provider.installed.cache_clear()
        provider._requirements.cache_clear()

    def install(version: str) -> None:
        for name, said in {"stsbench-double": "Version: 0.9\nRequires-Dist: torch", "torch": f"Version: {version}"}.items():
            info = tmp_path / "installed" / f"{name.replace('-', '_')}-0.dist-info"
            info.mkdir(parents=True, exist_ok=True)
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\n{said}\n")
        forget()

    yield install
    forget()
