"""The encoder against sentence-transformers itself and against mean pooling by `bert`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_transformers.encoder import Bert

from stsbench.host.capabilities import lacking
from stsbench.plugin import Embeddings, Float32, Location, OptionError

TEXTS = [
    "A man is playing a guitar.",
    "The cat sat on the mat, and it did not move for the rest of a long and quiet afternoon.",
    "",
    "Stocks fell 3.5 % on Monday.",
    "A man is playing a guitar.",
    "dog",
    "   ",
    "Ein Mädchen liest ein Buch; 日本語のテキスト.",
]


def vectors(encoder: SentenceEncoder, texts: Sequence[str] = TEXTS, **options: Any) -> Float32:
    (view,) = encoder.views
    return encoder.encode(texts, views=(view,), **options).vectors[view]


def cut(embeddings: Embeddings) -> list[bool]:
    """Which texts the encoder says it cut; it has to be able to tell."""
    assert embeddings.truncated is not None
    marks: list[bool] = embeddings.truncated.tolist()
    return marks


@pytest.fixture(scope="module")
def encoder(minilm: Location) -> SentenceEncoder:
    return SentenceEncoder(minilm, device="cpu")


@pytest.fixture(scope="module")
def embeddings(encoder: SentenceEncoder) -> Embeddings:
    return encoder.encode(TEXTS, views=encoder.views)


def test_it_is_an_encoder_with_one_view(encoder: SentenceEncoder, embeddings: Embeddings) -> None:
    assert lacking(encoder) == []
    assert (encoder.views, encoder.token_views) == (("sentence",), ())
    assert embeddings.vectors["sentence"].dtype == np.float32
    assert embeddings.vectors["sentence"].flags.c_contiguous
    assert cut(embeddings) == [False] * len(TEXTS)
    assert encoder.provenance["device"] == "cpu"
    assert encoder.provenance["max_length"] == "256"


def test_vectors_are_those_of_the_model_itself(minilm: Location, embeddings: Embeddings) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(minilm.path), device="cpu", local_files_only=True)
    alone = np.stack([model.encode(text, show_progress_bar=False) for text in TEXTS])
    np.testing.assert_allclose(embeddings.vectors["sentence"], alone, atol=1e-5)


def test_mean_pooling_by_bert_is_the_same(minilm: Location, embeddings: Embeddings) -> None:
    pooled = Bert(minilm).encode(TEXTS, views=("mean@6",)).vectors["mean@6"]
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
    np.testing.assert_allclose(embeddings.vectors["sentence"], pooled, atol=1e-6)


def test_the_order_of_texts_changes_nothing(encoder: SentenceEncoder, embeddings: Embeddings) -> None:
    order = [5, 0, 7, 2, 4, 6, 1, 3]
    assert np.array_equal(vectors(encoder, [TEXTS[row] for row in order]), embeddings.vectors["sentence"][order])
    assert np.array_equal(embeddings.vectors["sentence"][0], embeddings.vectors["sentence"][4])


def test_one_at_a_time_equals_a_batch(encoder: SentenceEncoder, embeddings: Embeddings) -> None:
    alone = np.concatenate([vectors(encoder, [text]) for text in TEXTS])
    np.testing.assert_allclose(alone, embeddings.vectors["sentence"], atol=1e-5)


def test_an_empty_list_gives_no_rows(minilm: Location, encoder: SentenceEncoder) -> None:
    nothing = encoder.encode([], views=("sentence",))
    assert nothing.vectors["sentence"].shape == (0, 384)
    assert cut(nothing) == []
    assert vectors(SentenceEncoder(minilm, truncate_dim=(32,)), []).shape == (0, 32)


def test_another_view_is_refused(encoder: SentenceEncoder) -> None:
    with pytest.raises(OptionError, match="no view 'mean@6'; it has sentence"):
        encoder.encode(TEXTS, views=("mean@6",))


def test_texts_that_are_cut_are_marked(minilm: Location, encoder: SentenceEncoder) -> None:
    fits, long = "word " * 254, "word " * 255  # and two special tokens: the model's own limit is 256
    assert cut(encoder.encode([fits, long], views=("sentence",))) == [False, True]
    short = SentenceEncoder(minilm, max_length=8)
    embeddings = short.encode(["one two three four five six", "one two three four five six seven"], views=("sentence",))
    assert cut(embeddings) == [False, True]
    first, second = embeddings.vectors["sentence"]
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_prompt_counts_when_texts_are_cut(minilm: Location) -> None:
    encoder = SentenceEncoder(minilm, max_length=8)
    assert cut(encoder.encode(["one two three four"], views=("sentence",))) == [False]
    assert cut(encoder.encode(["one two three four"], views=("sentence",), prompt="look here now ")) == [True]


def test_a_prompt_changes_vectors(encoder: SentenceEncoder, embeddings: Embeddings) -> None:
    prompted = vectors(encoder, prompt="query: ")
    np.testing.assert_allclose(prompted, vectors(encoder, [f"query: {text}" for text in TEXTS]), atol=1e-5)
    assert np.abs(prompted - embeddings.vectors["sentence"]).max(axis=1).min() > 1e-3


def test_bfloat16_is_computed_as_such_and_returned_as_float32(minilm: Location, embeddings: Embeddings) -> None:
    encoder = SentenceEncoder(minilm, dtype="bfloat16", backend="library")
    rough = vectors(encoder)
    assert {str(one.dtype) for one in encoder.library.model.parameters()} == {"torch.bfloat16"}
    assert rough.dtype == np.float32
    assert 1e-5 < np.abs(rough - embeddings.vectors["sentence"]).max() < 2e-2
