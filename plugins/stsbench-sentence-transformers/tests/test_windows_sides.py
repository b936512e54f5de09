"""Texts longer than sparse and multi-vector models read: the library window by window, pooled by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from stsbench_sentence_transformers.multivector import MultiVector
from stsbench_sentence_transformers.sparse import SparseTexts
from stsbench_sentence_transformers.windows import Windows

from stsbench.builtin.similarities.tokensets import maxsim_sum
from stsbench.plugin import Embeddings, Location, OptionError

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks")  # of the library alone

SHORT = ["the cat sat on the mat", "a dog", "", "a cat , a dog . the mat"]
FIRST = "the cat sat on the mat , dog"  # of 27 tokens in three windows nine are the first third, the last of them within a word
SECOND = "catmat on a cat . the dog sat !"
THIRD = "on the mat a cat sat , the dog"
LONG = f"  {FIRST} {SECOND}\n\n{THIRD} "


Locate = Callable[[Path], Location]
Save = Callable[..., Path]


def dense(rows: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(rows.to_dense() if hasattr(rows, "to_dense") else rows.toarray(), dtype=np.float32)


def cut_of(embeddings: Embeddings) -> list[bool]:
    """Which texts were cut."""
    assert embeddings.truncated is not None
    return [bool(cut) for cut in embeddings.truncated]


@pytest.mark.parametrize(("how", "prompt"), [("max", ""), ("mean", ""), ("max", "query : ")])
def test_a_sparse_vector_of_a_long_text_is_that_of_its_windows(splade: Save, locate: Locate, how: Any, prompt: str) -> None:
    from sentence_transformers import SparseEncoder

    folder = splade()
    model: Any = SparseEncoder(str(folder), device="cpu")
    model[0].max_seq_length = limit = 12 + 2 * bool(prompt)
    encoder, cut = SparseTexts(locate(folder), windows=how), SparseTexts(locate(folder))
    for each in (encoder, cut):
        each.loaded[0].max_seq_length = limit
    plain = cut.encode([*SHORT, LONG], views=("sentence",), prompt=prompt)
    whole = encoder.encode([*SHORT, LONG], views=("sentence",), prompt=prompt)
    assert cut_of(plain) == [False] * 4 + [True]
    assert not any(cut_of(whole))
    rows = whole.sparse["sentence"]
    short, same = (one.encode(SHORT, views=("sentence",), prompt=prompt).sparse["sentence"] for one in (encoder, cut))
    assert (short != same).nnz == 0, "texts that fit have the vectors that they have without windows"
    windows = dense(model.encode([FIRST, SECOND, THIRD], prompt=prompt))
    expected = windows.max(axis=0) if how == "max" else np.average(windows, axis=0, weights=[8, 10, 9])
    np.testing.assert_allclose(dense(rows)[4], expected, rtol=0, atol=1e-5)
    assert np.abs(dense(rows)[4] - dense(plain.sparse["sentence"])[4]).max() > 0.01


def test_a_document_of_late_interaction_has_the_tokens_of_all_its_windows(colbert: Save, locate: Locate) -> None:
    import torch
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.util import maxsim_pairwise

    folder = colbert()
    encoder, cut = MultiVector(locate(folder), windows=True), MultiVector(locate(folder))
    model = MultiVectorEncoder(str(folder), device="cpu")
    plain, whole = (one.encode([*SHORT, LONG], views=("tokens",), prompt="<document>passage : ") for one in (cut, encoder))
    assert cut_of(plain) == [False] * 4 + [True]
    assert not any(cut_of(whole))
    short, same = (one.encode(SHORT, views=("tokens",), prompt="<document>passage : ").tokens["tokens"] for one in (encoder, cut))
    assert short.values.tobytes() == same.values.tobytes()
    assert short.offsets.tolist() == same.offsets.tolist()
    expected = np.concatenate([rows.numpy() for rows in model.encode_document([FIRST, SECOND, THIRD])])
    given = whole.tokens["tokens"].take(np.array([4]))
    np.testing.assert_allclose(given.values, expected, rtol=0, atol=1e-5)
    mine, before = (one.encode([*SHORT, LONG], views=("tokens",), prompt="<query>query : ") for one in (encoder, cut))
    assert mine.tokens["tokens"].values.tobytes() == before.tokens["tokens"].values.tobytes(), "queries stay as they are"
    assert cut_of(mine) == cut_of(before) == [False] * 3 + [False, True]
    score = maxsim_sum().score(mine.tokens["tokens"].take(np.array([0])), given)
    assert score == pytest.approx(maxsim_pairwise(model.encode_query(SHORT[:1]), [torch.tensor(expected)]).numpy(), abs=1e-5)


@pytest.mark.parametrize("text", ["cat " + "cat" + "mat" * 40 + " dog", "dog " * 100, "catmat " * 50, "the cat " * 9 + "mat" * 20])
def test_windows_hold_every_word_once_and_none_is_cut(splade: Save, text: str, locate: Locate) -> None:
    encoder = SparseTexts(locate(splade()), windows="max")
    windows = encoder._divide([text, "a dog"], "query : ", None)
    assert windows.offsets.tolist() == [0, len(windows.texts) - 1, len(windows.texts)]
    assert "".join(windows.texts[:-1]).replace(" ", "") == text.replace(" ", "")
    tokens = [len(encoder.loaded.tokenizer("query : " + window)["input_ids"]) for window in windows.texts]
    assert max(tokens) <= 20
    assert windows.tokens.tolist() == [count - 4 for count in tokens]
    if " " in text.strip() and "matmat" not in text:
        assert all(word in ("dog", "catmat") for window in windows.texts[:-1] for word in window.split()), "words are whole"


def test_a_long_text_of_spaces_alone_is_one_empty_window() -> None:
    """Some tokenizers have tokens of them."""

    def encode(text: str) -> Any:
        size = len(text)
        places = [(place, place + 1) for place in range(size)]
        return SimpleNamespace(ids=[0] * size, offsets=places, word_ids=[*range(size)], special_tokens_mask=[0] * size)

    windows = Windows.of(["a", "\n" * 9, "b"], "p", 4, encode)
    assert (windows.texts, windows.offsets.tolist()) == (("a", "", "b"), [0, 1, 2, 3])
    rows = csr_array(np.diag(np.array([2, 3, 4], dtype=np.float32)))
    assert windows.join(rows, "max").toarray().tolist() == rows.toarray().tolist()


def test_what_no_window_can_hold_is_refused(splade: Save, colbert: Save, locate: Locate) -> None:
    encoder = SparseTexts(locate(splade()), windows="max")
    with pytest.raises(
        OptionError, match="a window has room for 0 tokens beside the special ones and the prompt, too few; shorten the prompt"
    ):
        encoder.encode(["a dog"], views=("sentence",), prompt="cat " * 30)
    with pytest.raises(OptionError, match="windows are of documents, and side=query makes queries of all texts"):
        MultiVector(locate(colbert()), side="query", windows=True)
