"""Every checkpoint of the matrix on every backend against sentence-transformers itself, each text alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder

from stsbench.plugin import Location, StsbenchError

from .build import build
from .case import Case
from .cases import CASES
from .expected import assert_close, encode_alone
from .page import TEXTS
from .sample import SAMPLE, parametrized

pytestmark = [
    pytest.mark.slow,  # each checkpoint is made, loaded and run by every backend
    pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]"),
]

VIEW = ("sentence",)
BACKENDS = ("auto", "openvino", "torch", "library")
RUNS = {  # what runs a case on each of BACKENDS, by what its row says of `auto`; nothing where it is refused
    "graph": ("openvino", "openvino", "torch", "sentence_transformers"),
    "traced": ("openvino", "openvino", "torch", "sentence_transformers"),
    "torch": ("torch", "", "torch", "sentence_transformers"),
    "library": ("sentence_transformers", "", "", "sentence_transformers"),
    "refused": ("", "", "", ""),
}


@pytest.mark.parametrize("case", parametrized(CASES))
def test_every_backend_gives_the_librarys_vectors_or_says_why_not(
    case: Case, tmp_path: Path, cache: str, locate: Callable[[Path], Location]
) -> None:
    folder = build(case, tmp_path)
    location = locate(folder)
    expected = encode_alone(folder) if case.by != "refused" else []
    for backend, by in zip(BACKENDS, RUNS[case.by], strict=True):
        options: dict[str, Any] = {"backend": backend, "device": "cpu", "cache_dir": cache, "batch_tokens": 100_000, "batch_size": 5}
        if not by:
            with pytest.raises(StsbenchError, match=case.why):
                SentenceEncoder(location, **options).encode(TEXTS, views=VIEW)
            continue
        encoder = SentenceEncoder(location, **options)
        together = encoder.encode(TEXTS, views=VIEW).vectors["sentence"]
        name, _, reason = encoder.provenance["backend"].partition(",")
        assert name == by
        if backend == "auto":
            assert re.search(case.why, reason or encoder.provenance.get("backend.why", ""))
        assert_close(together, expected, f"{backend}, all texts at once")
        alone = np.concatenate([encoder.encode([text], views=VIEW).vectors["sentence"] for text in TEXTS])
        assert_close(alone, expected, f"{backend}, each text alone")
        encoder.close()


def test_the_table_is_as_large_as_it_has_to_be() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 60


def test_the_sample_holds_each_kind_of_state_of_either_encoder() -> None:
    sample = [case for case in CASES if case.name in SAMPLE]
    assert len(sample) == len(SAMPLE)
    assert {case.by for case in sample} == {case.by for case in CASES}
    assert {case.states for case in sample} == {case.states for case in CASES}
    assert {case.family for case in sample} >= {"", "bert", "roberta", "xlm-roberta"}
