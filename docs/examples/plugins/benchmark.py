"""A benchmark with two subsets and two splits, and a suite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final, Literal

import numpy as np

from stsbench.plugin import Benchmark, BenchmarkCard, Component, OptionError, Pairs, Part, Source, Suite, hookimpl

# (split, subset): left text, right text, gold. A real one would read files of the package here, with importlib.resources.
ROWS: Final = {
    ("validation", "rain"): [("It rains.", "Rain falls.", 5.0), ("It rains.", "The sun shines.", 1.0)],
    ("test", "rain"): [("It drizzles.", "It rains a little.", 4.5), ("It pours.", "It drizzles.", 2.5), ("It pours.", "A dog barks.", 0.0)],
    ("test", "wind"): [("A gale blows.", "A storm rages.", 4.0), ("A breeze stirs.", "A gale blows.", 2.0), ("Still air.", "A gale.", 0.5)],
}
SUBSETS: Final[tuple[Literal["rain", "wind"], ...]] = ("rain", "wind")


@dataclass(frozen=True)
class Weather:
    """Pairs of sentences about the weather, graded from 0 (unrelated) to 5 (the same): subsets rain and wind; validation has rain only."""

    split: str = "test"  # what stands after the colon: weather:validation
    _: KW_ONLY
    subset: Sequence[Literal["rain", "wind"]] = SUBSETS  # weather/rain, which is short for weather,subset=rain

    def __post_init__(self) -> None:
        if not self._places:  # a target may be any text: which ones there are is for the component to say
            raise OptionError(f"weather has no split {self.split!r} of {'+'.join(self.subset)}; there are validation (rain) and test")

    @property
    def _places(self) -> list[tuple[str, str]]:
        return [(split, subset) for split, subset in ROWS if split == self.split and subset in self.subset]

    @property
    def card(self) -> BenchmarkCard:
        """Known without loading. The name says what was chosen: figures of a part never stand under the name of the whole."""
        subsets = "" if set(self.subset) == set(SUBSETS) else f"/{'+'.join(self.subset)}"
        split = "" if self.split == "test" else f":{self.split}"
        return BenchmarkCard(f"Weather{subsets}{split}", score_range=(0.0, 5.0), languages=("eng-Latn",), licence="CC0-1.0")

    @property
    def splits(self) -> tuple[str, ...]:
        """The split that is asked for: what `stsbench show` says without loading."""
        return (self.split,)

    @property
    def expected_pairs(self) -> int:
        """How many pairs there are: likewise."""
        return sum(len(ROWS[place]) for place in self._places)

    def load(self) -> tuple[Part, ...]:
        """A part for each chosen subset, always in the same order."""
        return tuple(Part(split, subset, to_pairs(ROWS[split, subset]), Source("wheel")) for split, subset in self._places)


def to_pairs(rows: Sequence[tuple[str, str, float]]) -> Pairs:
    """Left texts, right texts and gold, which is float64."""
    left, right, gold = zip(*rows, strict=True)
    return Pairs(left, right, np.array(gold, dtype=np.float64))


def forecast() -> Suite:
    """Rain and wind as benchmarks of their own."""
    return Suite("Forecast", ("weather/rain", "weather/wind"), protocol="plain")


@hookimpl
def stsbench_benchmarks() -> Iterable[Component[Benchmark | Suite]]:
    """The benchmark `weather` and the suite `forecast`."""
    return [Component("weather", Weather), Component("forecast", forecast)]
