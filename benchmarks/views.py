"""Twelve views in one pass beside one view of the same model, backend by backend, interleaved.

python benchmarks/views.py MODEL_FOLDER [--texts 2000] [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Location

WORDS = [
    "a",
    "man",
    "is",
    "playing",
    "the",
    "guitar",
    "while",
    "two",
    "dogs",
    "run",
    "over",
    "green",
    "grass",
    "near",
    "an",
    "old",
    "house",
    "and",
    "nobody",
    "looks",
]


def sentences(count: int) -> list[str]:
    """Distinct texts of 5 to 25 words."""
    generator = np.random.default_rng(0)
    return [f"{row} " + " ".join(generator.choice(WORDS, size=generator.integers(5, 26))) for row in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    texts, rows = sentences(given.texts), []
    with tempfile.TemporaryDirectory() as cache:
        for backend in ("openvino", "torch"):
            model = Location("model", path=given.model, digest="0")
            encoder = Bert(model, pooling=("cls", "mean", "max"), layers=(0, -3, -2, -1), backend=backend, cache_dir=cache)
            last, all_views = encoder.views[-1:], encoder.views
            took: dict[int, list[float]] = {1: [], len(all_views): []}
            for views in (last, all_views):
                encoder.encode(texts[:50], views=views)
            for _ in range(given.rounds):
                for views in (last, all_views):
                    start = time.perf_counter()
                    encoder.encode(texts, views=views)
                    took[len(views)].append(time.perf_counter() - start)
            first, every = (statistics.median(times) for times in took.values())
            rows.append({"backend": backend, "one_view": first, "twelve_views": every, "ratio": every / first})
    if given.json:
        print(json.dumps(rows))
        return
    print("| backend | one view, s | twelve views, s | ratio |\n| --- | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {row['backend']} | {row['one_view']:.2f} | {row['twelve_views']:.2f} | {row['ratio']:.2f} |")


if __name__ == "__main__":
    main()
