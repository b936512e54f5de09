"""Tiny checkpoints of model2vec, written by the library itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORDS = ["[PAD]", "[UNK]", "man", "dog", "cat", "plays", "eats", "is", "the", "not", ".", "##s", "gui", "##tar", "naive"]
PIECES = [*WORDS, *"abcdefghijklmnopqrstuvwxyz", *(f"##{letter}" for letter in "abcdefghijklmnopqrtuvwxyz")]


def pieces_tokenizer() -> Tokenizer:
    """Word pieces, as most checkpoints have."""
    tokenizer = Tokenizer(models.WordPiece({piece: row for row, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    return tokenizer


def unigram_tokenizer() -> Tokenizer:
    """Pieces of a unigram model, as multilingual checkpoints have."""
    pieces = dict.fromkeys(piece.removeprefix("##") for piece in PIECES[2:])
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), *((piece, -1.0 - row) for row, piece in enumerate(pieces))], 0))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


def write(folder: Path, kind: str, **options: Any) -> Path:
    """Save one kind of checkpoint."""
    from model2vec import StaticModel, quantize_model

    tokenizer = unigram_tokenizer() if kind == "unigram" else pieces_tokenizer()
    size = tokenizer.get_vocab_size()
    random = np.random.default_rng(0)
    vectors = random.normal(size=(size, 12)).astype(np.float32)
    model = StaticModel(vectors, tokenizer, normalize=kind == "normalised", **options)
    if kind in ("float16", "int8", "float64"):
        model = quantize_model(model, quantize_to=kind)
    if kind.startswith("vocabulary"):  # a vector for each cluster of tokens, and for each token its cluster and its weight
        clusters = random.integers(0, 6, size).astype(np.int32)
        model = StaticModel(vectors[:6], tokenizer, weights=np.linalg.norm(vectors, axis=1), token_mapping=clusters)
        model = quantize_model(model, quantize_to=kind.partition("-")[2] or None)
    if kind == "weighted":
        model = StaticModel(vectors.astype(np.float16), tokenizer, weights=random.random(size), token_mapping=np.arange(size)[::-1].copy())
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a tiny checkpoint of a kind: to be read only."""

    def checkpoint(kind: str = "plain", **options: Any) -> Path:
        return write(tmp_path_factory.mktemp("static") / kind, kind, **options)

    return checkpoint
