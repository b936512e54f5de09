"""An encoder that gives what it has as it finishes: each batch is kept at once, and checked like a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stsbench
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings
from stsbench.contracts.events import Encoding
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.host.registry import Registry
from tests.runner.conftest import embed

BATCH = 4


@dataclass
class Seen:
    """What the doubles were asked for, in batches, and where they stop."""

    batches: list[tuple[str, ...]] = field(default_factory=list)
    stop: int | None = None
    closed: int = 0


@dataclass(frozen=True)
class InBatches:
    """A double that gives batches of four, the last first, and may fail on the way."""

    seen: Seen
    change: Callable[[Any, int], Any] = lambda batch, _: batch
    views = ("sentence",)
    token_views = ()
    fingerprint: Fingerprint = field(default_factory=lambda: Fingerprint.of(weights="batches"))

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return Embeddings({"sentence": embed(texts, prompt)})

    def encode_batches(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Iterator[Any]:
        try:
            for number, start in enumerate(reversed(range(0, len(texts), BATCH))):
                if number == self.seen.stop:
                    raise RuntimeError("the line went dead")
                places = np.arange(start, min(start + BATCH, len(texts)))
                given = [texts[place] for place in places.tolist()]
                self.seen.batches.append(tuple(given))
                batch = self.change((places, Embeddings({"sentence": embed(given, prompt)})), len(texts))
                if batch is not None:
                    yield batch
        finally:
            self.seen.closed += 1


def twice(batch: Any, _: int) -> Any:
    return np.zeros_like(batch[0]), batch[1]


OFFENCES: dict[str, tuple[Callable[[Any, int], Any], str]] = {
    "beyond": (lambda batch, size: (batch[0] + size, batch[1]), "it gave a batch of int64 of shape"),
    "twice": (twice, "it gave a batch of int64 of shape"),
    "negative": (lambda batch, size: (-1 - batch[0], batch[1]), "it gave a batch of int64 of shape"),
    "floats": (lambda batch, _: (batch[0].astype(float), batch[1]), "it gave a batch of float64 of shape"),
    "whole": (lambda batch, _: batch[1], "it gave a batch of NoneType"),
    "missing": (lambda batch, _: None, "it ended without 19 of 19 texts"),
    "short": (lambda batch, _: (batch[0], Embeddings({"sentence": batch[1].vectors["sentence"][1:]})), "one row a text is expected"),
    "nan": (lambda batch, _: (batch[0], Embeddings({"sentence": batch[1].vectors["sentence"] * np.float32("nan")})), "NaN or infinity"),
}


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def registry(registry_of: Callable[..., Registry], seen: Seen) -> Registry:
    from tests.runner.conftest import benchmark, part

    def building(change: Callable[[Any, int], Any]) -> Callable[[], InBatches]:
        def build() -> InBatches:
            """A double that gives batches."""
            return InBatches(seen, change)

        return build

    doubles = {"in-batches": lambda batch, _: batch, **{name: change for name, (change, _) in OFFENCES.items()}}
    encoders = [Component(name, building(change)) for name, change in doubles.items()]
    return registry_of(("doubles", "1.0", {"encoders": encoders, "benchmarks": [benchmark("one", part())]}))


def test_what_is_finished_is_kept_whatever_comes_after(registry: Registry, seen: Seen, tmp_path: Path) -> None:
    seen.stop = 3
    failed = stsbench.evaluate("in-batches", "cosine", "one", registry=registry, cache=tmp_path)
    assert "RuntimeError: the line went dead" in str(failed.cells()[0]["reason"])
    done, seen.stop = [text for batch in seen.batches for text in batch], None
    seen.batches.clear()
    events: list[Any] = []
    again = stsbench.evaluate("in-batches", "cosine", "one", registry=registry, cache=tmp_path, listen=events.append)
    rest = [text for batch in seen.batches for text in batch]
    assert (len(done), len(rest)) == (11, 8)
    assert not set(done) & set(rest)
    assert [event.done for event in events if isinstance(event, Encoding)] == [0, 4, 8]
    whole = stsbench.evaluate("in-batches", "cosine", "one", registry=registry, cache=False)
    assert again.cells()[0]["spearman"] == whole.cells()[0]["spearman"]
    assert seen.closed == 3


def test_who_stops_a_run_stops_the_encoder_and_keeps_what_it_gave(registry: Registry, seen: Seen, tmp_path: Path) -> None:
    def stop(event: Any) -> None:
        if isinstance(event, Encoding) and event.done >= BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stsbench.evaluate("in-batches", "cosine", "one", registry=registry, cache=tmp_path, listen=stop)
    assert (len(seen.batches), seen.closed) == (2, 1)
    stsbench.evaluate("in-batches", "cosine", "one", registry=registry, cache=tmp_path)
    texts = [text for batch in seen.batches for text in batch]
    assert len(texts) == len(set(texts)) == 19


@pytest.mark.parametrize("name", OFFENCES)
def test_a_batch_is_checked_like_a_whole(name: str, registry: Registry) -> None:
    report = stsbench.evaluate(name, "cosine", "one", registry=registry, cache=False)
    reason = str(report.cells()[0]["reason"])
    assert OFFENCES[name][1] in reason
    assert f"encoder '{name}' of doubles 1.0 failed while it was encoding" in reason
