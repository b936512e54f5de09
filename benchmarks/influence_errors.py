"""Standard errors by influence functions over those by the bootstrap, on the seven English tasks: two lexical systems and their difference.

STSBENCH_MIRROR=DIR python benchmarks/influence_errors.py [--resamples 4000]
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from stsbench.host.registry import Registry
from stsbench.stats.metrics.spearman import spearman_influence as influence
from stsbench.stats.resampling import Sample, bootstrap, generator_of

SEVEN = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")


def lexical(left: str, right: str) -> tuple[float, float]:
    """The share of words that two texts have in common, and their number less the difference of the lengths."""
    words, others = set(left.lower().split()), set(right.lower().split())
    return len(words & others) / max(1, len(words | others)), -abs(len(words) - len(others)) + len(words & others)


def ratios(name: str, resamples: int) -> NDArray[np.float64]:
    (part,) = Registry.installed().resolve("benchmark", name).build().load()
    pairs, n = part.pairs, len(part.pairs)
    scores = np.array([lexical(left, right) for left, right in zip(pairs.left, pairs.right, strict=True)])
    draws = bootstrap([Sample(pairs.gold, scores, np.arange(n))], n, resamples=resamples, generator=generator_of([0]))[:, 0]
    first, second = (influence(pairs.gold, column)[1] for column in scores.T)
    errors = [np.sqrt((values**2).sum()) / n for values in (first, second, first - second)]
    return np.divide(errors, [*draws.std(axis=0), (draws[:, 0] - draws[:, 1]).std()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resamples", type=int, default=4000)
    given = parser.parse_args()
    print("| benchmark | shared words | words less lengths | difference |\n| --- | ---: | ---: | ---: |")
    for name in SEVEN:
        print(f"| {name} | " + " | ".join(f"{ratio:.3f}" for ratio in ratios(name, given.resamples)) + " |", flush=True)


if __name__ == "__main__":
    main()
