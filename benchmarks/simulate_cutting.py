"""The rule by which work is cut and shared out among workers, on more machines than there are at hand.

python benchmarks/simulate_cutting.py [--machines 100] [--encoders 200] [--seed 0] [--json]

The rule is the one that runs use (`stsbench.runner.workers.cutting`), step by step, on costs that are stated here:

- The texts are those of sts-english: CHARACTERS. The fastest encoder reads RATE characters a second, as all-MiniLM-L6-v2 does on one
  core; the slowest a thousandth of that. Rates lie evenly on a logarithmic scale, and are not known before a first shard comes back.
- Loading takes LOAD seconds for the fastest, and with the size of a model more: the third root of how many times slower it is.
- Machines are alike, each with one worker. What a shard takes varies by a factor that is lognormal, of a tenth.
- What the run itself does (hand out, check, store, score) takes no time, nor does the network.

A worker is idle while it neither loads nor encodes, from the first moment to the last.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

import numpy as np

from stsbench.runner.workers.cutting import Effort, foresee

CHARACTERS = 1_656_271
RATE, LOAD, SPAN, NOISE = 20_000.0, 3.0, 1000.0, 0.1


@dataclass(frozen=True)
class SimulatedSweep:
    """A case: hours until all is done and the fewest that it could take, what workers have nothing to do, and loads of an encoder."""

    case: str
    hours: float
    least: float
    idle: float
    loading: float
    shards: int
    loads: float
    most_loads: int


def simulated(case: str, machines: int, encoders: int, seed: int, *, known: bool = False) -> SimulatedSweep:
    """The rule on one draw of the noise."""
    generator = np.random.default_rng(seed)
    slower = generator.permutation(np.geomspace(1, SPAN, encoders))
    efforts = [Effort(CHARACTERS, RATE / float(one), LOAD * float(one) ** (1 / 3), known=known) for one in slower]
    foreseen = foresee(efforts, machines, lambda: float(generator.lognormal(0, NOISE)))
    encoding = sum(one.characters / one.rate for one in efforts)
    loading = sum(one.load * times for one, times in zip(efforts, foreseen.loads, strict=True))
    return SimulatedSweep(
        case,
        foreseen.seconds / 3600,
        encoding / machines / 3600,
        foreseen.idle,
        loading / (machines * foreseen.seconds),
        foreseen.shards,
        sum(foreseen.loads) / encoders,
        max(foreseen.loads),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=100)
    parser.add_argument("--encoders", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = [
        simulated("rates unknown", given.machines, given.encoders, given.seed),
        simulated("rates remembered", given.machines, given.encoders, given.seed, known=True),
        simulated("a tenth of the machines", max(1, given.machines // 10), given.encoders, given.seed),
        simulated("as many encoders as machines", given.machines, given.machines, given.seed),
        simulated("a tenth of the encoders", given.machines, max(1, given.encoders // 10), given.seed),
    ]
    if given.json:
        print(json.dumps([asdict(row) for row in rows]))
        return
    print("| case | hours | at least | idle | loading | shards | loads of an encoder |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for row in rows:
        print(
            f"| {row.case} | {row.hours:.2f} | {row.least:.2f} | {row.idle:.1%} | {row.loading:.1%} | {row.shards:,} "
            f"| {row.loads:.2f}, at most {row.most_loads} |"
        )


if __name__ == "__main__":
    main()
