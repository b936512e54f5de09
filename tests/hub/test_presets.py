"""Presets of known models, from the command line and a hub that holds one of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hub.test_models import minilm  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from tests.hub.conftest import Done, Hub

NAME, COMMIT = "sentence-transformers/all-MiniLM-L6-v2", "8b3219a92973c328a8e22fadcfa821b5dc75636a"


@pytest.fixture
def held(hub: Hub, minilm: dict[str, bytes | Path]) -> Hub:  # noqa: F811
    """A hub that holds the model at the commit that its preset names, and another one since."""
    hub.hold("models", NAME, COMMIT, minilm)
    hub.hold("models", NAME, "b" * 40, minilm)
    return hub


@pytest.mark.slow
def test_a_preset_is_kept_under_what_it_stands_for_and_says_whether_it_is_as_published(
    held: Hub, stsbench: Callable[..., Done], tmp_path: Path
) -> None:
    mirror = os.environ.get("STSBENCH_MIRROR")
    benchmarks = ("mini", *(["STSBenchmark"] if mirror else []))
    asked = [f"--encoder=preset:{NAME}", "--similarity=cosine", *(f"--benchmark={one}" for one in benchmarks), "--results=results"]
    done = stsbench(*asked, *([f"--mirror={mirror}"] if mirror else []))
    assert done.code == 0
    assert f"all-MiniLM-L6-v2,prompt=mteb,revision={COMMIT} as published: unverified on mini" in " ".join(done.out.split())
    files = [json.loads(path.read_text()) for path in (tmp_path / "results").rglob("*.json")]
    assert {file["encoder"]["ref"] for file in files} == {
        f"stsbench-sentence-transformers/sentence-transformers:{NAME},prompt=mteb,revision={COMMIT}"
    }
    said = {file["benchmark"]["name"]: file["provenance"]["published.sentence"] for file in files}
    assert said["mini"] == "unverified"
    if mirror:
        source = f"embeddings-benchmark/results, {COMMIT}"
        assert said["STSBenchmark"] == f"yes: 82.03, published 82.03 ({source})"


def test_a_preset_whose_revision_is_gone_is_one_sentence(
    hub: Hub,
    minilm: dict[str, bytes | Path],  # noqa: F811
    stsbench: Callable[..., Done],
) -> None:
    hub.hold("models", NAME, "b" * 40, minilm)
    done = stsbench(f"--encoder=preset:{NAME}", "--similarity=cosine")
    assert done.sentence == (f"model {NAME!r} has no revision {COMMIT!r} on the hub; give one of its branches, tags or 40-digit commits")
