"""`stress` as a benchmark: the share of triplets whose sentence scores higher with its paraphrase than with its contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stsbench.builtin.benchmarks.rows import chosen
from stsbench.builtin.stress.draw import draw
from stsbench.builtin.stress.grammars import PHENOMENA
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.errors import OptionError

NUMBER = 300
SEED = 0


@dataclass(frozen=True, kw_only=True)
class Stress:
    """Where models fail: 300 English triplets for each of six phenomena, made by grammars and word lists of this project.

    A sentence stands beside a paraphrase in other words, and a contrast in nearly the same words: negation, numbers and units, swapped
    roles, quantifiers, antonyms, modality. The figure is the share of triplets in which the paraphrase scores higher; half of them is
    chance, and what looks at words alone is below it. What is right is so by construction, not by what people said: it says where a
    system is blind, not how well it measures similarity. `subset=` takes some phenomena, `number` triplets of each are drawn by `seed`.
    """

    subset: Sequence[str] = ()
    number: int = NUMBER
    seed: int = SEED

    splits = ("test",)

    def __post_init__(self) -> None:
        if self.number < 1:
            raise OptionError("option 'number' takes a number of triplets of at least 1")
        _ = self.phenomena

    @property
    def phenomena(self) -> tuple[str, ...]:
        """Those that are drawn; raises OptionError."""
        return chosen("subset", self.subset, PHENOMENA, "stress") if self.subset else PHENOMENA

    @property
    def card(self) -> BenchmarkCard:
        """What stress is, and what it is not."""
        usual = (self.number, self.seed) == (NUMBER, SEED)
        return BenchmarkCard(
            name="stress" if usual else f"stress-{self.number}-{self.seed}",
            languages=("eng-Latn",),
            licence="MIT",
            notes=("Right by construction: where a system is blind, not how well it measures similarity.",),
            task="triplets",
        )

    def load(self) -> tuple[Part, ...]:
        """A part of triplets a phenomenon."""
        return tuple(Part("test", name, Pairs.of_triplets(draw(name, self.number, self.seed)), Source("wheel")) for name in self.phenomena)
