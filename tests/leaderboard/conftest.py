"""Record files as a board holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stsbench.contracts.boards.board import BoardSpec, SystemSpec
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile


def make_spec(**values: Any) -> BoardSpec:
    defaults: dict[str, Any] = {
        "name": "board",
        "title": "A board",
        "benchmarks": ("sts-english",),
        "protocol": "mteb",
        "system": (SystemSpec(encoder="wordllama"),),
    }
    return BoardSpec(**(defaults | values))


def make_record(figure: float | None = 0.5, *, view: str = "sentence", similarity: str | None = "stsbench/cosine", **values: Any) -> Record:
    metrics = (
        {"figures": dict.fromkeys(("spearman", "pearson", "kendall"), figure)}
        if figure is not None
        else {"status": "undefined", "reason": "none"}
    )
    defaults: dict[str, Any] = {"split": "*", "subset": "*", "n": 10, "status": "ok", "digest": "d" * 32, "key": "k", "source": "mirror"}
    names = {"view": view, "similarity": similarity, "signature": f"stsbench|view={view}"}
    return Record(**(defaults | names | metrics | values))


def make_file(encoder: str, benchmark: str, *records: Record, fingerprint: str = "", **values: Any) -> RecordFile:
    entry = {"ref": f"stsbench/{benchmark}", "name": benchmark, "protocol": "mteb", "aggregation": "mean", "languages": ("eng",)}
    return RecordFile(
        encoder=EncoderEntry(ref=f"dist/{encoder}", label=encoder, fingerprint=fingerprint or f"{encoder:0<32}", facts={}),
        benchmark=BenchmarkEntry(**(entry | values)),
        records=records or (make_record(),),
    )


@pytest.fixture
def spec() -> Callable[..., BoardSpec]:
    return make_spec


@pytest.fixture
def record() -> Callable[..., Record]:
    return make_record


@pytest.fixture
def record_file() -> Callable[..., RecordFile]:
    return make_file
