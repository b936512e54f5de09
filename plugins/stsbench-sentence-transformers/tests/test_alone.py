"""What the library pads, on whichever side, changes no text's vector and no pair's score."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_sentence_transformers.crossing import CrossScorer
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_sentence_transformers.running.alone import spread, try_texts

from stsbench.plugin import Float32, Location

TEXTS = ["not", "a man plays .", "the dogs eats the cat", "a dog eats", "the cat is not the dog . a man eats", "a man is not a dog ."]
SIZES: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "initializer_range": 1.0,
}


def save_base(folder: Path, words: list[str], family: str, *, labels: int = 0) -> Path:
    """A random model whose tokenizer pads on the left."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        BertModel,
        BertTokenizer,
        FNetConfig,
        FNetModel,
        GPT2Config,
        GPT2Model,
    )

    made: dict[str, Callable[[], Any]] = {
        "bert": lambda: BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, **SIZES)),
        "gpt2": lambda: GPT2Model(
            GPT2Config(
                vocab_size=len(words), n_embd=16, n_layer=2, n_head=2, n_positions=64, bos_token_id=2, eos_token_id=3, initializer_range=1.0
            )
        ),
        "fnet": lambda: FNetModel(
            FNetConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=2, intermediate_size=32, max_position_embeddings=64)
        ),
        "cross": lambda: BertForSequenceClassification(
            BertConfig(vocab_size=len(words), max_position_embeddings=64, **{**SIZES, "num_labels": labels})
        ),
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made[family]().save_pretrained(folder)
    vocabulary = {word: row for row, word in enumerate(words)}
    BertTokenizer(vocab=vocabulary, model_max_length=60, padding_side="left").save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("family", "pooling"), [("gpt2", "mean"), ("bert", "lasttoken"), ("fnet", "lasttoken"), ("bert", "weightedmean")])
def test_a_text_has_the_vector_that_it_has_alone(
    family: str, pooling: str, words: list[str], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    base = save_base(tmp_path / "base", words, family)
    model = SentenceTransformer(modules=[Transformer(str(base)), Pooling(16, pooling)], device="cpu")
    model.save_pretrained(str(tmp_path / "model"), create_model_card=False)
    alone = np.stack([model.encode(text) for text in TEXTS])
    assert np.abs(model.encode(TEXTS) - alone).max() > 1e-2  # which is why the library cannot be given them together
    for size in (1, 3, 32):
        encoder = SentenceEncoder(locate(tmp_path / "model"), backend="library", batch_size=size, device="cpu")
        together = encoder.encode(TEXTS, views=("sentence",)).vectors["sentence"]
        np.testing.assert_allclose(together, alone, atol=1e-5)
        batches = encoder.provenance.get("batches")
        assert batches == (None if size == 1 else "one length at a time, since padding changes the model's vectors")


def test_a_pair_has_the_score_that_it_has_alone(words: list[str], locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    folder = save_base(tmp_path / "cross", words, "cross", labels=1)
    oracle = CrossEncoder(str(folder), device="cpu")
    pairs = list(zip(TEXTS, reversed(TEXTS), strict=True))
    expected = [float(np.mean([oracle.predict([one])[0] for one in (pair, pair[::-1])])) for pair in pairs]
    for size in (2, 32):
        scorer = CrossScorer(locate(folder), batch_size=size, device="cpu")
        np.testing.assert_allclose(scorer.score(*zip(*pairs, strict=True)), expected, atol=1e-6)
        assert scorer.provenance["batches"].startswith("one length at a time")


def test_the_largest_batches_that_change_nothing_are_taken() -> None:
    def lengths(texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def padded(texts: list[str]) -> Float32:
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    def even(texts: list[str]) -> Float32:
        return np.array([[len(text), max(lengths(texts))] for text in texts], dtype=np.float32)

    def single(texts: list[str]) -> Float32:
        return np.array([[len(text), len("".join(texts))] for text in texts], dtype=np.float32)

    for run, packing in ((padded, "padded"), (even, "even"), (single, "single")):
        assert try_texts(run, lengths, "float32", {}) == packing
        vectors = spread(run, lengths, try_texts(run, lengths, "float32", {}), TEXTS)
        assert np.array_equal(vectors, np.concatenate([run([text]) for text in TEXTS]))
