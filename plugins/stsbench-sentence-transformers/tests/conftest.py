"""Tiny random models for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def make_tiny(tmp_path: Path, words: list[str]) -> Callable[..., Path]:
    """Save a random model in a folder: a BERT of two layers and 16 dimensions, mean pooling, a dense layer to 8; or static vectors."""

    def make(name: str = "tiny", *, static: bool = False, prompts: dict[str, str] | None = None, default: str | None = None) -> Path:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import Dense, Transformer
        from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding
        from torch import nn
        from transformers import BertConfig, BertModel, BertTokenizer

        tokenizer = BertTokenizer(vocab={word: row for row, word in enumerate(words)}, model_max_length=20)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            if static:
                modules: list[nn.Module] = [StaticEmbedding(tokenizer, embedding_dim=16)]
            else:
                sizes: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
                base = tmp_path / f"{name}-base"
                BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=24, **sizes)).save_pretrained(base)
                tokenizer.save_pretrained(base)
                modules = [Transformer(str(base)), Pooling(16), Dense(16, 8)]
        folder = tmp_path / name
        SentenceTransformer(modules=modules, prompts=prompts, default_prompt_name=default, device="cpu").save_pretrained(
            str(folder), create_model_card=False
        )
        return folder

    return make
