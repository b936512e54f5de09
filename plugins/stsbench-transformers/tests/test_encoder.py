"""The encoder against an independent computation, and what it promises of order, batches, prompts and truncation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from stsbench_transformers.encoder import Bert
from stsbench_transformers.views import Pooling

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
States = tuple[Float32, Float32, Any]  # of a text: every layer's, the pooler's, and its ids
ALL_POOLINGS: tuple[Pooling, ...] = (
    "cls",
    "mean",
    "max",
    "mean-sqrt-length",
    "pooler",
    "first-last",
    "first1-last",
    "last-two",
    "last-four",
)


def cut(embeddings: Embeddings) -> list[bool]:
    """Which texts the encoder says it cut; it has to be able to tell."""
    assert embeddings.truncated is not None
    marks: list[bool] = embeddings.truncated.tolist()
    return marks


@pytest.fixture(scope="module")
def encoder(minilm: Location) -> Bert:
    return Bert(minilm, pooling=ALL_POOLINGS, layers=(0, 3, -1))


@pytest.fixture(scope="module")
def embeddings(encoder: Bert) -> Embeddings:
    return encoder.encode(TEXTS, views=(*encoder.views, *encoder.token_views))


@pytest.fixture(scope="module")
def hidden_states(minilm: Location) -> list[States]:
    """Every text alone through transformers: (layers + 1, t, d), the pooler's output, ids."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(minilm.path)
    model = AutoModel.from_pretrained(str(minilm.path), output_hidden_states=True).eval()

    def run(text: str) -> States:
        inputs = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            output = model(**inputs)
        return np.stack([state[0].numpy() for state in output.hidden_states]), output.pooler_output[0].numpy(), inputs["input_ids"][0]

    return [run(text) for text in TEXTS]


def expected(view: str, states: Float32, pooled: Float32) -> Float32:
    if view == "pooler":
        return pooled
    pooling, _, layers = view.partition("@")
    hidden = np.mean([states[int(layer)] for layer in layers.split(":")], axis=0)
    pools: dict[str, Callable[[], Float32]] = {
        "cls": lambda: hidden[0],
        "mean": lambda: hidden.mean(axis=0),
        "max": lambda: hidden.max(axis=0),
        "mean-sqrt-length": lambda: hidden.sum(axis=0) / np.sqrt(len(hidden)),
        "tokens": lambda: hidden,
    }
    return pools[pooling]()


def test_it_is_an_encoder_with_canonical_views(encoder: Bert) -> None:
    assert lacking(encoder) == []
    assert encoder.views[:3] == ("cls@0", "cls@3", "cls@6")
    assert encoder.views[-5:] == ("pooler", "mean@0:6", "mean@1:6", "mean@5:6", "mean@3:4:5:6")
    assert encoder.token_views == ("tokens@0", "tokens@3", "tokens@6", "tokens@0:6", "tokens@1:6", "tokens@5:6", "tokens@3:4:5:6")


def test_vectors_equal_those_of_each_text_alone_in_transformers(encoder: Bert, embeddings: Embeddings, hidden_states: list[States]) -> None:
    assert set(embeddings.vectors) == set(encoder.views)
    for view, vectors in embeddings.vectors.items():
        assert vectors.dtype == np.float32
        assert vectors.flags.c_contiguous
        for row, (states, pooled, _) in enumerate(hidden_states):
            np.testing.assert_allclose(vectors[row], expected(view, states, pooled), atol=1e-5, err_msg=f"{view}, text {row}")


def test_tokens_equal_those_of_each_text_alone_in_transformers(encoder: Bert, embeddings: Embeddings, hidden_states: list[States]) -> None:
    assert set(embeddings.tokens) == set(encoder.token_views)
    for view, tokens in embeddings.tokens.items():
        for row, (values, (states, pooled, ids)) in enumerate(zip(tokens, hidden_states, strict=True)):
            np.testing.assert_allclose(values, expected(view, states, pooled), atol=1e-5, err_msg=f"{view}, text {row}")
            assert tokens.ids[tokens.offsets[row] : tokens.offsets[row + 1]].tolist() == ids.tolist()


