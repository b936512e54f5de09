from __future__ import annotations

from typing import cast

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import Benchmark

MINI = cast("Component[Benchmark]", next(component for component in benchmarks() if component.name == "mini"))


def test_mini_is_in_the_wheel_and_says_what_it_is_not() -> None:
    benchmark = MINI.build()
    (part,) = benchmark.load()
    assert part.source.kind == "wheel"
    assert len(part.pairs) >= 240
    assert any("not a benchmark to publish with" in note for note in benchmark.card.notes)
    assert (part.pairs.gold.min(), part.pairs.gold.max()) == (0.0, 5.0)
    assert all(str(text).strip() for text in part.pairs.left + part.pairs.right)


def test_mini_by_phenomenon_has_the_same_pairs() -> None:
    (whole,) = MINI.build().load()
    parts = MINI.build(by="group").load()
    assert len(parts) == len(set(whole.pairs.group)) >= 10
    assert sum(len(part.pairs) for part in parts) == len(whole.pairs)
    assert {part.subset for part in parts} == set(whole.pairs.group)
