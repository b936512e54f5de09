"""Poolings of decoders and prompts that are left out of them, on either side of padding, against sentence-transformers' own Pooling."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_transformers.encoder import Bert
from stsbench_transformers.views import Pooling

from stsbench.plugin import Location

from .build import build
from .case import Case

pytestmark = pytest.mark.slow  # models are made, and loaded by three libraries

TEXTS = (
    "A man is playing a guitar.",
    "Nobody came.",
    "",
    "The captain counted the passengers, and the river behind the mill was white. " * 3,
)
PROMPT = "Query: who repaired the bridge? "
MODES = "cls max mean mean_sqrt_len_tokens weightedmean lasttoken"  # in the order in which the library puts them side by side
OURS: tuple[Pooling, ...] = ("cls", "max", "mean", "mean-sqrt-length", "weighted-mean", "last-token")


def cases() -> list[Any]:
    """Families, each with a special token at the end of texts or none, prompts pooled or left out, sides: some always, all in campaigns."""
    families = (("llama", True), ("llama", False), ("qwen3", False))
    always = {("llama", True, True, "left"), ("llama", False, False, "right"), ("qwen3", False, True, "left")}
    every = [(*family, left_out, side) for family, left_out, side in product(families, (True, False), ("left", "right"))]
    return [pytest.param(*one, marks=() if one in always else pytest.mark.campaign) for one in every]


@pytest.mark.parametrize(("family", "ending", "left_out", "side"), cases())
def test_both_encoders_pool_as_the_library_does(
    family: str, ending: bool, left_out: bool, side: str, tmp_path: Path, cache: str, locate: Callable[[Path], Location]
) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    from sentence_transformers import SentenceTransformer

    settings = {"padding_side": side, **({"add_eos_token": True} if ending else {})}
    folder = build(Case(family, family, (f"pooling {MODES}{' no-prompt' * left_out}",), tokenizer=settings), tmp_path)
    library = SentenceTransformer(str(folder), device="cpu")
    assert library.tokenizer.padding_side == side
    texts = [text for text in TEXTS if text or not left_out or ending]  # of a text with nothing left, the library's maximum is no number
    together = library.encode(texts, prompt=PROMPT, show_progress_bar=False)
    backends: tuple[Literal["torch", "openvino"], ...] = ("torch", "openvino")
    for backend in backends:
        sentences = SentenceEncoder(locate(folder), backend=backend, device="cpu", cache_dir=cache)
        states = Bert(locate(folder), backend=backend, device="cpu", cache_dir=cache, pooling=OURS, include_prompt=not left_out)
        for given in (texts, texts[1:2]):
            expected = together if given is texts else together[1:2]
            rows = sentences.encode(given, views=("sentence",), prompt=PROMPT).vectors["sentence"]
            np.testing.assert_allclose(rows, expected, atol=1e-5)
            views = states.encode(given, views=states.views, prompt=PROMPT).vectors
            np.testing.assert_allclose(np.concatenate([views[f"{name}@2"] for name in OURS], axis=1), expected, atol=1e-5)
        assert sentences.provenance["backend"] == states.provenance["backend"] == backend


@pytest.mark.parametrize("left_out", [True, pytest.param(False, marks=pytest.mark.campaign)])
@pytest.mark.parametrize(("family", "ending"), [("bert", False), ("llama", True), ("llama", False), ("qwen3", False)])
def test_a_special_token_that_a_prompt_spells_out_is_what_the_library_takes_it_for(
    family: str, ending: bool, left_out: bool, tmp_path: Path, cache: str, locate: Callable[[Path], Location]
) -> None:
    from sentence_transformers import SentenceTransformer

    settings = {"add_eos_token": True} if ending else {}
    folder = build(Case(family, family, (f"pooling mean{' no-prompt' * left_out}",), tokenizer=settings), tmp_path)
    library = SentenceTransformer(str(folder), device="cpu")
    sentences = SentenceEncoder(locate(folder), device="cpu", cache_dir=cache)
    texts = [text for text in TEXTS if text]
    for token in (library.tokenizer.all_special_tokens[0], library.tokenizer.all_special_tokens[-1]):
        for prompt in (f"Query: {token}", f"{token} query: ", token):
            rows = sentences.encode(texts, views=("sentence",), prompt=prompt).vectors["sentence"]
            np.testing.assert_allclose(rows, library.encode(texts, prompt=prompt, show_progress_bar=False), atol=1e-5, err_msg=prompt)


@pytest.mark.parametrize(
    ("family", "ending", "left_out", "another"),
    [
        ("bert", False, True, False),
        ("llama", True, True, False),
        ("llama", False, False, False),
        ("llama", False, True, True),
        ("qwen3", False, True, True),
    ],
)
def test_vectors_kept_before_such_a_token_was_pooled_are_not_taken_for_those_of_now(
    family: str, ending: bool, left_out: bool, another: bool, tmp_path: Path, cache: str, locate: Callable[[Path], Location]
) -> None:
    settings = {"add_eos_token": True} if ending else {}
    folder = build(Case(family, family, (f"pooling mean{' no-prompt' * left_out}",), tokenizer=settings), tmp_path)
    sentences = SentenceEncoder(locate(folder), device="cpu", cache_dir=cache)
    states = Bert(locate(folder), device="cpu", cache_dir=cache, include_prompt=not left_out)
    for encoder in (sentences, states):
        assert ("prompt_end" in dict(encoder.fingerprint.fields)) is another, "others keep the identity that they had"


def test_of_a_text_that_is_all_prompt_nothing_is_pooled(tmp_path: Path, cache: str, locate: Callable[[Path], Location]) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    location = locate(build(Case("qwen3", "qwen3", ()), tmp_path))
    backends: tuple[Literal["torch", "openvino"], ...] = ("torch", "openvino")
    for backend in backends:
        encoder = Bert(location, backend=backend, device="cpu", cache_dir=cache, pooling=OURS, include_prompt=False)
        vectors = encoder.encode(["", "Nobody came."], views=encoder.views, prompt=PROMPT).vectors
        assert {name: bool(rows[0].any()) for name, rows in vectors.items()} == {f"{name}@2": name == "cls" for name in OURS}
        assert all(rows[1].any() for rows in vectors.values())


def test_a_prompt_that_is_left_out_is_part_of_the_identity(tmp_path: Path, locate: Callable[[Path], Location]) -> None:
    location = locate(build(Case("qwen3", "qwen3", ()), tmp_path))
    with_prompt, without = (Bert(location, include_prompt=one) for one in (True, False))
    assert with_prompt.fingerprint != without.fingerprint
    assert without.decided["prompt"] == "left out of the pooling"
    assert "prompt" not in with_prompt.decided
