"""Tiny random models for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SIZES: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = [*MARKS, "the", "a", "cat", "dog", "sat", "on", "mat", ",", ".", "!", "query", "passage", ":", "##mat"]


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


def tokenizer() -> Any:
    from transformers import BertTokenizer

    return BertTokenizer(vocab={word: row for row, word in enumerate(WORDS)}, model_max_length=20)


@pytest.fixture
def base(tmp_path: Path) -> Callable[..., Path]:
    """Save a random BERT in a folder, with a head for masked words or without."""

    def make(name: str, masked: bool) -> Path:
        import torch
        from transformers import BertConfig, BertForMaskedLM, BertModel

        with torch.random.fork_rng():
            torch.manual_seed(3)
            config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=24, initializer_range=0.6, **SIZES)
            model = BertForMaskedLM(config) if masked else BertModel(config, add_pooling_layer=False)
            model.save_pretrained(tmp_path / name)
        tokenizer().save_pretrained(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def splade(base: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Save a SPLADE model; `routed`: with queries that are weighed by a table, as inference-free models have."""

    def make(routed: bool = False, prompts: dict[str, str] | None = None, **settings: Any) -> Path:
        import torch
        from sentence_transformers import SparseEncoder
        from sentence_transformers.base.modules import Router, Transformer
        from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding, SpladePooling

        chain = [Transformer(str(base("masked", True)), transformer_task="fill-mask"), SpladePooling("max")]
        table = SparseStaticEmbedding(tokenizer(), weight=torch.arange(len(WORDS)) / 7.0)
        modules: Any = [Router.for_query_document(query_modules=[table], document_modules=chain)] if routed else chain
        SparseEncoder(modules=modules, prompts=prompts, device="cpu", **settings).save_pretrained(
            str(tmp_path / "splade"), create_model_card=False
        )
        return tmp_path / "splade"

    return make


@pytest.fixture
def colbert(base: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Save a multi-vector model with prompts, query expansion and a skip list."""

    def make(normalised: bool = True, **settings: Any) -> Path:
        from sentence_transformers import MultiVectorEncoder
        from sentence_transformers.base.modules import Dense, Normalize, Transformer
        from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

        expansion = {"strategy": "fixed", "attend": False, "length": 12}
        modules: list[Any] = [
            Transformer(str(base("plain", False)), query_expansion=expansion, document_length=16),
            Dense(16, 8, bias=False, module_input_name="token_embeddings", module_output_name="token_embeddings"),
            MultiVectorMask(skiplist_words=[",", ".", "!"]),
            *([Normalize(module_input_name="token_embeddings")] if normalised else []),
        ]
        MultiVectorEncoder(
            modules=modules, prompts={"query": "query : ", "document": "passage : "}, device="cpu", **settings
        ).save_pretrained(str(tmp_path / "colbert"), create_model_card=False)
        return tmp_path / "colbert"

    return make
