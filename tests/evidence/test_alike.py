"""Which systems of a board are alike: those that rank alike the pairs of every list whose correlation a figure is made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stsbench.contracts.data import Pairs, Part, Source
from stsbench.contracts.identity import SystemId
from stsbench.contracts.kinds import Aggregation
from stsbench.evidence.candidates import Grid
from stsbench.evidence.joint import JointScores
from stsbench.evidence.systems import KeptSystem
from stsbench.stats.metrics import KENDALL, PEARSON


def grid(aggregation: Aggregation) -> Grid:
    """Two parts and four systems: the second lies 4 lower on the second part, the third is twice the first, the fourth is its own."""
    random = np.random.default_rng(0)
    parts, scores = [], []
    for subset in ("one", "other"):
        texts = tuple(f"{subset} {number}" for number in range(20))
        first, fourth = random.normal(size=(2, 20))
        parts.append(Part("test", subset, Pairs(texts, texts, random.normal(size=20)), Source("file")))
        scores.append(np.column_stack([first, first - 4 * (subset == "other"), 2 * first, fourth]))
    material = JointScores("two", "plain", aggregation, False, tuple(parts), tuple(scores), (0.0,) * 4)
    return Grid(tuple(KeptSystem(SystemId(name, "", "sentence", (), ""), name, True, {}) for name in "abcd"), (material,), {})


@pytest.mark.parametrize(("aggregation", "expected"), [("mean", [0, 0, 0, 3]), ("wmean", [0, 0, 0, 3]), ("all", [0, 1, 0, 3])])
def test_parts_are_ranked_apart_only_where_figures_are(aggregation: Aggregation, expected: list[int]) -> None:
    assert grid(aggregation).alike == expected


def test_every_benchmark_counts() -> None:
    one = grid("mean")
    other = replace(grid("all").material[0], name="joined")
    assert replace(one, material=(*one.material, other)).alike == [0, 1, 0, 3]


def test_equal_ranks_are_not_alike_where_more_than_ranks_settles_the_figure() -> None:
    one = grid("mean")
    assert replace(one, material=(replace(one.material[0], metric=KENDALL),)).alike == [0, 0, 0, 3]
    assert replace(one, material=(replace(one.material[0], metric=PEARSON),)).alike == [0, 1, 2, 3]
