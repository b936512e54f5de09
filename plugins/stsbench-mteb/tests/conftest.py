"""Tiny random models (of vectors that mteb's float32 can tell apart), mirrors of a few rows, and mteb's own evaluation of a task."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stsbench_mteb.loading import loaded
from stsbench_mteb.quiet import quiet
from stsbench_mteb.task import TaskOfMteb

SIZES: dict[str, Any] = {"initializer_range": 0.5, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A folder with a random model of words and letters: `tiny("mean")`, `tiny("cls", width=8)`, `tiny("static")`."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, StaticEmbedding
    from transformers import BertConfig, BertModel, BertTokenizer

    letters = [chr(code) for code in range(97, 123)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *"0123456789.,:'?-"]

    def make(kind: str, width: int = 16, prompts: dict[str, str] | None = None) -> Path:
        folder: Path = tmp_path_factory.mktemp(kind) / kind
        tokenizer = BertTokenizer(vocab={word: row for row, word in enumerate(words)}, model_max_length=128)
        with torch.random.fork_rng():
            torch.manual_seed(width)
            if kind == "static":
                modules: list[Any] = [StaticEmbedding(tokenizer, embedding_dim=width)]
            else:
                base = folder.parent / "base"
                BertModel(BertConfig(vocab_size=len(words), hidden_size=width, max_position_embeddings=512, **SIZES)).save_pretrained(base)
                tokenizer.save_pretrained(base)
                modules = [Transformer(str(base)), Pooling(width, pooling_mode=kind), Normalize()]
        SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save_pretrained(str(folder), create_model_card=False)
        return folder

    return make


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, list[dict[str, Any]]], Path]:
    """Write a file of a mirror: `put("mteb/sts12-sts/test.jsonl", rows)`; the mirror is what is returned."""

    def put(name: str, rows: list[dict[str, Any]]) -> Path:
        path = tmp_path / "mirror" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        return tmp_path / "mirror"

    return put


@pytest.fixture(scope="session")
def evaluated() -> Callable[..., dict[str, float]]:
    """What mteb's own `evaluate` finds for a model on the first split and subset of a task in a mirror."""

    def evaluate(model: Any, name: str, mirror: Path, **options: Any) -> dict[str, float]:
        import mteb

        benchmark = TaskOfMteb(name)
        task = loaded(benchmark.kind, benchmark.subsets, benchmark.splits, str(mirror)).task
        with quiet(models=True):
            result = mteb.evaluate(model, task, cache=None, show_progress_bar=False, co2_tracker=False, **options)
        return dict(result[0].scores[benchmark.splits[0]][0])

    return evaluate
