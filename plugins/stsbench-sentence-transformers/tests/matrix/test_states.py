"""The encoder `bert` on the bare checkpoints of the matrix against plain AutoModel, each text alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Location, StsbenchError

from .build import build
from .case import Case
from .cases import CASES
from .expected import assert_close
from .page import TEXTS
from .sample import parametrized

pytestmark = [
    pytest.mark.slow,  # each checkpoint is made, loaded and run by every backend
    pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]"),
]

BACKENDS = ("auto", "openvino", "torch")
RUNS = {
    "graph": ("openvino", "openvino", "torch"),
    "traced": ("openvino", "openvino", "torch"),
    "torch": ("torch", "", "torch"),
    "refused": ("", "", ""),
}
BARE = [case for case in CASES if case.family and not case.modules and case.by != "refused"]


def pool_alone(folder: Path, limit: int | None) -> dict[str, list[Any]]:
    """Means of the first and the last layer's states of each text, None of a text without a token."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    means: dict[str, list[Any]] = {"first": [], "last": []}
    for text in TEXTS:
        ids = tokenizer(text, truncation=limit is not None, max_length=limit).input_ids
        with torch.inference_mode():
            output = model(input_ids=torch.tensor([ids]), output_hidden_states=True) if ids else None
        for name, states in zip(means, (output.hidden_states[0], output.last_hidden_state) if output else (None, None), strict=True):
            means[name].append(None if states is None else states[0].mean(dim=0).numpy())
    return means


@pytest.mark.parametrize("case", parametrized(BARE))
def test_states_are_those_of_transformers(case: Case, tmp_path: Path, cache: str, locate: Callable[[Path], Location]) -> None:
    folder = build(case, tmp_path)
    location = locate(folder)
    expected: dict[str, list[Any]] = {}
    for backend, by in zip(BACKENDS, RUNS[case.states or case.by], strict=True):
        options: dict[str, Any] = {"backend": backend, "layers": (0, -1), "device": "cpu", "cache_dir": cache, "batch_tokens": 100_000}
        if not by:
            why = "is an adapter" if case.why == "adapter" else r"cannot be converted|when it is converted|an encoder with a decoder"
            with pytest.raises(StsbenchError, match=why):
                Bert(location, **options).encode(TEXTS, views=("mean@0",))
            continue
        encoder = Bert(location, **options)
        expected = expected or pool_alone(folder, encoder.work.limit)
        embeddings = encoder.encode(TEXTS, views=encoder.views)
        assert encoder.provenance["backend"] == by
        for name, view in zip(("first", "last"), encoder.views, strict=True):
            assert_close(embeddings.vectors[view], expected[name], f"{backend}, {view}")
        encoder.close()