def test_tokens_say_which_pieces_they_are_and_which_are_special(embeddings: Embeddings) -> None:
    tokens = embeddings.tokens["tokens@6"]
    inside = slice(tokens.offsets[0], tokens.offsets[1])
    assert [tokens.pieces[one] for one in tokens.ids[inside].tolist()] == [
        "[CLS]",
        "a",
        "man",
        "is",
        "playing",
        "a",
        "guitar",
        ".",
        "[SEP]",
    ]
    assert tokens.special[inside].tolist() == [True, *[False] * 7, True]
    assert tokens.lengths[2] == 2  # an empty text: [CLS] and [SEP]
    assert tokens.content().lengths[2] == 0


def test_nine_views_come_from_one_forward_pass_a_batch(minilm: Location) -> None:
    encoder = Bert(minilm, pooling=("cls", "mean", "max"), layers=(0, 3, -1), batch_tokens=16, backend="torch")
    passes = []
    encoder.backbone.model.register_forward_hook(lambda _module, _inputs, output: passes.append(len(output.last_hidden_state)))
    assert len(encoder.views) == 9
    embeddings = encoder.encode(TEXTS, views=encoder.views)
    assert len(embeddings.vectors) == 9
    assert sum(passes) == len(set(TEXTS)) - 1  # each distinct text once; the empty one and the blank one are the same tokens
    assert len(passes) > 1
    passes.clear()
    encoder.encode(TEXTS, views=("mean@6",))
    one_view = len(passes)
    passes.clear()
    encoder.encode(TEXTS, views=encoder.views)
    assert len(passes) == one_view


def test_inner_layers_are_kept_only_if_a_view_needs_them(minilm: Location) -> None:
    encoder = Bert(minilm, layers=(3, -1), backend="torch")
    kept = []
    encoder.backbone.model.register_forward_hook(lambda _module, _inputs, output: kept.append(output.hidden_states is not None))
    last = encoder.encode(TEXTS, views=("mean@6",)).vectors["mean@6"]
    both = encoder.encode(TEXTS, views=("mean@6", "mean@3")).vectors["mean@6"]
    assert kept == [False, True]
    assert np.array_equal(last, both)


def test_the_order_of_texts_changes_nothing(encoder: Bert, embeddings: Embeddings) -> None:
    order = [5, 0, 7, 2, 4, 6, 1, 3]
    shuffled = encoder.encode([TEXTS[row] for row in order], views=("mean@6", "cls@0", "tokens@6"))
    for view in ("mean@6", "cls@0"):
        assert np.array_equal(shuffled.vectors[view], embeddings.vectors[view][order])
    again = embeddings.tokens["tokens@6"].take(np.array(order))
    assert np.array_equal(shuffled.tokens["tokens@6"].values, again.values)
    assert np.array_equal(shuffled.tokens["tokens@6"].ids, again.ids)


def test_the_same_text_gets_the_same_vector(embeddings: Embeddings) -> None:
    for vectors in embeddings.vectors.values():
        assert np.array_equal(vectors[0], vectors[4])


def test_one_at_a_time_equals_a_batch(encoder: Bert, embeddings: Embeddings) -> None:
    alone = np.concatenate([encoder.encode([text], views=("mean@6",)).vectors["mean@6"] for text in TEXTS])
    np.testing.assert_allclose(alone, embeddings.vectors["mean@6"], atol=1e-5)


def test_a_small_batch_gives_the_same_as_a_large_one(minilm: Location, embeddings: Embeddings) -> None:
    small = Bert(minilm, batch_tokens=1, threads=1).encode(TEXTS, views=("mean@6", "tokens@6"))
    np.testing.assert_allclose(small.vectors["mean@6"], embeddings.vectors["mean@6"], atol=1e-5)
    np.testing.assert_allclose(small.tokens["tokens@6"].values, embeddings.tokens["tokens@6"].values, atol=2e-5)


