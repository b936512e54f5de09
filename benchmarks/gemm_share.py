"""The rate at which OpenVINO encodes beside the rate at which it multiplies matrices of the model's own shapes, interleaved.

    python benchmarks/gemm_share.py MODEL_FOLDER [--texts 2000] [--rounds 3] [--dtype float32] [--json]

Both count multiplications with weights only (two operations each), so that the share is what attention, norms and padding leave.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops
from stsbench_transformers.encoder import Bert
from views import sentences

from stsbench.plugin import Location

PRECISION = {"float32": "f32", "bfloat16": "bf16"}
ROWS = 1024  # word pieces that go through the model at once


def per_piece(config: dict[str, int]) -> int:
    """Operations of all layers' matrices for one word piece."""
    width, wide = config["hidden_size"], config["intermediate_size"]
    return 2 * config["num_hidden_layers"] * (4 * width**2 + 2 * width * wide)


def chain(config: dict[str, int], dtype: str, streams: int) -> Callable[[int], None]:
    """A function that sends that many batches of ROWS rows through the layers' matrices and nothing else."""
    width, wide = config["hidden_size"], config["intermediate_size"]
    generator = np.random.default_rng(0)
    start = hidden = ops.parameter([ROWS, width], np.float32)
    for _ in range(config["num_hidden_layers"]):
        for rows, columns in [(width, width)] * 4 + [(wide, width), (width, wide)]:
            weights = generator.normal(size=(rows, columns)).astype(np.float32) / np.float32(columns**0.5)
            hidden = ops.matmul(hidden, ops.constant(weights), False, True)
    options = {"INFERENCE_PRECISION_HINT": PRECISION[dtype], "NUM_STREAMS": str(streams), "INFERENCE_NUM_THREADS": str(streams)}
    model = openvino.Core().compile_model(openvino.Model([ops.result(hidden)], [start]), "CPU", options)
    requests = [model.create_infer_request() for _ in range(2 * streams)]
    given = generator.normal(size=(ROWS, width)).astype(np.float32)

    def run(batches: int) -> None:
        for number in range(batches):
            request = requests[number % len(requests)]
            request.wait()
            request.start_async({0: given})
        for request in requests:
            request.wait()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dtype", choices=tuple(PRECISION), default="float32")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    config = json.loads((given.model / "config.json").read_text(encoding="utf-8"))
    texts = sentences(given.texts)
    rates: dict[str, list[float]] = {"encoding": [], "matrices": []}
    with tempfile.TemporaryDirectory() as cache:
        model = Location("model", path=given.model, digest="0")
        encoder: Any = Bert(model, backend="openvino", dtype=given.dtype, cache_dir=cache)
        pieces = sum(map(len, encoder.engine.tokenise(texts, encoder.max_length).ids))
        multiply = chain(config, given.dtype, encoder.engine._streams)
        encoder.encode(texts[:50], views=encoder.views)
        multiply(4)
        for _ in range(given.rounds):
            start = time.perf_counter()
            encoder.encode(texts, views=encoder.views)
            rates["encoding"].append(pieces * per_piece(config) / (time.perf_counter() - start) / 1e9)
            batches = max(4, pieces // ROWS)
            start = time.perf_counter()
            multiply(batches)
            rates["matrices"].append(batches * ROWS * per_piece(config) / (time.perf_counter() - start) / 1e9)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    medians["share"] = medians["encoding"] / medians["matrices"]
    if given.json:
        print(json.dumps(medians))
        return
    print("| encoding, GFLOP/s | matrices alone, GFLOP/s | share |\n| ---: | ---: | ---: |")
    print(f"| {medians['encoding']:.0f} | {medians['matrices']:.0f} | {medians['share']:.0%} |")


if __name__ == "__main__":
    main()
