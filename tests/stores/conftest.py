"""Record files and scores to store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile


def make_record(**values: Any) -> Record:
    defaults: dict[str, Any] = {
        "split": "test",
        "subset": "default",
        "view": "sentence",
        "similarity": "stsbench/cosine",
        "n": 4,
        "status": "ok",
        "key": "k1",
        "signature": "stsbench|benchmark=stsbench/STS12",
        "digest": "d" * 32,
        "exponent": 0,
    }
    if values.get("status", "ok") == "ok":
        figures = {"spearman": 0.8, "pearson": 0.7, "kendall": 0.6}
        defaults["figures"] = {name: values.pop(name, figure) for name, figure in figures.items()}
    else:
        defaults |= {"reason": "it broke"}
    return Record(**(defaults | values))


def make_file(*records: Record, label: str = "wordllama", fingerprint: str = "f" * 32, **benchmark: Any) -> RecordFile:
    entry = {"ref": "stsbench/STS12", "name": "STS12", "protocol": "mteb", "aggregation": "mean", "languages": ("eng",)}
    return RecordFile(
        encoder=EncoderEntry(ref="stsbench-wordllama/wordllama", label=label, fingerprint=fingerprint, facts={"dim": "256"}),
        benchmark=BenchmarkEntry(**(entry | benchmark)),
        records=records or (make_record(), make_record(split="*", subset="*", key="a1", exponent=None)),
        provenance={"date": "2026-01-01", "numpy": "2.0"},
    )


@pytest.fixture
def record() -> Callable[..., Record]:
    return make_record


@pytest.fixture
def record_file() -> Callable[..., RecordFile]:
    return make_file


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Every file under a folder but its lock, by name."""
    return lambda root: {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".stsbench" not in path.parts
    }