def test_threads_are_given_back(minilm: Location) -> None:
    import torch

    before = torch.get_num_threads()
    Bert(minilm, threads=before + 1).encode(["a"], views=("mean@6",))
    assert torch.get_num_threads() == before


def test_an_empty_list_gives_no_rows(encoder: Bert) -> None:
    embeddings = encoder.encode([], views=("mean@6", "pooler", "tokens@0"))
    assert embeddings.vectors["mean@6"].shape == embeddings.vectors["pooler"].shape == (0, 384)
    assert embeddings.tokens["tokens@0"].values.shape == (0, 384)
    assert len(embeddings.tokens["tokens@0"]) == 0
    assert cut(embeddings) == []


def test_texts_that_are_cut_are_marked(minilm: Location) -> None:
    encoder = Bert(minilm, max_length=8)
    fits, long, short = "one two three four five six", "one two three four five six seven", "one"
    embeddings = encoder.encode([fits, long, short], views=("mean@6", "tokens@6"))
    assert cut(embeddings) == [False, True, False]
    assert embeddings.tokens["tokens@6"].lengths.tolist() == [8, 8, 3]
    np.testing.assert_allclose(embeddings.vectors["mean@6"][0], embeddings.vectors["mean@6"][1], atol=1e-6)


def test_the_limit_is_the_tokenizer_s_unless_given(minilm: Location) -> None:
    encoder = Bert(minilm)
    assert encoder.work.limit == 512
    embeddings = encoder.encode(["word " * 510, "word " * 511], views=("tokens@6",))
    assert cut(embeddings) == [False, True]
    assert embeddings.tokens["tokens@6"].lengths.tolist() == [512, 512]


def test_a_limit_without_room_for_a_text_is_refused(minilm: Location) -> None:
    with pytest.raises(OptionError, match="'max_length' leaves no room for a text"):
        Bert(minilm, max_length=2).encode(["a"], views=("mean@6",))


def test_a_prompt_stands_before_every_text(encoder: Bert, embeddings: Embeddings) -> None:
    prompted = encoder.encode(TEXTS, views=("mean@6",), prompt="query: ").vectors["mean@6"]
    written = encoder.encode([f"query: {text}" for text in TEXTS], views=("mean@6",)).vectors["mean@6"]
    assert np.array_equal(prompted, written)
    assert np.abs(prompted - embeddings.vectors["mean@6"]).max(axis=1).min() > 1e-3


def test_a_view_that_was_not_chosen_is_refused(encoder: Bert) -> None:
    with pytest.raises(OptionError, match="built without the view 'max@5'; it has cls@0, "):
        encoder.encode(TEXTS, views=("max@5",))


def test_provenance_is_known_once_the_model_is_loaded(minilm: Location) -> None:
    encoder = Bert(minilm, device="cpu", backend="torch")
    assert encoder.provenance == {}
    encoder.encode(["a"], views=encoder.views)
    assert set(encoder.provenance) == {"backend", "device", "torch", "transformers"}
    assert encoder.provenance["device"] == "cpu"
    encoder.close()
    assert encoder.provenance == {}


def test_sizes_of_a_view_are_cut_from_one_forward_pass(minilm: Location) -> None:
    encoder = Bert(minilm, view=("mean@6", "mean@6/64", "mean@6/128", "mean@6/256", "cls@6/64"), backend="torch")
    encoder.prepare()
    passes: list[int] = []
    encoder.backbone.model.register_forward_hook(lambda *_: passes.append(1))
    vectors = encoder.encode(TEXTS, views=encoder.views).vectors
    assert len(passes) == 1
    for view, rows in vectors.items():
        whole, _, size = view.partition("/")
        assert rows.flags.c_contiguous
        if whole in vectors:
            np.testing.assert_array_equal(rows, vectors[whole][:, : int(size or 384)], strict=True)
    assert vectors["cls@6/64"].shape == (len(TEXTS), 64)
