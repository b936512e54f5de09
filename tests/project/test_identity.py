"""Checkpoints, prompts, truncations, dtypes and protocols never share a record; nor does a model before and after a training step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import stsbench

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "i",
    "j",
    "query",
    ":",
    "the",
    "cat",
    "dog",
    "runs",
    "sleeps",
]


def checkpoint(folder: Path, seed: int) -> Path:
    """A tiny random BERT, saved as any checkpoint is."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    rows = [
        f"{' '.join(WORDS[5 + (i * 3 + k) % 10] for k in range(12))},{' '.join(WORDS[5 + (i * 7 + k) % 10] for k in range(9))},{i * 7 % 10}"
        for i in range(20)
    ]
    path = tmp_path / "pairs.csv"
    path.write_text("left,right,score\n" + "\n".join(rows) + "\n")
    return f"csv:{path},public=true"


def test_variants_never_share_a_record(tmp_path: Path, pairs: str) -> None:
    one, two = checkpoint(tmp_path / "x" / "model", 1), checkpoint(tmp_path / "y" / "model", 2)
    variants = [
        f"bert:{one}",
        f"bert:{two}",
        f"bert:{one},prompt=the%20",
        f"bert:{one},prompt_left=the%20",
        f"bert:{one},max_length=8",
        f"bert:{one},dtype=bfloat16,backend=torch",
        f"bert:{one},pooling=cls",
        f"sentence-transformers:{one}",
        f"sentence-transformers:{one},max_length=8",
        f"sentence-transformers:{one},truncate_dim=8",
        f"sentence-transformers:{one},dtype=bfloat16,backend=torch",
        f"sentence-transformers:{one},prompt=the%20",
    ]
    alone = {variant: stsbench.evaluate(variant, "dot", pairs).cells()[0]["spearman"] for variant in variants}
    results = tmp_path / "results"
    for _ in range(2):  # the second time from what was kept
        for variant in variants:
            (cell,) = stsbench.evaluate(variant, "dot", pairs, results=results).cells()
            assert cell["spearman"] == pytest.approx(alone[variant], abs=2e-6)
    records = [record for path in (results / "results").rglob("*.json") for record in json.loads(path.read_text())["records"]]
    assert len(records) == 2 * len(variants)
    assert len({record["key"] for record in records}) == 2 * len(variants)
    assert len({record["signature"] for record in records}) == 2 * len(variants)


def test_a_checkpoint_that_is_trained_further_in_place_is_another_encoder(tmp_path: Path, pairs: str) -> None:
    from transformers import BertModel

    folder = checkpoint(tmp_path / "model", 1)
    results = tmp_path / "results"
    before = stsbench.evaluate(f"bert:{folder}", "dot", pairs, results=results).entries[0]
    model = BertModel.from_pretrained(folder)
    for parameter in model.parameters():
        parameter.data += 0.05 * parameter.data.abs().sin()
    model.save_pretrained(folder)
    after = stsbench.evaluate(f"bert:{folder}", "dot", pairs, results=results).entries[0]
    assert before.encoder.fingerprint != after.encoder.fingerprint
    assert before.record.key != after.record.key
    assert len(list((results / "results").rglob("*.json"))) == 2


def test_a_live_model_before_and_after_a_training_step(tmp_path: Path, pairs: str) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(checkpoint(tmp_path / "model", 1)), device="cpu")
    before = stsbench.evaluate(model, "dot", pairs, results=tmp_path / "r").cells()[0]
    for parameter in model.parameters():
        parameter.data.mul_(-0.5).add_(0.2)
    after = stsbench.evaluate(model, "dot", pairs, results=tmp_path / "r").cells()[0]
    assert before["pearson"] != after["pearson"]
    assert not list((tmp_path / "r").rglob("*.json"))


def test_protocols_never_share_a_record(tmp_path: Path) -> None:
    """On a mirror of made-up pairs under the name of STS-B; that they differ from the definition is said, and is another matter."""
    folder = tmp_path / "mirror" / "mteb" / "stsbenchmark-sts"
    folder.mkdir(parents=True)
    rows = [{"sentence1": f"The cat's {i} toys.", "sentence2": f"A Dog has {i % 3} toys!", "score": float(i % 5)} for i in range(12)]
    (folder / "test.jsonl").write_text("\n".join(map(json.dumps, rows)))
    results = tmp_path / "results"
    entries: list[Any] = []
    for benchmark in ("STSBenchmark", "STSBenchmark,protocol=simcse"):
        entries += stsbench.evaluate("hashing", "cosine", benchmark, mirror=tmp_path / "mirror", results=results).headlines()
    assert len({entry.record.key for entry in entries}) == 2
    assert {entry.benchmark.protocol for entry in entries} == {"mteb", "simcse"}
    assert len(list((results / "results").rglob("*.json"))) == 2
