"""`stress`: triplets that the grammars in `grammars.toml` make, a sentence beside its paraphrase in other words and its contrast."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain, islice, zip_longest
from typing import Any, Final

from stsbench.builtin.benchmarks.rows import chosen
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.contracts.items import Triplets
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


Triplet = tuple[str, str, str]
Choice = Mapping[str, Any]  # a word of each list that a rule is of: a text, or a table or list of forms

PHENOMENA: Final = ("negation", "numbers", "roles", "quantifiers", "antonyms", "modality")


@cache
def _grammars() -> Mapping[str, Any]:
    return tomllib.loads((files("stsbench.builtin") / "stress" / "grammars.toml").read_text("utf-8"))


def triplets(phenomenon: str) -> list[list[Triplet]]:
    """All that each rule of a phenomenon makes: (sentence, paraphrase, contrast)."""
    rules = _grammars()["rules"][phenomenon]
    return [[_filled(forms, choice) for choice in _choices(rule["of"]) for forms in rule["makes"]] for rule in rules]


def _choices(lists: Mapping[str, str]) -> Iterable[Choice]:
    """Every choice of a word from each list, `word.key` being one of an earlier word; those from one list are different words."""
    choices: list[Choice] = [{}]
    for name, source in lists.items():
        word, _, key = source.partition(".")
        before = [other for other in choices[0] if lists[other] == source]
        choices = [
            {**choice, name: value}
            for choice in choices
            for value in (choice[word][key] if key else _grammars()["words"][source])
            if all(choice[other] != value for other in before)
        ]
    return choices


def _filled(forms: Sequence[str], choice: Choice) -> Triplet:
    """The forms with the words in them, each with a capital letter and a full stop."""
    first, second, third = (text[0].upper() + text[1:].removesuffix(".") + "." for text in (form.format(**choice) for form in forms))
    return first, second, third


def draw(phenomenon: str, number: int, seed: int) -> Triplets:
    """`number` triplets of one phenomenon, in turn from each of its rules, none twice; fewer where the grammar makes no more.

    A rule's triplets are taken in the order of a hash of seed and text, which is as good as chance and depends on nothing else.
    """
    turns = zip_longest(*(_shuffled(rule, seed) for rule in triplets(phenomenon)))
    drawn = list(islice(dict.fromkeys(filter(None, chain.from_iterable(turns))), number))
    anchor, positive, negative = zip(*drawn, strict=True)
    return Triplets(anchor, positive, negative, (phenomenon,) * len(drawn))


def _shuffled(made: list[Triplet], seed: int) -> list[Triplet]:
    return sorted(made, key=lambda triplet: hashlib.blake2b("\0".join((str(seed), *triplet)).encode(), digest_size=16).digest())
