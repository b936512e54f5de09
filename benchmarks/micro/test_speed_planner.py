"""Planning: references resolved, data loaded, unique texts found; nothing is encoded."""

from __future__ import annotations

from typing import Any

import numpy as np

from stsbench.api.planning import describe_plan
from stsbench.contracts.data import Pairs, UniqueTexts
from stsbench.host.registry import Registry
from stsbench.runner.system import Choice


def test_plan(benchmark: Any) -> None:
    registry = Registry.installed()
    choices = [Choice("hashing", ("cosine", "dot", "euclidean", "soft-cosine"), transforms=("none", "centre", "whiten,k=64"))]
    described = benchmark(describe_plan, registry, choices, ["mini"], keep=None, limit=None, execution={}, cache=False)
    assert described["cells"] == sum(len(job["systems"]) for job in described["jobs"])
    assert described["cells"] > 4


def test_unique_texts(benchmark: Any) -> None:
    texts = tuple(f"sentence {number % 70_000}" for number in range(200_000))
    pairs = Pairs(texts[::2], texts[1::2], np.zeros(100_000))
    assert len(benchmark(UniqueTexts.of, [pairs])) == 70_000
