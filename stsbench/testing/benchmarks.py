"""What the contract asks of benchmarks and suites, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np

from stsbench.contracts.components.protocols import BenchmarkCard, Suite
from stsbench.contracts.data import Part
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.kinds import Aggregation
from stsbench.testing.check import Offered, Rule, expect


@dataclass(frozen=True, eq=False)
class BenchmarkSubject(Offered):
    """A benchmark or suite under test."""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What `load` gives."""
        loaded: tuple[Part, ...] = self.built.load()
        return loaded


def card_is_complete(subject: BenchmarkSubject) -> None:
    """The card has a name, a protocol, a known aggregation, and a score range that rises; it is known before loading.

    Set card in the class or the constructor, not in load().
    """
    card = subject.resolved.build().card
    expect(isinstance(card, BenchmarkCard), f"card is {type(card).__name__}, not BenchmarkCard")
    expect(card.name.strip() and card.protocol.strip(), f"name is {card.name!r} and protocol {card.protocol!r}")
    expect(card.aggregation in get_args(Aggregation), f"aggregation is {card.aggregation!r}")
    expect(isinstance(card.languages, tuple) and isinstance(card.notes, tuple), "languages and notes must be tuples")
    expect(card.score_range is None or card.score_range[0] < card.score_range[1], f"score_range is {card.score_range}")


def parts_hold_pairs(subject: BenchmarkSubject) -> None:
    """`load` gives a tuple of at least one part, each with pairs, each named once.

    Return a tuple of Part(split, subset, Pairs(left, right, gold), Source(kind)), with "default" where there are no subsets.
    """
    expect(isinstance(subject.parts, tuple) and subject.parts, f"load() returned {subject.parts!r:.60}")
    for part in subject.parts:
        expect(isinstance(part, Part), f"load() returned {type(part).__name__} among its parts")
        expect(len(part.pairs), f"split {part.split!r}, subset {part.subset!r} has no pairs")
    names = [part.place for part in subject.parts]
    expect(len(set(names)) == len(names), f"a split and subset occurs twice among {names}")
    expect(all(WHOLE not in name for name in names), "`*` stands for all splits and subsets, and cannot name one")


def loading_is_deterministic(subject: BenchmarkSubject) -> None:
    """Loading twice gives the same parts, in the same order, with the same digests.

    Sort what comes out of folders and sets.
    """
    again = subject.resolved.build().load()
    first, second = ([(part.split, part.subset, part.pairs.digest, part.source) for part in parts] for parts in (subject.parts, again))
    expect(first == second, "the second load differs from the first")


def gold_is_in_range(subject: BenchmarkSubject) -> None:
    """Gold scores lie in the range that the card states.

    Correct score_range, or leave it out.
    """
    bounds = subject.built.card.score_range
    for part in subject.parts if bounds else ():
        low, high = float(np.min(part.pairs.gold)), float(np.max(part.pairs.gold))
        expect(bounds[0] <= low and high <= bounds[1], f"gold runs from {low:zg} to {high:zg}, the card says {bounds}")


def revision_comes_from_the_hub(subject: BenchmarkSubject) -> None:
    """Only data that the hub gave have a revision.

    Leave revision out of Source.
    """
    for part in subject.parts:
        expect(part.source.revision is None or part.source.kind == "hub", f"data of the kind {part.source.kind!r} have a revision")


def members_resolve(subject: BenchmarkSubject) -> None:
    """A suite has a title and a protocol, and names benchmarks that exist, each once, none beside its successor.

    Name installed benchmarks; a short name means one of the same plugin first.
    """
    suite: Suite = subject.built
    expect(suite.title.strip() and suite.protocol.strip(), f"title is {suite.title!r} and protocol {suite.protocol!r}")
    expect(suite.benchmarks and len(set(suite.benchmarks)) == len(suite.benchmarks), f"benchmarks are {suite.benchmarks}")
    cards = []
    for ref in suite.benchmarks:
        member = subject.registry.resolve("benchmark", ref).build()
        expect(not isinstance(member, Suite), f"{ref!r} is a suite")
        cards.append(member.card)
    names = {card.name for card in cards}
    for card in cards:
        expect(card.superseded_by not in names, f"{card.name} stands beside {card.superseded_by}, which supersedes it")


def benchmark_rules(subject: BenchmarkSubject) -> Iterable[Rule]:
    """The rules that apply to a benchmark, which load it, or to a suite, which load nothing."""
    if isinstance(subject.built, Suite):
        return (members_resolve,)
    return card_is_complete, parts_hold_pairs, loading_is_deterministic, gold_is_in_range, revision_comes_from_the_hub
