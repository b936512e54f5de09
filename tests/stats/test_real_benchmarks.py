"""Influence functions beside the bootstrap on the seven English tasks, for two lexical scores with many ties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stsbench.host.registry import Registry
from stsbench.stats.metrics.spearman import spearman_influence as influence
from stsbench.stats.resampling import Sample, bootstrap, generator_of, shared_units

SEVEN = ["STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R"]


def lexical(left: str, right: str) -> tuple[float, float]:
    one, other = set(left.lower().split()), set(right.lower().split())
    return len(one & other) / max(1, len(one | other)), -abs(len(one) - len(other)) + len(one & other)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVEN)
def test_standard_errors_within_four_percent_of_the_bootstrap(name: str, mirror: Path) -> None:
    (part,) = Registry.installed().resolve("benchmark", name, execution={"mirror": str(mirror)}).build().load()
    pairs = part.pairs
    scores = np.array([lexical(left, right) for left, right in zip(pairs.left, pairs.right, strict=True)])
    n = len(pairs)
    draws = bootstrap([Sample(pairs.gold, scores, np.arange(n))], n, resamples=4000, generator=generator_of([0]))[:, 0]
    first, second = (influence(pairs.gold, column)[1] for column in scores.T)
    errors = [np.sqrt((values**2).sum()) / n for values in (first, second, first - second)]
    np.testing.assert_allclose(errors, [*draws.std(axis=0), (draws[:, 0] - draws[:, 1]).std()], rtol=0.04)


def test_sts_benchmark_shares_its_pairs_with_the_tasks_of_the_years(mirror: Path) -> None:
    loaded = [Registry.installed().resolve("benchmark", name, execution={"mirror": str(mirror)}).build().load()[0].pairs for name in SEVEN]
    keys = [set(pairs.keys) for pairs in loaded]
    assert [len(keys[5] & own) for own in keys[:5]] == [252, 72, 204, 199, 285]
    rows, units = shared_units([pairs.keys for pairs in loaded])
    together = set().union(*(own.tolist() for own in rows))
    assert len(together) == units < sum(map(len, loaded)) - 252 - 204 - 199
