"""What is encoded is kept every few seconds, by chunks that the sorted list of texts alone decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.evaluate import evaluate
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Embeddings, Pairs, Part, Source
from stsbench.contracts.events import Encoding
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.host.registry import Registry
from stsbench.runner.encoding.recall import LEAST, PIECE, Cut

REQUEST = 64  # texts that the service below takes at a time
TEXTS = [f"number {number} of the texts of a benchmark whose texts are as long as those of others" for number in range(4096)]


class Service:
    """An encoder double that asks a service, which fails at one request if it is told to."""

    views, token_views = ("sentence",), ()
    fingerprint = Fingerprint.of(service=1)

    def __init__(self, stored: bool = True) -> None:
        self.sent: list[str] = []
        self.calls: list[int] = []
        self.fails_at = 0
        self.stored = stored

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        self.calls.append(len(texts))
        rows: list[Any] = []
        for start in range(0, len(texts), REQUEST):
            if self.fails_at and len(self.sent) >= (self.fails_at - 1) * REQUEST:
                raise ConnectionError("the service is away")
            some = texts[start : start + REQUEST]
            self.sent += some
            rows += [np.random.default_rng([*map(ord, text)]).normal(size=4) for text in some]
        return Embeddings({"sentence": np.array(rows, dtype=np.float32)})


@dataclass
class Made:
    texts: Sequence[str]
    card = BenchmarkCard("made")

    def load(self) -> tuple[Part, ...]:
        half = len(self.texts) // 2
        gold = np.arange(half, dtype=np.float64) % 7
        return (Part("test", "default", Pairs(tuple(self.texts[:half]), tuple(self.texts[half:]), gold), Source("file")),)


def offered(registry_of: Callable[..., Registry], service: Service, texts: Sequence[str] = TEXTS) -> Registry:
    hooks = {"encoders": [Component("service", lambda: service)], "benchmarks": [Component("made", lambda: Made(texts))]}
    return registry_of(("doubles", "1.0", hooks))


def test_a_service_that_fails_at_request_30_costs_a_few_texts(registry_of: Callable[..., Registry], tmp_path: Path) -> None:
    service = Service()
    registry = offered(registry_of, service)
    undisturbed = [cell["spearman"] for cell in evaluate("service", "cosine", "made", registry=registry, cache=False).cells()]
    calls = service.calls.copy()
    service.sent.clear()
    service.fails_at = 30
    (cell,) = evaluate("service", "cosine", "made", registry=registry, cache=tmp_path).cells()
    assert cell["status"] == "failed"
    service.fails_at = 0
    said: list[Encoding] = []
    again = evaluate(
        "service",
        "cosine",
        "made",
        registry=registry,
        cache=tmp_path,
        listen=lambda one: said.append(one) if isinstance(one, Encoding) else None,
    )
    assert [cell["spearman"] for cell in again.cells()] == undisturbed
    assert len(service.sent) - len(TEXTS) <= PIECE // 80  # of 1,856 that were paid for
    assert said[0].stored >= 29 * REQUEST - PIECE // 80
    assert service.calls[-len(said) + 1 :] == calls[-len(said) + 1 :]  # the chunks that an undisturbed run comes to
    assert max(np.diff([one.done for one in said])) <= PIECE // 80


def test_what_is_not_stored_is_encoded_in_large_chunks(registry_of: Callable[..., Registry]) -> None:
    service = Service(stored=False)
    evaluate("service", "cosine", "made", registry=offered(registry_of, service))
    assert service.calls == [2048, 2048]


def test_texts_that_differ_in_case_and_spaces_alone_come_together(registry_of: Callable[..., Registry]) -> None:
    service = Service()
    alike = [text.upper().replace("E", "E ") for text in TEXTS]
    evaluate("service", "cosine", "made", registry=offered(registry_of, service, [*TEXTS, *alike]), cache=False)
    ends = np.cumsum(service.calls)
    call = {text: int(np.searchsorted(ends, place, side="right")) for place, text in enumerate(service.sent)}
    apart = [text for text, other in zip(TEXTS, alike, strict=True) if call[text] != call[other]]
    assert len(apart) < len(ends), "no more than the ends of calls take apart"


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_after_a_chunk_is_cut_as_before(seed: int) -> None:
    generator = np.random.default_rng(seed)
    sizes = np.sort(generator.choice([0, 1, 30, 80, 400, 3000, 20000], size=3000) + generator.integers(0, 9, 3000))[::-1].astype(np.intp)
    rows = np.arange(len(sizes), dtype=np.intp)
    cut = Cut(500)
    chunks = list(cut.chunks(rows, sizes))
    assert np.array_equal(np.concatenate(chunks), rows)
    for place, chunk in enumerate(chunks):
        assert len(chunk) <= 500
        assert len(chunk) <= LEAST or sizes[chunk].sum() <= PIECE
        if place < len(chunks) - 1:
            assert len(chunk) >= LEAST  # long texts too make a batch
            assert len(chunk) == 500 or sizes[[*chunk, chunks[place + 1][0]]].sum() > PIECE
        for found, expected in zip(cut.chunks(np.concatenate(chunks[place:]), sizes), chunks[place:], strict=True):
            assert np.array_equal(found, expected)
