"""A tiny random model for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def make_tiny(words: list[str]) -> Callable[..., Path]:
    """Save a random BERT of two layers and 16 dimensions, with a tokenizer of 16 words, in a folder; `seed` chooses the weights."""

    def make(folder: Path, seed: int = 0, **options: object) -> Path:
        import torch
        from transformers import BertConfig, BertModel, BertTokenizer

        folder.mkdir(parents=True, exist_ok=True)
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=24,
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            BertModel(config, **options).save_pretrained(folder)
        (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
        BertTokenizer(vocab={word: row for row, word in enumerate(words)}, model_max_length=20).save_pretrained(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def tiny(make_tiny: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one tiny random BERT, shared: to be read only."""
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny")
