"""The bootstrap beside scipy on the same data: time as a ratio, memory above the start.

python benchmarks/bootstrap_speed.py
"""

from __future__ import annotations

import resource
import time

import numpy as np
from scipy import stats

from stsbench.stats.resampling import Sample, bootstrap, generator_of

N, SYSTEMS, RESAMPLES = 1379, 50, 10_000


def main() -> None:
    generator = np.random.default_rng(0)
    gold = np.round(generator.uniform(0, 5, size=N) * 5) / 5
    scores = gold[:, None] + generator.normal(size=(N, SYSTEMS))
    scores[:, ::5] = np.round(scores[:, ::5], 1)  # every fifth system has ties
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    bootstrap([Sample(gold, scores, np.arange(N))], N, resamples=RESAMPLES, generator=generator_of([0]))
    took = time.perf_counter() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # before the peers, whose peak would hide it
    sets = generator.integers(0, N, size=(20, N))
    start = time.perf_counter()
    for rows in sets:
        for column in scores[:, :10].T:
            stats.spearmanr(gold[rows], column[rows])
    naive = (time.perf_counter() - start) / (20 * 10)
    start = time.perf_counter()
    stats.bootstrap(
        (gold, scores[:, 1]), lambda one, other: stats.spearmanr(one, other).statistic, paired=True, vectorized=False,
        n_resamples=200, method="percentile", rng=generator,
    )  # fmt: skip
    peer = (time.perf_counter() - start) / 200
    each = took / (RESAMPLES * SYSTEMS)
    print(f"{RESAMPLES} resamples x {N} pairs x {SYSTEMS} systems: {took:.1f} s, {memory:.0f} MB above the start")
    print(f"{1e6 * each:.1f} us per resample and system; a loop of spearmanr takes {naive / each:.0f} times as long,")
    print(f"scipy.stats.bootstrap {peer / each:.0f} times")


if __name__ == "__main__":
    main()
