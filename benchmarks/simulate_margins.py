"""How often a margin's verdicts are wrong, and how often they say something, by simulation.

    python benchmarks/simulate_margins.py [--repetitions 2000] [--resamples 999]

Two systems share half of their errors. The second is worse than the first by exactly the margin (each claim that it is as good is then
wrong), by nothing, or the margin is far. Prints a Markdown table; the results of the last run are in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from simulate_statistics import PAIRS, drawn, gap_of

from stsbench.stats.comparing.margin import judge_margin
from stsbench.stats.comparing.paired import rescaled
from stsbench.stats.intervals import percentile
from stsbench.stats.metrics.spearman import spearman

AS_GOOD = ("better", "equivalent", "not worse")


def true_gap(data: str, more: float) -> float:
    """By how much the second system is truly worse, where its errors are `more` times as large."""
    generator = np.random.default_rng(0)
    gaps = []
    for _ in range(20):
        gold, scores = PAIRS[data](generator, 200_000, 0.5, more)
        gaps.append(spearman(gold, scores[:, 0]) - spearman(gold, scores[:, 1]))
    return float(np.mean(gaps))


def verdict(gold: np.ndarray, scores: np.ndarray, margin: float, resamples: int, generator: np.random.Generator) -> str:
    """That of the second system against the first, as `stsbench compare` gives it."""
    better, error = gap_of(gold, scores)
    draws = drawn(gold, scores, resamples, generator)
    low, high = percentile(rescaled(draws[:, 1] - draws[:, 0], -better, error))
    return judge_margin(low, high, margin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=999)
    given = parser.parse_args()
    print("| data | n | margin, points | truly worse by | as good, claimed % | equivalent % | worse % | cannot tell % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for data in PAIRS:
        edge = true_gap(data, 1.1)
        for n in (250, 1379):
            for more, gap in ((1.1, edge), (1.0, 0.0)):
                generator, said = np.random.default_rng([n, int(100 * more)]), Counter[str]()
                for _ in range(given.repetitions):
                    gold, scores = PAIRS[data](generator, n, 0.5, more)
                    said[verdict(gold, scores, edge, given.resamples, generator)] += 1
                shares = [sum(said[one] for one in AS_GOOD), said["equivalent"], said["worse"], said["cannot tell"]]
                row = " | ".join(f"{100 * share / given.repetitions:.1f}" for share in shares)
                print(f"| {data} | {n} | {100 * edge:.2f} | {100 * gap:.2f} | {row} |", flush=True)


if __name__ == "__main__":
    main()
