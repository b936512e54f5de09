"""The encoder under test, and how its results are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stsbench.contracts.data import Embeddings, Float32
from stsbench.contracts.items import Item
from stsbench.host import capabilities
from stsbench.testing.check import Offered, expect
from stsbench.testing.samples import PLAIN, TEXTS, images


@dataclass(frozen=True, eq=False)
class EncoderSubject(Offered):
    """An encoder under test."""

    @cached_property
    def every(self) -> tuple[str, ...]:
        """Vector views, then token views and sparse ones."""
        return capabilities.views(self.built)

    @cached_property
    def reads(self) -> Set[str]:
        """What it reads of `text` and `image`."""
        if self.component.reads == {"text"}:  # which building cannot narrow, and may fail: rules are listed before anything is built
            return self.component.reads
        narrowed = capabilities.reads(self.built)
        return self.component.reads if narrowed is None else self.component.reads & narrowed

    @cached_property
    def plain(self) -> tuple[Item, ...]:
        """Ordinary items of a kind that it reads, the first of which is there twice."""
        return PLAIN if "text" in self.reads else images()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All sample items of the kinds that it reads, texts first."""
        return (*(TEXTS if "text" in self.reads else ()), *(images() if "image" in self.reads else ()))

    def encode(self, texts: Sequence[Item], views: Sequence[str] | None = None, prompt: str = "") -> Embeddings:
        """What the encoder gives for every view, or for the given ones."""
        embeddings: Embeddings = self.built.encode(texts, views=self.every if views is None else views, prompt=prompt)
        return embeddings

    @cached_property
    def embeddings(self) -> Embeddings:
        """Every view of the sample items, in one call."""
        return self.encode(list(self.items))

    def expect_same(self, given: Embeddings, rows: Iterable[int], *, exactly: bool = False, where: str) -> None:
        """Raises AssertionError unless `found` holds, in every view that it has, the sample texts of those rows."""
        tolerance = 0.0 if exactly else self.tolerance
        for view in (*given.vectors, *given.tokens, *given.sparse):
            expected = by_text(self.embeddings, view)
            for got, row in zip(by_text(given, view), rows, strict=True):
                expect(
                    differs(expected[row], got) <= tolerance,
                    f"view {view!r} of {named(self.items[row])} differs by {differs(expected[row], got):.1e} (relative) {where}",
                )


def named(item: Item) -> str:
    """An item in a message."""
    return repr(item) if isinstance(item, str) else "an image"


def holds(embeddings: Embeddings, view: str) -> bool:
    """Whether there is anything of that view."""
    return any(view in given for given in (embeddings.vectors, embeddings.tokens, embeddings.sparse))


def by_text(embeddings: Embeddings, view: str) -> list[Float32]:
    """The vector, a sparse one written out, or the matrix of token vectors, of each text."""
    if view in embeddings.sparse:
        return list(embeddings.sparse[view].toarray())
    return list(embeddings.tokens[view] if view in embeddings.tokens else embeddings.vectors[view])


def differs(expected: Float32, given: Float32) -> float:
    """The largest difference as a share of the largest magnitude; infinite where the shapes differ."""
    if expected.shape != given.shape:
        return float("inf")
    if np.array_equal(expected, given):
        return 0.0
    scale = float(np.abs(expected).max())
    return float(np.abs(expected - given).max()) / scale if scale else float("inf")
