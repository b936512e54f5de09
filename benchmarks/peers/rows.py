"""The seven English tasks as plain rows, read from a mirror: no network, and the same texts for every peer."""

from __future__ import annotations

import gzip
import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

FOLDERS = {
    "STS12": "sts12-sts",
    "STS13": "sts13-sts",
    "STS14": "sts14-sts",
    "STS15": "sts15-sts",
    "STS16": "sts16-sts",
    "STSBenchmark": "stsbenchmark-sts",
    "SICK-R": "sickr-sts",
}


def arguments() -> Namespace:
    """What every peer is given: a folder with the model, the mirror, the number of pairs a task (0: all), and which file of it is run."""
    parser = ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--backend", default="torch", choices=("torch", "openvino", "onnx"))
    parser.add_argument("--file", help="the weights that the backend runs, within the folder")
    return parser.parse_args()


def read(mirror: Path, task: str, limit: int) -> list[dict[str, Any]]:
    """The test rows of a task: sentence1, sentence2, score."""
    with gzip.open(mirror / "mteb" / FOLDERS[task] / "test.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if limit and limit < len(rows):  # the rows that `stsbench run --limit` takes
        rows = [rows[place] for place in sorted({round(step * (len(rows) - 1) / (limit - 1)) for step in range(limit)})]
    return [{name: row[name] for name in ("sentence1", "sentence2", "score")} for row in rows]
