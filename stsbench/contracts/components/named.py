"""A benchmark that an option names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from stsbench.contracts.fingerprint import digest

if TYPE_CHECKING:
    from stsbench.contracts.data import Part

    from .protocols import Benchmark, BenchmarkCard


@dataclass(frozen=True)
class NamedBenchmark:
    """A benchmark, which the core hands over for an option of this type, whose value names it; as text it is its canonical reference.

    It is built and loaded when something of it is first asked for, which may raise what a benchmark raises.
    """

    ref: str
    build: Callable[[], Benchmark] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.ref

    @cached_property
    def card(self) -> BenchmarkCard:
        """What it says of itself, known without loading."""
        return self.build().card

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its pairs."""
        return self.build().load()

    @property
    def texts(self) -> list[str]:
        """Every left text of all pairs in order, then every right one, as often as it occurs; raises DataError."""
        return [text for side in (0, 1) for part in self.parts for text in part.pairs.texts[side]]

    @property
    def digest(self) -> str:
        """Identity of the data (32 hex digits), which belongs into a fingerprint."""
        return digest(part.pairs.digest for part in self.parts)
